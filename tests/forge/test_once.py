from collections.abc import Callable

import pytest

from readiness_gate.errors import ForgeError
from readiness_gate.forge.once import BATCH, FactsOnce
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.alert import Alerts
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.commit_checks import CommitChecks, ReportedCheck
from readiness_gate.model.review import Reviews
from tests.forge.builders import pull_request, sha, snapshot

CHECKS = CommitChecks(checks=(ReportedCheck(name="build", kind="check-run", state="success"),))


def known(count: int, *, on_call: Callable[[str], None] | None = None) -> SnapshotForge:
    recorded = snapshot(*(pull_request(number) for number in range(1, count + 1)))
    heads = {sha(f"head {number}"): CHECKS for number in range(1, count + 1)}
    return SnapshotForge(
        recorded.model_copy(
            update={
                "checks": heads,
                "reviews": {number: Reviews() for number in range(1, count + 1)},
                "branch_rules": {"main": BranchRules(strict=True)},
                "alerts": {"dependabot": Alerts(), "code-scanning pull-request 1": Alerts()},
            }
        ),
        on_call=on_call,
    )


def test_nothing_is_read_before_it_is_asked_for_and_nothing_twice() -> None:
    calls: list[str] = []
    forge = known(3, on_call=calls.append)
    facts = FactsOnce(forge)
    facts.expect(forge.open_pull_requests())
    calls.clear()
    for number in (1, 2, 3, 1):
        assert facts.checks(sha(f"head {number}")) == CHECKS
    assert calls == ["checks"]
    facts.reviews(2)
    facts.branch_rules("main")
    facts.branch_rules("main")
    facts.alerts("dependabot", "pull-request 1")
    facts.alerts("dependabot", "pull-request 2")
    assert calls == ["checks", "reviews", "branch_rules", "alerts"]


def test_a_sweep_is_read_in_batches_from_the_one_that_is_asked_for_on() -> None:
    calls: list[str] = []
    forge = known(60, on_call=calls.append)
    facts = FactsOnce(forge)
    facts.expect(forge.open_pull_requests())
    calls.clear()
    for number in range(1, BATCH + 1):
        facts.checks(sha(f"head {number}"))
    assert calls == ["checks"]
    for number in range(BATCH + 1, 61):
        facts.checks(sha(f"head {number}"))
    assert calls == ["checks"] * 3


def test_what_nobody_expects_is_read_alone() -> None:
    facts = FactsOnce(known(2))
    assert facts.checks(sha("head 2")) == CHECKS
    with pytest.raises(ForgeError, match="does not hold checks of"):
        facts.checks("f" * 40)


def test_an_error_is_kept_and_raised_again() -> None:
    calls: list[str] = []

    def fails(method: str) -> None:
        calls.append(method)
        if method == "branch_rules":
            raise ForgeError("HTTP 502")

    facts = FactsOnce(known(1, on_call=fails))
    for _ in range(2):
        with pytest.raises(ForgeError, match="HTTP 502"):
            facts.branch_rules("main")
    assert calls == ["branch_rules"]


def test_one_that_is_lost_does_not_lose_the_others() -> None:
    forge = known(2)
    forge.put(pull_request(3).fact("acme/shop"))
    facts = FactsOnce(forge)
    facts.expect(forge.open_pull_requests())
    assert facts.checks(sha("head 1")) == CHECKS
    with pytest.raises(ForgeError):
        facts.checks(sha("head 3"))
