from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from readiness_gate.checks.context import OwnRun
from readiness_gate.checks.merge.status_checks import CHECK, StatusChecksOptions
from readiness_gate.errors import ForgeError
from readiness_gate.model.branch_rules import BranchRules, RequiredCheck
from readiness_gate.model.commit_checks import CommitChecks, ReportedCheck, WorkflowState
from readiness_gate.model.job import Job
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import MergeGroup
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts
from tests.merge.builders import group, pull

HEAD = "a" * 40
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OWN = OwnRun("readiness", workflow="Readiness", job="gate")


def check(
    name: str,
    state: str = "success",
    *,
    kind: Literal["check-run", "status"] = "check-run",
    app: str = "github-actions",
    app_id: int | None = 15368,
    minutes: float | None = 0,
    workflow: str = "CI",
) -> ReportedCheck:
    return ReportedCheck(
        name=name,
        kind=kind,
        state=state,
        app=app,
        app_id=app_id if kind == "check-run" else None,
        creator=f"{app}[bot]" if app else "mallory",
        workflow=workflow if kind == "check-run" else "",
        started_at=None if minutes is None else START + timedelta(minutes=minutes),
    )


def status(name: str, state: str = "success", *, app: str = "github-actions") -> ReportedCheck:
    return check(name, state, kind="status", app=app)


def flow(state: str, *, jobs: int = 0, workflow: str = "CI") -> WorkflowState:
    return WorkflowState(workflow=workflow, event="pull_request", state=state, jobs=jobs)


def run(
    *reported: ReportedCheck,
    runs: tuple[WorkflowState, ...] = (),
    rules: BranchRules | ForgeError | None = None,
    merge_group: MergeGroup | None = None,
    head: str = HEAD,
    **options: Any,
) -> CheckResult:
    merge = facts(pull(17), at=17, merge_group=merge_group)
    known = FakeFacts(
        commits={head: CommitChecks(checks=reported, runs=runs)},
        branches={"main": rules} if rules is not None else {},
    )
    return CHECK.run(
        context(merge=merge, github=known, own=OWN, head_sha=head),
        StatusChecksOptions.model_validate(options),
    )


def required(*names: str | tuple[str, int]) -> BranchRules:
    pairs = [(one, None) if isinstance(one, str) else one for one in names]
    return BranchRules(
        required_checks=tuple(RequiredCheck(context=name, app_id=app) for name, app in pairs)
    )


def test_named_checks_that_are_green_pass() -> None:
    result = run(check("build"), status("deploy/preview"), checks=("build", "deploy/preview"))
    assert (result.outcome, result.summary) == (Outcome.PASSED, "2 checks are green")
    [table] = result.evidence
    assert table.kind == "table"
    assert table.rows[0][:4] == ("build", "success", "check-run", "github-actions")


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("failure", Outcome.FAILED, "build failed"),
        ("timed_out", Outcome.FAILED, "build ran out of time"),
        ("cancelled", Outcome.FAILED, "build was cancelled: nothing was proven"),
        ("stale", Outcome.FAILED, "build went stale: GitHub gave up waiting for it"),
        ("startup_failure", Outcome.FAILED, "build did not start"),
        ("neutral", Outcome.FAILED, "build ended neutral: nothing was proven"),
        ("skipped", Outcome.FAILED, "build was skipped: nothing was proven"),
        ("queued", Outcome.PENDING, "build is queued"),
        ("in_progress", Outcome.PENDING, "build is running"),
        ("waiting", Outcome.PENDING, "build waits for approval of its environment"),
        ("action_required", Outcome.PENDING, "build asks somebody to act"),
        ("unheard_of", Outcome.ERROR, "build is unheard_of, a word that the gate does not know"),
    ],
)
def test_every_state_has_words_of_its_own_and_a_next_step(
    state: str, outcome: Outcome, words: str
) -> None:
    result = run(check("build", state), checks=("build",))
    assert (result.outcome, result.summary) == (outcome, words)
    assert result.remediation
    assert bool(result.waiting_for) is (outcome is Outcome.PENDING)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("failure", Outcome.FAILED),
        ("error", Outcome.FAILED),
        ("pending", Outcome.PENDING),
        ("expected", Outcome.PENDING),
    ],
)
def test_statuses_have_their_own_states(state: str, outcome: Outcome) -> None:
    assert run(status("ci", state), checks=("ci",)).outcome is outcome


