from dataclasses import replace

import pytest

from readiness_gate.checks.base import StepRecord
from readiness_gate.checks.database.migrations_applied import CHECK, MigrationsAppliedOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context


def result(run: MigrationRun | None, step: StepRecord | None = None) -> CheckResult:
    return CHECK.run(context(access(run=run), step=step), MigrationsAppliedOptions())


def ran(
    *,
    heads: tuple[str, ...] = ("c",),
    before: tuple[str, ...] = ("a",),
    after: tuple[str, ...] = ("c",),
    applied: tuple[str, ...] = ("b", "c"),
    error: str = "",
    failed: str | None = None,
    timed_out: bool = False,
    answered: bool = True,
) -> MigrationRun:
    return MigrationRun(
        "main", heads, before, after, applied, error, failed, timed_out, "log", answered
    )


def test_an_upgrade_that_ends_at_the_head_passes() -> None:
    found = result(ran())
    assert found.outcome is Outcome.PASSED
    assert found.summary == "at head c; 2 revisions applied from a"
    assert "from an empty database" in result(ran(before=())).summary


def test_several_heads_that_are_all_applied_pass_here() -> None:
    assert result(ran(heads=("b", "c"), after=("c", "b"))).outcome is Outcome.PASSED


@pytest.mark.parametrize("after", [("b",), (), ("c", "x"), ("x",)])
def test_a_database_that_is_not_at_the_head_fails(after: tuple[str, ...]) -> None:
    found = result(ran(after=after))
    assert found.outcome is Outcome.FAILED
    assert "the head is c" in found.summary


def test_a_failing_revision_is_named_with_its_cause() -> None:
    found = result(ran(after=("b",), applied=("b",), error="boom\n[SQL: x]", failed="c"))
    assert found.outcome is Outcome.FAILED
    assert found.summary == "revision c fails: boom"
    assert "1 revision stay applied; the database is at b" in found.details


def test_a_database_ahead_of_the_code_is_named() -> None:
    found = result(ran(before=("z",), after=("z",), error="Can't locate revision 'z'"))
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("the database is at z, which this checkout does not have")


def test_an_error_without_a_revision_fails_with_its_cause() -> None:
    assert result(ran(error="refused: 3 orphaned rows")).summary == (
        "the upgrade fails: refused: 3 orphaned rows"
    )


@pytest.mark.parametrize("timed_out", [True, False])
def test_no_answer_is_an_error_even_at_the_head(timed_out: bool) -> None:
    found = result(ran(error="did not end", timed_out=timed_out, answered=False))
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary == "did not end"


def test_a_project_without_revisions_is_not_a_pass() -> None:
    assert result(ran(heads=(), after=(), applied=())).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("step", "outcome", "kind"),
    [
        (StepRecord("migrate", False, "s"), Outcome.FAILED, None),
        (
            StepRecord("migrate", False, "s", infrastructure=True),
            Outcome.ERROR,
            ErrorClass.INFRASTRUCTURE,
        ),
        (
            StepRecord("migrate", False, "s", configuration=True),
            Outcome.ERROR,
            ErrorClass.CONFIGURATION,
        ),
    ],
)
def test_a_step_that_failed_before_the_probe_answers_for_it(
    step: StepRecord, outcome: Outcome, kind: ErrorClass | None
) -> None:
    found = result(None, step)
    assert (found.outcome, found.error_class) == (outcome, kind)
    advised = result(None, replace(step, advice="Name a service that there is."))
    assert advised.remediation == "Name a service that there is."


@pytest.mark.parametrize("step", [None, StepRecord("migrate", True, "0 revisions applied")])
def test_a_database_that_nobody_migrated_is_not_a_pass(step: StepRecord | None) -> None:
    with pytest.raises(ConfigurationError, match=r"no migrations of databases\.main were run"):
        result(None, step)
