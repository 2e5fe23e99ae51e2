"""Steps: what waits for them, what comes before them, and how a broken one is told."""

import pytest

from readiness_gate.checks.context import StepRecord
from readiness_gate.engine.steps import (
    REPORTER,
    reads_its_record,
    result_of,
    steps_for,
    with_predecessors,
    without,
)
from readiness_gate.model.outcome import CheckClass, ErrorClass, Need, Outcome
from tests.engine.builders import STEP_NAMES, steps


@pytest.mark.parametrize(
    ("needs", "check_class", "wanted"),
    [
        ([], CheckClass.READ, set()),
        ([Need.WORKSPACE, Need.GIT, Need.GITHUB], CheckClass.READ, set()),
        ([Need.IMAGES], CheckClass.READ, {"images"}),
        ([Need.STACK], CheckClass.READ, {"stack"}),
        ([Need.STACK], CheckClass.EXERCISE, {"settled"}),
        ([Need.STACK], CheckClass.MEASURE, {"settled"}),
        ([Need.STACK], CheckClass.DISRUPT, {"settled"}),
        ([Need.DATABASE], CheckClass.READ, {"migrate"}),
        ([Need.DATABASE, Need.STACK], CheckClass.READ, {"migrate", "stack"}),
    ],
)
def test_reading_checks_use_the_settle_window_and_the_others_wait(
    needs: list[Need], check_class: CheckClass, wanted: set[str]
) -> None:
    assert steps_for("http", frozenset(needs), check_class) == wanted


def test_the_reporter_of_the_stack_waits_until_it_has_settled() -> None:
    assert steps_for("stack-health", frozenset({Need.STACK}), CheckClass.READ) == {"settled"}


def test_a_step_brings_all_before_it_and_nothing_behind_it() -> None:
    assert with_predecessors(frozenset({"databases"}), steps()) == {
        "prepare", "images", "databases",
    }  # fmt: skip
    assert with_predecessors(frozenset(), steps()) == frozenset()
    assert with_predecessors(frozenset({"unknown"}), steps()) == frozenset()
    assert with_predecessors(frozenset({"settled"}), steps()) == set(STEP_NAMES)


def test_every_step_has_a_reporter() -> None:
    assert set(REPORTER) >= set(STEP_NAMES) | {"seed"}


@pytest.mark.parametrize("step", [*STEP_NAMES, "seed"])
def test_only_its_reporter_reads_a_record(step: str) -> None:
    assert not reads_its_record("http", step)


@pytest.mark.parametrize(
    ("record", "outcome", "error_class"),
    [
        (StepRecord("images", False, "s", infrastructure=True), Outcome.ERROR,
         ErrorClass.INFRASTRUCTURE),
        (StepRecord("images", False, "s", configuration=True), Outcome.ERROR,
         ErrorClass.CONFIGURATION),
        (StepRecord("images", False, "s"), Outcome.FAILED, None),
    ],
)  # fmt: skip
def test_whose_fault_a_broken_step_is(
    record: StepRecord, outcome: Outcome, error_class: ErrorClass | None
) -> None:
    result = result_of(record)
    assert (result.outcome, result.error_class, result.summary) == (outcome, error_class, "s")


@pytest.mark.parametrize(("platform", "wrong"), [(False, False), (True, False), (False, True)])
def test_what_an_error_advises_comes_before_what_the_check_advises(
    platform: bool, wrong: bool
) -> None:
    record = StepRecord(
        "prepare",
        False,
        "s",
        infrastructure=platform,
        configuration=wrong,
        advice="Install compose.",
    )
    assert result_of(record).remediation == "Install compose."


@pytest.mark.parametrize("step", ["images", "stack", "settled", "migrate"])
def test_a_step_that_is_not_configured_is_not_supported(step: str) -> None:
    result = without(step)
    assert result.unsupported
    assert result.error_class is ErrorClass.CONFIGURATION


@pytest.mark.parametrize(
    ("step", "section"), [("stack", "stack"), ("settled", "stack"), ("migrate", "databases")]
)
def test_a_section_that_lacks_is_the_next_step(step: str, section: str) -> None:
    assert f"Add the section `{section}`" in (without(step).remediation or "")