def test_what_is_neutral_or_skipped_passes_where_it_is_accepted() -> None:
    reported = (check("a", "neutral"), check("b", "skipped"))
    assert run(*reported, checks=("a", "b"), accept=("neutral", "skipped")).outcome is (
        Outcome.PASSED
    )
    assert run(*reported, checks=("a", "b"), accept=("neutral",)).summary.startswith("b was")


def test_absent_is_told_apart_from_on_its_way_and_from_awaiting_approval() -> None:
    absent = run(check("other"), checks=("build",))
    assert absent.outcome is Outcome.PENDING
    assert absent.summary == (
        "build is absent: nobody has reported it on aaaaaaa, and nothing runs"
    )
    assert absent.waiting_for == "build to be reported"
    moving = run(runs=(flow("in_progress", jobs=2),), checks=("build",))
    assert moving.summary == "build is not there yet: CI is under way"
    held = run(runs=(flow("action_required"),), checks=("build",))
    assert held.summary == "build has not run: CI awaits approval"
    assert held.waiting_for == "a maintainer to approve the run of CI"
    broken = run(runs=(flow("startup_failure"),), checks=("build",))
    assert (broken.outcome, broken.summary) == (
        Outcome.FAILED,
        "build is absent: CI did not start",
    )


def test_the_last_run_of_a_workflow_counts() -> None:
    again = (flow("action_required"), flow("in_progress", jobs=1))
    assert run(runs=again, checks=("build",)).summary == "build is not there yet: CI is under way"


def test_failed_wins_over_unknown_over_running() -> None:
    reported = (check("a", "in_progress"), check("b", "odd"), check("c", "failure"))
    assert run(*reported, checks=("a", "b", "c")).summary == "c failed"
    assert run(*reported, checks=("a", "b")).error_class is ErrorClass.INCONCLUSIVE
    assert run(*reported, checks=("a",)).waiting_for == "a to finish"


def test_the_newest_of_a_name_and_app_counts() -> None:
    old, new = check("build", "failure", minutes=0), check("build", "success", minutes=5)
    assert run(old, new, checks=("build",)).outcome is Outcome.PASSED
    assert run(new, old, checks=("build",)).outcome is Outcome.PASSED
    cancelled = check("build", "cancelled", minutes=9)
    assert run(new, cancelled, checks=("build",)).summary.startswith("build was cancelled")
    made_just_now = check("build", "queued", minutes=None)
    assert run(made_just_now, new, checks=("build",)).summary == "build is queued"


def test_two_apps_and_a_status_of_one_name_all_count() -> None:
    green, red = check("ci"), check("ci", "failure", app="other-ci", app_id=7)
    assert run(green, red, checks=("ci",)).outcome is Outcome.FAILED
    assert run(green, status("ci", "pending"), checks=("ci",)).outcome is Outcome.PENDING


def test_a_named_app_is_the_only_source_that_counts() -> None:
    green, red = check("ci"), check("ci", "failure", app="other-ci", app_id=7)
    assert run(green, red, checks=("ci",), app="github-actions").outcome is Outcome.PASSED
    forged = run(status("ci", app=""), checks=("ci",), app="github-actions")
    assert forged.outcome is Outcome.FAILED
    assert forged.summary == "ci was reported by mallory, and github-actions is expected"


def test_a_star_stands_for_any_text_and_brackets_for_themselves() -> None:
    reported = (check("test (3.11)"), check("test (3.12)", "failure"), check("lint [a]"))
    assert run(*reported, checks=("test *",)).summary == "test (3.12) failed"
    assert run(*reported, checks=("lint [a]",)).outcome is Outcome.PASSED
    assert run(*reported, checks=("docs *",)).summary.startswith("docs * is absent")


