"""A whole evaluation; make each layer raise, and it is never green."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from readiness_gate.checks.context import CheckContext, MergeFacts, StepRecord
from readiness_gate.doors.clock import Deadline, SystemClock
from readiness_gate.engine.evaluate import Means, Subject, evaluate, planned
from readiness_gate.engine.merge_facts import facts_of
from readiness_gate.engine.results import OtherHalf
from readiness_gate.engine.steps import Step
from readiness_gate.errors import ForgeError, PermissionMissing, StackError
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Need, Outcome, Verdict
from readiness_gate.model.report import ApiUsage, Report
from readiness_gate.model.result import CheckResult, failed, passed, pending
from tests.engine.builders import (
    CATALOGUE,
    Heard,
    catalogue,
    check,
    context,
    listed,
    policy,
    scope,
    steps,
)
from tests.merge.builders import graph, pull

TEXT = "merge: {}\nstack: {}\nitems: {readme: file-exists}"
BOTH = frozenset(Half)


def no_facts(*, draft: bool = False) -> MergeFacts:
    change = pull(14, draft=draft)
    return facts_of(graph(change), change, None)


def evaluated(
    text: str = TEXT,
    *,
    checks: Any = CATALOGUE,
    done: tuple[Step, ...] | None = None,
    facts: Callable[[], MergeFacts] | None = no_facts,
    other: OtherHalf | None = None,
    halves: frozenset[Half] = BOTH,
    draft: bool = False,
    seconds: float = 60.0,
    stopped: Callable[[], bool] = lambda: False,
    release: Callable[[], bool] = lambda: False,
    **scoped: Any,
) -> Report:
    decided = policy(text)
    clock = SystemClock()
    means = Means(
        catalogue=listed(checks),
        clock=clock,
        deadline=Deadline(clock, seconds),
        listener=Heard(),
        stopped=stopped,
        steps=steps() if done is None else done,
        context=lambda records, seen: replace(context(), steps=records, merge=seen),
        merge_facts=(lambda: no_facts(draft=draft)) if facts is no_facts else facts,
        other_half=lambda: other,
        usage=ApiUsage,
        release=release,
    )
    change = pull(14, draft=draft)
    subject = Subject("acme/shop", change, None, change.head_sha, "b" * 40, None)
    plan = planned(decided, scope(**scoped), listed(checks))
    return evaluate(decided, plan, halves, subject, means)


def outcomes(report: Report) -> dict[str, Outcome]:
    return {item.id: item.outcome for item in report.items}


def test_where_all_is_proven_the_verdict_is_ready() -> None:
    report = evaluated()
    assert set(outcomes(report).values()) == {Outcome.PASSED}
    assert (report.conclusions.merge, report.conclusions.checks) == (
        Conclusion.SUCCESS, Conclusion.SUCCESS,
    )  # fmt: skip
    assert report.verdict is Verdict.READY
    assert (report.pull_request, report.repository) == (14, "acme/shop")
    assert report.finished_at >= report.started_at


def test_the_target_is_gone_before_github_is_asked_and_its_time_is_told() -> None:
    order: list[str] = []

    def release() -> bool:
        order.append("release")
        return True

    def facts() -> MergeFacts:
        order.append("facts")
        return no_facts()

    report = evaluated(facts=facts, release=release)
    assert order == ["release", "facts"]
    assert [span.kind for span in report.timeline if span.name == "teardown"] == ["teardown"]
    assert "teardown" not in {span.name for span in evaluated().timeline}


def test_every_item_carries_its_own_id_and_title_to_its_check() -> None:
    seen: list[tuple[str, str]] = []

    def note(context: CheckContext, _options: Any) -> CheckResult:
        seen.append((context.item_id, context.item_title))
        return passed("noted")

    evaluated("items: {readme: {check: file-exists, title: Read me}}",
              checks=catalogue(check("file-exists", note)))  # fmt: skip
    assert seen == [("readme", "Read me")]


# Each layer raises


def boom(*_: Any) -> Any:
    raise RuntimeError("boom")


BREAKS: dict[str, dict[str, Any]] = {
    "a reading check": {"checks": catalogue(check("file-exists", boom))},
    "the reporter of the images": {
        "checks": catalogue(check("image-build", boom, needs=[Need.IMAGES]))
    },
    "GitHub gives no answer": {"facts": lambda: (_ for _ in ()).throw(ForgeError("no answer"))},
    "a permission is missing": {
        "facts": lambda: (_ for _ in ()).throw(
            PermissionMissing("refused", permission="pull-requests: read")
        )
    },
    "reading the facts has a fault": {"facts": boom},
    "there is no GitHub": {"facts": None},
    "time is up": {"seconds": 0.0},
    "it was stopped": {"stopped": lambda: True},
    "no stack is there": {"done": (), "text": f"{TEXT[:-1]}, page: http}}"},
    "images broke": {"done": steps({"images": StepRecord("images", False, "broke")})},
    "the stack broke": {"done": steps({"stack": StepRecord("stack", False, "broke")})},
}


@pytest.mark.parametrize("name", list(BREAKS))
def test_whatever_breaks_is_never_green(name: str) -> None:
    def tell(context: CheckContext, _options: Any) -> CheckResult:
        record = next((one for one in context.steps.values() if not one.succeeded), None)
        return failed(record.summary) if record else passed("told")

    needs = {one.id: one.needs for one in CATALOGUE}
    reporters = [check(one, tell, needs=needs[one]) for one in ("image-build", "stack-health")]
    report = evaluated(**{"checks": catalogue(*reporters), **BREAKS[name]})
    assert report.verdict in {Verdict.BLOCKED, Verdict.ERROR}
    bad = {item.half for item in report.items if item.outcome in {Outcome.FAILED, Outcome.ERROR}}
    assert bad
    for half in bad:
        assert getattr(report.conclusions, half.value) is not Conclusion.SUCCESS


@pytest.mark.parametrize("part", ["context", "other_half", "usage", "listener"])
def test_a_fault_of_the_gate_itself_yields_no_report_at_all(part: str) -> None:
    decided = policy(f"{TEXT[:-1]}, sum: rollup}}")
    clock = SystemClock()

    class Deaf(Heard):
        def waiting(self, text: str) -> None:
            """Nothing is kept."""

        def began(self, name: str) -> None:
            boom()

    values: dict[str, Any] = {
        "catalogue": listed(CATALOGUE),
        "clock": clock,
        "deadline": Deadline(clock, 60),
        "listener": Deaf() if part == "listener" else Heard(),
        "stopped": lambda: False,
        "steps": steps(),
        "context": lambda records, seen: replace(context(), steps=records, merge=seen),
        "merge_facts": no_facts,
        "other_half": lambda: None,
        "usage": ApiUsage,
    }
    if part != "listener":
        values[part] = boom
    subject = Subject("acme/shop", pull(14), None, "a" * 40, None, None)
    plan = planned(decided, scope(), listed(CATALOGUE))
    with pytest.raises(RuntimeError, match="boom"):
        evaluate(decided, plan, BOTH, subject, Means(**values))


def test_without_facts_only_the_merge_half_is_an_error() -> None:
    report = evaluated(facts=BREAKS["GitHub gives no answer"]["facts"])
    assert (report.conclusions.merge, report.conclusions.checks) == (
        Conclusion.ERROR, Conclusion.SUCCESS,
    )  # fmt: skip
    (item,) = [one for one in report.items if one.half is Half.MERGE]
    assert (item.error_class, item.summary) == (ErrorClass.INFRASTRUCTURE, "no answer")


def test_without_github_the_merge_half_says_what_to_give() -> None:
    report = evaluated(facts=None)
    (item,) = [one for one in report.items if one.half is Half.MERGE]
    assert item.error_class is ErrorClass.CONFIGURATION
    assert "--snapshot" in item.remediation


def test_facts_are_not_read_where_no_merge_item_is_planned() -> None:
    assert evaluated("items: {readme: file-exists}", facts=boom).verdict is Verdict.READY
    assert evaluated(facts=boom, halves=frozenset({Half.CHECKS})).verdict is Verdict.READY


# Halves, drafts, scope


def test_one_half_alone_has_one_conclusion() -> None:
    report = evaluated(halves=frozenset({Half.MERGE}))
    assert report.conclusions.checks is None
    assert {item.half for item in report.items} == {Half.MERGE}
    assert report.verdict is Verdict.READY


def test_a_draft_waits_in_its_merge_half_only() -> None:
    report = evaluated(draft=True)
    assert (report.conclusions.merge, report.conclusions.checks) == (
        Conclusion.PENDING, Conclusion.SUCCESS,
    )  # fmt: skip
    assert report.verdict is Verdict.WAITING
    assert any("draft" in note for note in report.notes)


def test_a_draft_that_failed_stays_failed() -> None:
    checks = catalogue(check("dependencies-merged", lambda *_: failed("closed")))
    merge = checks[1]._replace(family=CATALOGUE[1].family)
    report = evaluated(draft=True, checks=(checks[0], merge, *checks[2:]))
    assert report.conclusions.merge is Conclusion.FAILURE


def test_with_nothing_planned_at_all_the_verdict_is_error() -> None:
    report = evaluated("items: {a: {check: file-exists, stage: scheduled}}")
    assert (report.conclusions.merge, report.conclusions.checks) == (None, None)
    assert report.verdict is Verdict.ERROR


def test_an_empty_configuration_is_an_error() -> None:
    assert evaluated("").verdict is Verdict.ERROR


def test_observing_only_decides_nothing_by_failures() -> None:
    checks = catalogue(check("file-exists", lambda *_: failed("gone")))
    report = evaluated("enforce: none\nitems: {readme: file-exists}", checks=checks)
    assert outcomes(report) == {"readme": Outcome.FAILED}
    assert not report.items[0].blocking
    assert report.conclusions.checks is Conclusion.SUCCESS


def test_waiting_is_between_ready_and_blocked() -> None:
    checks = catalogue(check("file-exists", lambda *_: pending("waits", waiting_for="legal")))
    assert evaluated(checks=checks).verdict is Verdict.WAITING


def test_what_the_other_half_says_reaches_the_roll_ups() -> None:
    text = "merge: {}\nitems: {sum: rollup, readme: file-exists}"
    report = evaluated(
        text,
        halves=frozenset({Half.MERGE}),
        other=OtherHalf(Half.CHECKS, Conclusion.FAILURE),
    )
    assert outcomes(report)["sum"] is Outcome.FAILED


def test_a_step_that_raises_ends_the_run_without_a_report() -> None:
    def work() -> StepRecord:
        raise StackError("steps never raise")

    first, *others = steps()
    with pytest.raises(StackError):
        evaluated(done=(replace(first, run=work), *others))


def test_github_is_asked_after_the_work_is_done_and_what_it_says_then_counts() -> None:
    told: list[str] = []

    def work(_context: CheckContext, _options: Any) -> CheckResult:
        told.append("worked")
        return passed("worked")

    def late() -> MergeFacts:
        told.append("asked")
        return no_facts(draft=True)

    report = evaluated(checks=catalogue(check("file-exists", work)), facts=late)
    assert told == ["worked", "asked"]
    assert report.conclusions.merge is Conclusion.PENDING


def test_a_half_that_ran_out_of_time_does_not_take_the_other_one_with_it() -> None:
    report = evaluated(seconds=0.0)
    assert report.conclusions.merge is Conclusion.SUCCESS
    assert report.conclusions.checks is Conclusion.ERROR
