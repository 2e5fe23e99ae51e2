"""S-06, S-07: a report held against the plan of the base."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import StandingWaiver
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome, Severity, SkippedBy
from readiness_gate.model.report import Report
from readiness_gate.publish import claims
from readiness_gate.publish.claims import ClaimRefused, Expected, claimed_items, concluded
from tests.engine.builders import items as planned
from tests.report.builders import BASE, HEAD, HOME, item, report

CONFIG = """\
merge: {}
items:
  readme: {check: file-exists}
  licence: {check: file-exists, blocking: false}
  later: {check: file-exists, stage: post-deploy}
  unfinished: {check: file-exists, todo: steps missing}
"""
EXPECTED = Expected(HOME, 10, HEAD)
WAIVER = StandingWaiver("readme", "agreed", "lead", "2026-12-31")


@pytest.fixture
def plan() -> tuple[PlannedItem, ...]:
    return planned(CONFIG)


def claimed(**outcomes: ItemResult) -> Report:
    items = {
        "readme": item("readme"),
        "licence": item("licence"),
        "later": item("later", Outcome.SKIPPED, skipped_by=SkippedBy.STAGE),
        "unfinished": item("unfinished", Outcome.PENDING),
    } | outcomes
    return report(*items.values())


def test_s06_outcomes_are_the_runs_and_everything_else_is_the_plans(
    plan: tuple[PlannedItem, ...],
) -> None:
    said = item(
        "readme", Outcome.FAILED, blocking=False, severity=Severity.LOW, title="Fine", check="x"
    )
    readme, licence, later, _ = claimed_items(plan, claimed(readme=said), {})
    assert (readme.outcome, readme.summary) == (Outcome.FAILED, "readme was looked at")
    assert (readme.blocking, readme.severity) == (True, Severity.HIGH)
    assert (readme.title, readme.check) == ("title of file-exists", "file-exists")
    assert licence.blocking is False
    assert (later.outcome, later.skipped_by) == (Outcome.SKIPPED, SkippedBy.STAGE)


def test_s06_the_merge_half_is_left_out(plan: tuple[PlannedItem, ...]) -> None:
    merge = item("dependencies-merged", half=Half.MERGE)
    made = claimed()
    found = claimed_items(plan, made.model_copy(update={"items": (*made.items, merge)}), {})
    assert [one.id for one in found] == ["readme", "licence", "later", "unfinished"]
    assert {one.half for one in found} == {Half.CHECKS}


DIFFERENCES: dict[str, tuple[Callable[[Report], Report], str]] = {
    "missing": (lambda made: _items(made, made.items[1:]), "misses: readme"),
    "surplus": (lambda made: _items(made, (*made.items, item("mine"))), "planned: mine"),
    "twice": (lambda made: _items(made, (*made.items, made.items[0])), "twice: readme"),
    "a checks item called merge": (
        lambda made: _items(made, (*made.items, item("mine", half=Half.MERGE))),
        "planned: mine",
    ),
    "skips itself": (
        lambda made: _first(made, item("readme", Outcome.SKIPPED, skipped_by=SkippedBy.WHEN)),
        "skipped by when",
    ),
    "waives itself": (lambda made: _first(made, item("readme", Outcome.WAIVED)), "no waiver"),
    "caused by nothing": (
        lambda made: _first(
            made,
            item("readme", Outcome.ERROR, error_class=ErrorClass.PREREQUISITE, cause="nothing"),
        ),
        "a cause that is no item",
    ),
    "ran what is of another stage": (
        lambda made: _items(made, (*made.items[:2], item("later"), made.items[3])),
        "later is passed, and the plan skips it",
    ),
    "passed what is not finished": (
        lambda made: _items(made, (*made.items[:3], item("unfinished"))),
        "its binding is not finished",
    ),
}


def _items(made: Report, items: tuple[ItemResult, ...]) -> Report:
    return made.model_copy(update={"items": items})


def _first(made: Report, one: ItemResult) -> Report:
    return _items(made, (one, *made.items[1:]))


@pytest.mark.parametrize("name", DIFFERENCES)
def test_s06_what_differs_from_the_plan_is_refused(
    name: str, plan: tuple[PlannedItem, ...]
) -> None:
    change, words = DIFFERENCES[name]
    with pytest.raises(ClaimRefused, match=words):
        claimed_items(plan, change(claimed()), {})


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.WAIVED])
def test_s08_a_waiver_of_the_base_counts_whatever_the_run_says(
    outcome: Outcome, plan: tuple[PlannedItem, ...]
) -> None:
    said = item("readme", outcome, details="would be failed: seen")
    found, *_ = claimed_items(plan, claimed(readme=said), {"readme": WAIVER})
    assert found.outcome is Outcome.WAIVED
    assert found.summary == "waived until 2026-12-31 by lead: agreed"


def test_s08_a_waiver_that_is_over_by_our_clock_lets_nothing_pass(
    plan: tuple[PlannedItem, ...],
) -> None:
    over = {"readme": WAIVER._replace(ended=True)}
    said = item("readme", Outcome.WAIVED, details="would be failed: 84 orphans", summary="waived")
    readme = claimed_items(plan, claimed(readme=said), over)[0]
    assert readme.outcome is Outcome.FAILED
    assert readme.summary == "84 orphans; its waiver by lead expired on 2026-12-31"
    again = claimed_items(plan, claimed(readme=readme), over)[0]
    assert again.summary == readme.summary


def test_s06_figures_are_numbers_under_plain_names(plan: tuple[PlannedItem, ...]) -> None:
    said = item("readme", figures={"tables": 88})
    assert claimed_items(plan, claimed(readme=said), {})[0].figures == {"tables": 88}
    for bad in ({"<b>": 1}, {"a": float("inf")}, {f"a{at}": 1 for at in range(41)}):
        with pytest.raises(ValidationError):
            item("readme", figures=bad)


def test_s06_an_error_cannot_be_waived(plan: tuple[PlannedItem, ...]) -> None:
    said = item("readme", Outcome.ERROR)
    found, *_ = claimed_items(plan, claimed(readme=said), {"readme": WAIVER})
    assert found.outcome is Outcome.ERROR


SUBJECTS: dict[str, dict[str, Any]] = {
    "another repository": {"repository": "acme/other"},
    "no repository": {"repository": None},
    "another pull request": {"pull_request": 11},
    "no pull request": {"pull_request": None},
    "another head": {"head_sha": BASE},
    "a base that is no commit": {"base_sha": "main"},
    "a tested commit that is none": {"tested_sha": "../../x" + "0" * 33},
    "a preview": {"preview": True},
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_s06_a_report_of_something_else_is_refused(name: str) -> None:
    claims.require_subject(claimed(), EXPECTED)
    with pytest.raises(ClaimRefused):
        claims.require_subject(claimed().model_copy(update=SUBJECTS[name]), EXPECTED)


def test_s18_a_preview_is_only_taken_where_the_base_has_no_configuration() -> None:
    preview = claimed().model_copy(update={"preview": True})
    claims.require_subject(preview, replace(EXPECTED, preview=True))
    with pytest.raises(ClaimRefused):
        claims.require_subject(claimed(), replace(EXPECTED, preview=True))


def test_s19_without_a_report_nothing_that_is_planned_is_green(
    plan: tuple[PlannedItem, ...],
) -> None:
    cause = claims.own_item(
        "published-report", Outcome.ERROR, title="t", check="artifact-exists",
        summary="the run left nothing", remediation="again",
    )  # fmt: skip
    rest = claims.unreported(plan, cause)
    assert [one.outcome for one in rest] == [
        Outcome.ERROR, Outcome.ERROR, Outcome.SKIPPED, Outcome.ERROR,
    ]  # fmt: skip
    assert {one.cause for one in rest if one.outcome is Outcome.ERROR} == {"published-report"}
    assert concluded(plan, rest, [cause]) is Conclusion.ERROR


def test_s19_what_waits_for_approval_waits() -> None:
    plan = planned("items: {readme: file-exists}\n")
    cause = claims.own_item(
        "published-report", Outcome.PENDING, title="t", check="artifact-exists",
        summary="not approved", remediation="approve", waiting_for="a maintainer",
    )  # fmt: skip
    rest = claims.unreported(plan, cause)
    assert concluded(plan, rest, [cause]) is Conclusion.PENDING
    assert {one.waiting_for for one in rest} == {"a maintainer"}


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR, Outcome.PENDING])
def test_s07_what_publishing_finds_itself_outweighs_a_green_report(outcome: Outcome) -> None:
    plan = planned("items: {readme: file-exists}\n")
    items = claimed_items(plan, report(item("readme")), {})
    own = claims.own_item(
        "mine", outcome, title="t", check="status-checks", summary="s", remediation="r",
        waiting_for="x",
    )  # fmt: skip
    assert concluded(plan, items, []) is Conclusion.SUCCESS
    assert concluded(plan, items, [own]) not in {Conclusion.SUCCESS, None}


def test_nothing_planned_has_no_conclusion() -> None:
    plan = planned("merge: {}\n")
    assert concluded(plan, (), []) is None