def test_required_checks_come_from_the_rules_of_the_base_branch() -> None:
    result = run(check("build"), rules=required("build", "test"))
    assert result.outcome is Outcome.PENDING
    assert result.summary.startswith("test is absent")
    assert run(check("build"), rules=required("build")).outcome is Outcome.PASSED


def test_own_contexts_and_the_own_job_are_never_waited_for() -> None:
    own = (
        status("readiness / merge", "pending"),
        status("readiness / checks", "failure"),
        check("gate", "in_progress", workflow="Readiness"),
        check("gate (1)", "in_progress", workflow="Readiness"),
    )
    rules = required("readiness / merge", "readiness / checks", "build")
    assert run(*own, check("build"), rules=rules).outcome is Outcome.PASSED
    assert run(*own, check("build"), every=True).summary == "1 check is green"
    other = check("gate", "in_progress", workflow="CI")
    assert run(*own, other, every=True).outcome is Outcome.PENDING
    only_own = run(*own, rules=required("readiness / merge"))
    assert (only_own.outcome, only_own.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def _beside(name: str, state: str, *, runner: str = "Hosted 7", status: str) -> CheckResult:
    """The result of a gate on the runner `Hosted 7` whose workflow has a job of this name."""
    gate = Job(name="The gate", runner="Hosted 7", status="in_progress")
    jobs = (gate, Job(name=name, runner=runner, status=status))
    reported = (
        check("The gate", "in_progress", workflow="Readiness"),
        check(name, state, workflow="Readiness"),
        check("build"),
    )
    known = FakeFacts(commits={HEAD: CommitChecks(checks=reported)}, jobs_of={77: jobs})
    own = replace(OWN, run=77, runner="Hosted 7")
    return CHECK.run(
        context(merge=facts(pull(17), at=17), github=known, own=own, head_sha=HEAD),
        StatusChecksOptions(every=True),
    )


def test_the_own_job_is_known_by_its_runner_where_it_has_another_name() -> None:
    assert _beside("lint", "success", status="completed").summary == "2 checks are green"
    running = _beside("lint", "in_progress", runner="Hosted 8", status="in_progress")
    assert (running.outcome, running.summary) == (Outcome.PENDING, "lint is running")


def test_an_earlier_job_on_the_same_runner_is_not_the_gate() -> None:
    assert _beside("test", "failure", status="completed").summary == "test failed"


def test_a_job_of_the_own_workflow_that_nobody_can_name_is_waited_for() -> None:
    reported = check("The gate", "in_progress", workflow="Readiness")
    assert run(reported, check("build"), every=True).summary == "The gate is running"


def test_the_expected_source_of_a_rule_is_compared() -> None:
    actions, other = ("build", 15368), ("build", 7)
    assert run(check("build"), rules=required(actions)).outcome is Outcome.PASSED
    wrong = run(check("build"), rules=required(other))
    assert (wrong.outcome, wrong.summary) == (
        Outcome.FAILED,
        "build was reported by github-actions, and app 7 is expected",
    )
    assert run(status("build"), rules=required(actions)).outcome is Outcome.PASSED
    assert run(status("build", app=""), rules=required(actions)).outcome is Outcome.FAILED
    assert run(status("build", app="x"), rules=required(other)).outcome is Outcome.ERROR


def test_rules_that_the_token_cannot_see_are_an_error_and_not_green() -> None:
    result = run(check("build"), rules=BranchRules(hidden=("checks", "bypass")))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert result.summary == "unknown what main requires: needs administration: read"
    seen = BranchRules(required_checks=required("build").required_checks, hidden=("bypass",))
    assert run(check("build"), rules=seen).outcome is Outcome.PASSED


def test_zero_checks_are_no_pass() -> None:
    assert run(rules=BranchRules()).outcome is Outcome.ERROR
    empty = run(every=True)
    assert empty.outcome is Outcome.PENDING
    assert empty.waiting_for == "a check to be reported"
    assert run(check("build"), every=True, ignore=("build",)).outcome is Outcome.PENDING
    assert run(check("docs", "skipped"), every=True).outcome is Outcome.FAILED


def test_every_leaves_out_what_was_skipped_beside_something_green() -> None:
    reported = (check("build"), check("docs", "skipped"))
    assert run(*reported, every=True).summary == "1 check is green"


def test_every_waits_for_workflows_whose_jobs_are_not_all_reported() -> None:
    for state, words in (
        ("in_progress", "CI is under way"),
        ("action_required", "CI has not run: CI awaits approval"),
    ):
        result = run(check("lint"), runs=(flow(state, jobs=0),), every=True)
        assert (result.outcome, result.summary) == (Outcome.PENDING, words)
    broken = run(check("lint"), runs=(flow("startup_failure"),), every=True)
    assert broken.outcome is Outcome.FAILED
    own = flow("in_progress", jobs=1, workflow="Readiness")
    assert run(check("lint"), runs=(own,), every=True).outcome is Outcome.PASSED


def test_a_workflow_run_without_jobs_proves_nothing() -> None:
    result = run(runs=(flow("skipped"),), every=True)
    assert result.outcome is not Outcome.PASSED


def test_a_merge_group_is_judged_on_its_own_commit() -> None:
    queued = group(17)
    result = run(check("build"), merge_group=queued, head=queued.head_sha, checks=("build",))
    assert result.outcome is Outcome.PASSED


def test_what_cannot_be_read_is_raised_and_without_facts_it_cannot_tell() -> None:
    with pytest.raises(ForgeError):
        run(check("build"), rules=ForgeError("HTTP 502"))
    options = StatusChecksOptions(checks=("build",))
    assert CHECK.run(context(merge=None), options).outcome is Outcome.ERROR
    assert CHECK.run(context(merge=facts(pull(17), at=17)), options).outcome is Outcome.ERROR


def test_outside_a_pull_request_the_checks_have_to_be_named() -> None:
    known = FakeFacts(commits={HEAD: CommitChecks(checks=(check("build"),))})
    deployed = context(merge=facts(), github=known, head_sha=HEAD)
    assert CHECK.run(deployed, StatusChecksOptions(checks=("build",))).outcome is Outcome.PASSED
    assert CHECK.run(deployed, StatusChecksOptions()).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "options",
    [{"app": "github-actions"}, {"every": True, "checks": ["a"]}, {"accept": ["failure"]}],
)
def test_options_that_contradict_themselves_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StatusChecksOptions.model_validate(options)


