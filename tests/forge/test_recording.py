"""What checks ask of GitHub, recorded from the double and answered again out of the file."""

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.recorded import Snapshot, dump_snapshot, load_snapshot
from readiness_gate.forge.recording import record
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.commit_checks import CommitChecks
from tests.forge.clock import FakeClock
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository
from tests.github_double.rules import Protection, pull_request, required_checks


@pytest.fixture
def head(double: GitHubDouble, shop: Repository) -> str:
    """The head of #14, with one of everything that checks ask about."""
    shop.collaborators["rita"] = "write"
    pull = shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("change", name="CI")
    shop.verdicts.check_run(pull.head_sha, "build", run=run)
    shop.verdicts.status(pull.head_sha, "readiness / checks", "success")
    shop.verdicts.deployment(pull.head_sha, "staging", "success")
    pull.review("APPROVED", author="rita")
    shop.rules.add(required_checks({"build": 15368}), pull_request(1))
    shop.rules.protect("main", Protection({"lint": None}))
    shop.alerts.analyse("refs/pull/14/merge", pull.head_sha)
    shop.alerts.add("code-scanning", "high", "py/sql-injection", where="refs/pull/14/merge")
    double.world.teams["acme/legal"] = ["lea"]
    return pull.head_sha


def _recorded(forge: GitHubForge) -> tuple[Snapshot, SnapshotForge]:
    made = record(forge, 14, clock=FakeClock(), teams=["acme/legal"])
    copy = load_snapshot(dump_snapshot(made), name="snapshot.json")
    assert copy == made
    return copy, SnapshotForge(copy)


@pytest.mark.parametrize("token", ["ghs_writer", "ghp_maintainer"])
def test_every_fact_is_answered_again(make_forge: MakeForge, head: str, token: str) -> None:
    live = make_forge(token)
    _, replayed = _recorded(live)
    assert replayed.checks([head]) == live.checks([head])
    assert isinstance(replayed.checks([head])[head], CommitChecks)
    assert replayed.reviews([14]) == live.reviews([14])
    assert replayed.deployments([head]) == live.deployments([head])
    assert replayed.branch_rules("main") == live.branch_rules("main") != BranchRules()
    ref = "pull-request 14"
    assert replayed.alerts("code-scanning", ref) == live.alerts("code-scanning", ref)
    assert len(replayed.alerts("code-scanning", ref).alerts) == 1
    assert replayed.identity() == live.identity()
    assert replayed.statuses(head)["readiness / checks"].creator == "github-actions[bot]"


def test_what_was_refused_is_refused_again_with_its_permission(
    live: GitHubForge, head: str
) -> None:
    copy, replayed = _recorded(live)
    with pytest.raises(PermissionMissing) as lacking:
        replayed.alerts("dependabot", "")
    assert lacking.value.permission == "vulnerability-alerts: read"
    with pytest.raises(PermissionMissing) as lacking:
        replayed.team("acme/legal")
    assert lacking.value.permission == "members: read"
    assert {one.fact for one in copy.lost} == {"alerts", "teams"}
    assert head in copy.checks


def test_an_administrator_records_what_only_administrators_see(
    make_forge: MakeForge, head: str
) -> None:
    copy, replayed = _recorded(make_forge("ghp_maintainer"))
    assert replayed.team("acme/legal") == ("lea",)
    assert not replayed.alerts("dependabot", "").enabled
    assert replayed.branch_rules("main").hidden == ()
    assert (copy.lost, len(copy.checks[head].checks)) == ((), 2)


def test_what_was_not_recorded_is_an_error_and_never_nothing(live: GitHubForge, head: str) -> None:
    _, replayed = _recorded(live)
    gone = "f" * 40
    assert gone != head
    assert isinstance(replayed.checks([gone])[gone], ForgeError)
    assert isinstance(replayed.reviews([99])[99], ForgeError)
    assert isinstance(replayed.deployments([gone])[gone], ForgeError)
    for ask in (
        lambda: replayed.branch_rules("other"),
        lambda: replayed.team("acme/nobody"),
        lambda: replayed.alerts("code-scanning", "refs/heads/other"),
    ):
        with pytest.raises(ForgeError, match="does not hold"):
            ask()


def test_statuses_of_somebody_else_keep_their_writer(
    shop: Repository, live: GitHubForge, head: str
) -> None:
    shop.verdicts.status(head, "readiness / checks", "success", creator="mallory")
    _, replayed = _recorded(live)
    assert replayed.statuses(head)["readiness / checks"].creator == "mallory"


def test_without_a_number_the_facts_of_every_open_one_are_recorded(
    shop: Repository, live: GitHubForge, head: str
) -> None:
    other = shop.pull_request(number=15).head_sha
    replayed = SnapshotForge(record(live, clock=FakeClock()))
    assert replayed.checks([head, other]) == live.checks([head, other])
    assert replayed.reviews([14, 15]) == live.reviews([14, 15])
