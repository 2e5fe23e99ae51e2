from datetime import UTC, datetime, timedelta

import pytest

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.workflow_recency import CHECK
from readiness_gate.errors import ForgeError
from readiness_gate.model.delivery import DeliveredRun, WorkflowHistory
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts, FakeInventory
from tests.fakes.options import options, refusal
from tests.forge.clock import FakeClock
from tests.merge.builders import group, pull

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAILY = "{workflow: nightly.yml, max-age: 26h}"
PULL = facts(pull(30), at=30)


def seen(hours: float, state: str = "success", *, event: str = "schedule") -> DeliveredRun:
    return DeliveredRun(
        id=int(hours * 100) + 1,
        workflow=".github/workflows/nightly.yml",
        event=event,
        state=state,
        branch="main",
        commit="a" * 40,
        repository="acme/shop",
        created_at=NOW - timedelta(hours=hours),
        url="https://github.com/acme/shop/actions/runs/7",
    )


def run(
    *runs: DeliveredRun,
    text: str = DAILY,
    branch: str = "main",
    merge: MergeFacts | None = PULL,
) -> CheckResult:
    history = WorkflowHistory(workflow="nightly.yml", branch=branch, runs=runs)
    given = FakeFacts(inventory=FakeInventory(histories={("nightly.yml", branch): history}))
    found = context(merge=merge, github=given, clock=FakeClock(NOW))
    return CHECK.run(found, options(CHECK, text))


def test_a_recent_success_passes_with_its_age() -> None:
    result = run(seen(2))
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "nightly.yml on main succeeded 2 h ago",
    )
    assert "actions/runs/7" in str(result.evidence)
    assert run(seen(26)).outcome is Outcome.PASSED


def test_a_success_too_long_ago_is_a_failure() -> None:
    result = run(seen(27), seen(60))
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "nightly.yml on main succeeded 27 h ago, at most 26 h is allowed",
    )
    assert run(seen(24 * 9)).summary.startswith("nightly.yml on main succeeded 9 d ago")


@pytest.mark.parametrize(
    "state", ["failure", "cancelled", "timed_out", "skipped", "neutral", "action_required", "stale"]
)
def test_only_a_success_is_one(state: str) -> None:
    result = run(seen(1, state))
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        f"nightly.yml on main never succeeded; its newest run ended as {state}",
    )


def test_no_run_at_all_is_a_failure() -> None:
    result = run()
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "nightly.yml on main never succeeded",
    )


def test_a_failure_after_the_success_counts_where_it_is_asked_for() -> None:
    runs = (seen(1, "failure"), seen(20))
    assert run(*runs).outcome is Outcome.PASSED
    strict = run(*runs, text="{workflow: nightly.yml, max-age: 26h, newest: true}")
    assert (strict.outcome, strict.summary) == (
        Outcome.FAILED,
        "nightly.yml on main succeeded 20 h ago; its newest run ended as failure",
    )


@pytest.mark.parametrize("state", ["queued", "in_progress", "waiting", "requested", "pending"])
def test_while_a_run_goes_on_it_is_waited_for(state: str) -> None:
    result = run(seen(0.1, state), seen(30))
    assert (result.outcome, result.waiting_for) == (
        Outcome.PENDING,
        "the run of nightly.yml to end",
    )
    assert run(seen(0.1, state), seen(3)).outcome is Outcome.PASSED


def test_runs_of_other_events_do_not_count() -> None:
    text = "{workflow: nightly.yml, max-age: 26h, event: schedule}"
    assert run(seen(1, event="workflow_dispatch"), text=text).outcome is Outcome.FAILED
    assert run(seen(1), text=text).outcome is Outcome.PASSED


def test_the_branch_is_the_base_unless_named() -> None:
    queue = facts(pull(30, base="develop"), merge_group=group(30, base="develop"))
    assert run(seen(1), branch="develop", merge=queue).outcome is Outcome.PASSED
    text = "{workflow: .github/workflows/nightly.yml, max-age: 26h, branch: release/2}"
    assert run(seen(1), branch="release/2", text=text, merge=facts()).outcome is Outcome.PASSED
    nowhere = run(seen(1), merge=facts())
    assert (nowhere.outcome, nowhere.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_what_cannot_be_read_is_no_answer() -> None:
    lost = FakeFacts(
        inventory=FakeInventory(histories={("nightly.yml", "main"): ForgeError("404")})
    )
    with pytest.raises(ForgeError):
        CHECK.run(context(merge=PULL, github=lost), options(CHECK, DAILY))
    assert CHECK.run(context(merge=PULL), options(CHECK, DAILY)).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "text",
    [
        "{workflow: nightly.yml}",
        "{max-age: 1d}",
        "{workflow: nightly.yml, max-age: 0s}",
        "{workflow: Nightly, max-age: 1d}",
        "{workflow: ../secrets.yml, max-age: 1d}",
        "{workflow: nightly.yml, max-age: 1d, since: yesterday}",
    ],
)
def test_options_are_strict(text: str) -> None:
    assert refusal(CHECK, text)