STATES = (
    "success", "failure", "neutral", "skipped", "cancelled", "stale", "timed_out", "queued",
    "in_progress", "waiting", "action_required", "startup_failure", "unheard_of",
)  # fmt: skip


@given(data=st.data())
def test_nothing_passes_without_a_success_that_counts(data: st.DataObject) -> None:
    names = st.sampled_from(["build", "test", "gate", "readiness / merge"])
    apps = st.sampled_from(["github-actions", "other-ci"])
    reported = tuple(
        check(
            name,
            data.draw(st.sampled_from(STATES)),
            kind=data.draw(st.sampled_from(["check-run", "status"])),
            app=data.draw(apps),
            minutes=data.draw(st.integers(0, 3)),
            workflow=data.draw(st.sampled_from(["CI", "Readiness"])),
        )
        for name in data.draw(st.lists(names, max_size=5))
    )
    runs = tuple(
        flow(state, jobs=data.draw(st.integers(0, 1)))
        for state in data.draw(st.lists(st.sampled_from(STATES), max_size=2))
    )
    accept = data.draw(st.sampled_from([(), ("skipped",)]))
    every: dict[str, Any] = {"every": True}
    wanted = data.draw(st.sampled_from([every, {"checks": ("build", "test")}, {}]))
    rules = required("build", "readiness / merge")
    result = run(*reported, runs=runs, rules=rules, accept=accept, **wanted)
    if result.outcome is not Outcome.PASSED:
        return
    green = {one.name for one in reported if one.state in {"success", *accept}}
    names_wanted = wanted.get("checks", () if "every" in wanted else ("build",))
    assert set(names_wanted) <= green
    assert green - {"readiness / merge"}
    assert not {one.state for one in runs[-1:]} & {"action_required", "startup_failure"} or (
        "every" not in wanted
    )
