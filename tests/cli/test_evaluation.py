"""The merge half with further facts of GitHub, out of facts in memory and from the double."""

from collections.abc import Callable
from pathlib import Path

import pytest

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors
from readiness_gate.cli.evaluation import Gate, evaluate_case, open_gate, plan_case
from readiness_gate.cli.merge import sweep
from readiness_gate.cli.subject import case_of, read_event
from readiness_gate.doors.settings import from_environment
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import Forge
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.recorded import RecordedStatus, Snapshot
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.branch_rules import BranchRules, RequiredCheck
from readiness_gate.model.commit_checks import CommitChecks, ReportedCheck
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Half, Outcome
from tests.forge import builders
from tests.forge.clock import FakeClock
from tests.github_double import GitHubDouble

HEAD = builders.sha("head 30")
ITEMS = """\
version: 1
items:
  green: {check: status-checks}
  required: {check: branch-protection}
  all: rollup
  readme: {check: file-exists, with: {path: README.md}}
"""


def gate_of(
    tmp_path: Path, forge: Forge, config: str = ".github/readiness.yml", **more: str
) -> Gate:
    settings = from_environment(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_WORKSPACE": str(tmp_path),
            **more,
        },
        {"mode": "merge", "pull-request": "30", "config": config},
    )
    return open_gate(settings, open_doors(settings), forge, Console())


def decided(tmp_path: Path, forge: Forge, **more: str) -> dict[str, ItemResult]:
    gate = gate_of(tmp_path, forge, **more)
    case = case_of(read_event(gate.settings), gate.settings, gate.doors, forge)
    report = evaluate_case(gate, case, plan_case(gate, case), frozenset({Half.MERGE}), quiet=True)
    return {item.id: item for item in report.items}


def known(
    *checks: ReportedCheck,
    other: str | None = None,
    creator: str = "github-actions[bot]",
    items: str = ITEMS,
) -> Snapshot:
    contexts = ("readiness / merge", "readiness / checks", "build")
    rules = BranchRules(
        required_checks=tuple(RequiredCheck(context=one, app_id=15368) for one in contexts)
    )
    status = RecordedStatus(
        context="readiness / checks", state=Conclusion(other or "success"), creator=creator
    )
    recorded = builders.snapshot(
        builders.pull_request(30),
        files={".github/readiness.yml": items},
        statuses={HEAD: [status]} if other else None,
    )
    return recorded.model_copy(
        update={"checks": {HEAD: CommitChecks(checks=checks)}, "branch_rules": {"main": rules}}
    )


def build(state: str = "success", *, name: str = "build", workflow: str = "CI") -> ReportedCheck:
    return ReportedCheck(
        name=name,
        kind="check-run",
        state=state,
        app="github-actions",
        app_id=15368,
        workflow=workflow,
    )


def test_checks_ask_github_and_leave_out_the_gate_itself(tmp_path: Path) -> None:
    own = build("in_progress", name="gate", workflow="Readiness")
    found = decided(
        tmp_path,
        SnapshotForge(known(build(), own, other="success")),
        GITHUB_WORKFLOW="Readiness",
        GITHUB_JOB="gate",
    )
    assert (found["green"].outcome, found["green"].summary) == (Outcome.PASSED, "1 check is green")
    assert found["required"].summary == "main requires readiness / merge, readiness / checks"
    assert found["all"].outcome is Outcome.PASSED


def test_only_planned_halves_have_to_be_required(tmp_path: Path) -> None:
    items = "version: 1\nitems:\n  required: {check: branch-protection}\n"
    found = decided(tmp_path, SnapshotForge(known(items=items)))
    assert found["required"].summary == "main requires readiness / merge"


def test_a_permission_that_lacks_is_a_configuration_error_of_its_item_alone(tmp_path: Path) -> None:
    def refuse(method: str) -> None:
        if method == "branch_rules":
            raise PermissionMissing("403", permission="administration: read", advice="an App")

    found = decided(tmp_path, SnapshotForge(known(other="success"), on_call=refuse))
    assert (found["green"].outcome, found["green"].error_class) == (
        Outcome.ERROR,
        ErrorClass.CONFIGURATION,
    )
    assert found["green"].remediation == "an App"


@pytest.mark.parametrize("creator", ["mallory", "other-app[bot]", ""])
def test_s_20_a_status_that_somebody_else_wrote_is_not_taken(tmp_path: Path, creator: str) -> None:
    found = decided(tmp_path, SnapshotForge(known(build(), other="success", creator=creator)))
    assert (found["all"].outcome, found["all"].error_class) == (
        Outcome.ERROR,
        ErrorClass.INCONCLUSIVE,
    )
    who = creator or "somebody unknown"
    assert f"readiness / checks was written by {who}, not by github-actions[bot]" in (
        found["all"].summary
    )


def test_a_status_of_the_other_half_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    def fail(method: str) -> None:
        if method == "statuses":
            raise ForgeError("HTTP 502")

    found = decided(tmp_path, SnapshotForge(known(build(), other="success"), on_call=fail))
    assert found["all"].outcome is Outcome.ERROR
    assert "readiness / checks could not be read: HTTP 502" in found["all"].summary


@pytest.mark.parametrize(
    ("other", "outcome"),
    [("success", Outcome.PASSED), ("failure", Outcome.FAILED), (None, Outcome.PENDING)],
)
def test_the_other_half_counts_by_the_status_that_the_gate_wrote(
    tmp_path: Path, other: str | None, outcome: Outcome
) -> None:
    found = decided(tmp_path, SnapshotForge(known(build(), other=other)))
    assert found["all"].outcome is outcome


def _swept(tmp_path: Path, items: str, prepare: Callable[[GitHubDouble], None]) -> list[str]:
    """Return what a sweep asks of GitHub's GraphQL beside the list, in its first words."""
    with GitHubDouble() as double:
        double.repository("acme/shop")
        prepare(double)
        (tmp_path / "readiness.yml").write_text(items)
        forge = GitHubForge(
            repository="acme/shop",
            token="ghs_writer",
            api_url=double.api_url,
            graphql_url=double.graphql_url,
            clock=FakeClock(),
            seconds_between_writes=0,
        )
        # Not in Actions nothing is written, and the configuration is the working tree's.
        gate = gate_of(tmp_path, forge, "readiness.yml", GITHUB_ACTIONS="")
        assert sweep(gate, output_format="json") == 0
        return [text for text in double.queries if "fragment reported" in text] + [
            text for text in double.queries if "fragment reviewed" in text
        ]


def _thirty(double: GitHubDouble) -> None:
    shop = double.world.repository("acme/shop")
    for number in range(1, 31):
        shop.verdicts.check_run(shop.pull_request(number=number).head_sha, "build")


def test_a_sweep_reads_checks_in_batches_and_only_where_an_item_asks(tmp_path: Path) -> None:
    asking = "version: 1\nitems: {green: {check: status-checks, with: {checks: [build]}}}\n"
    assert len(_swept(tmp_path, asking, _thirty)) == 2
    silent = "version: 1\nmerge: {}\n"
    assert _swept(tmp_path, silent, _thirty) == []
