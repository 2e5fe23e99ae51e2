"""Checks, reviews, rules, deployments and alerts, driven from outside against the double."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contracts.outside import CHECKS, MERGE, Called, Command, Site, site
from tests.github_double import events
from tests.github_double.pulls import PullRequest
from tests.github_double.rules import Protection, required_checks

CONFIG = """\
version: 1
items:
  ci: status-checks
  reviewed: {check: review-approval, with: {approvals: 1}}
  protected: branch-protection
  staged: {check: deployment-status, with: {environment: staging}}
  secure: {check: code-alerts, with: {kinds: [code-scanning]}}
"""
IDS = ("ci", "reviewed", "protected", "staged", "secure")


@pytest.fixture
def shop(command: Command, tmp_path: Path) -> Iterator[Site]:
    with site(command, tmp_path / "workspace", CONFIG) as made:
        made.home.collaborators["rita"] = "write"
        made.home.rules.add(required_checks({MERGE: 15368, CHECKS: 15368, "build": 15368}))
        yield made


@pytest.fixture
def pull(shop: Site) -> PullRequest:
    """#14, of which everything that is asked for is true."""
    pull = shop.home.pull_request(number=14, head="change")
    run = shop.home.verdicts.workflow_run("change", name="CI")
    shop.home.verdicts.check_run(pull.head_sha, "build", run=run)
    pull.review("APPROVED", author="rita")
    shop.home.verdicts.deployment(pull.head_sha, "staging", "success")
    shop.home.alerts.analyse("refs/pull/14/merge", pull.head_sha)
    return pull


def judged(shop: Site, pull: PullRequest) -> Called:
    event = events.pull_request(shop.double, pull, "opened")
    return shop.on(event, "merge", "--pull-request", "14", "--comment", "never")


def test_what_is_true_of_all_five_is_ready(shop: Site, pull: PullRequest) -> None:
    done = judged(shop, pull)
    assert done.exit_code == 0, done.said
    found = {id_: done.item(id_)["summary"] for id_ in IDS}
    assert found == {
        "ci": "1 check is green",
        "reviewed": "#14 is approved by rita",
        "protected": "main requires readiness / merge",
        "staged": f"{pull.head_sha[:7]} is deployed to staging",
        "secure": "no open alert of severity high or worse",
    }
    assert shop.states(pull.head_sha)[MERGE] == "success"


def _red(shop: Site, pull: PullRequest) -> None:
    shop.home.verdicts.check_run(pull.head_sha, "build", conclusion="failure")


def _running(shop: Site, pull: PullRequest) -> None:
    shop.home.verdicts.check_run(pull.head_sha, "build", status="in_progress")


def _forged(shop: Site, pull: PullRequest) -> None:
    shop.home.verdicts.check_runs.clear()
    shop.home.verdicts.status(pull.head_sha, "build", "success", creator="mallory")


def _changes(_shop: Site, pull: PullRequest) -> None:
    pull.review("CHANGES_REQUESTED", author="maintainer")


def _deploying(shop: Site, pull: PullRequest) -> None:
    shop.home.verdicts.deployment(pull.head_sha, "staging", "in_progress")


def _alert(shop: Site, _pull: PullRequest) -> None:
    shop.home.alerts.add("code-scanning", "critical", "sql", where="refs/pull/14/merge")


def _unprotected(shop: Site, _pull: PullRequest) -> None:
    shop.home.rules.rulesets.clear()
    shop.home.rules.add(required_checks({"build": 15368}))


def _hidden(shop: Site, _pull: PullRequest) -> None:
    shop.home.rules.rulesets.clear()
    shop.home.rules.protect("main", Protection({"build": None}, shown=False))


@pytest.mark.parametrize(
    ("change", "item", "outcome", "state"),
    [
        (_red, "ci", "failed", "failure"),
        (_running, "ci", "pending", "pending"),
        (_forged, "ci", "failed", "failure"),
        (_changes, "reviewed", "failed", "failure"),
        (_deploying, "staged", "pending", "pending"),
        (_alert, "secure", "failed", "failure"),
        (_unprotected, "protected", "failed", "failure"),
        (_hidden, "ci", "error", "error"),
    ],
)
def test_each_alone_keeps_it_from_being_merged(
    shop: Site,
    pull: PullRequest,
    change: Callable[[Site, PullRequest], None],
    item: str,
    outcome: str,
    state: str,
) -> None:
    change(shop, pull)
    done = judged(shop, pull)
    assert done.item(item)["outcome"] == outcome, done.said
    assert done.item(item)["remediation"]
    assert shop.states(pull.head_sha)[MERGE] == state


def test_a_push_takes_checks_approvals_and_deployments_with_it(
    shop: Site, pull: PullRequest
) -> None:
    pull.push()
    done = judged(shop, pull)
    assert done.report["verdict"] == "waiting", done.said
    assert done.item("ci")["summary"].startswith("build is absent")
    assert "rita approved" in done.item("reviewed")["summary"]
    assert done.item("staged")["outcome"] == "pending"


def test_a_merge_group_is_decided_on_its_own_commit(shop: Site, pull: PullRequest) -> None:
    entry = shop.home.queue.add(14)
    shop.home.alerts.analyse(f"refs/heads/{entry.head_ref.removeprefix('refs/heads/')}", "a" * 40)
    event = events.merge_group(shop.double, shop.home, entry)
    waiting = shop.on(event, "run", "--half", "merge", "--comment", "never")
    assert waiting.item("ci")["outcome"] == "pending", waiting.said
    assert waiting.item("reviewed")["summary"] == "#14 is approved by rita"
    assert shop.states(entry.head_sha)[MERGE] == "failure"
    shop.home.verdicts.check_run(entry.head_sha, "build")
    shop.home.verdicts.deployment(entry.head_sha, "staging", "success")
    ready = shop.on(event, "run", "--half", "merge", "--comment", "never")
    assert ready.exit_code == 0, ready.said
    assert shop.states(entry.head_sha)[MERGE] == "success"
    assert MERGE not in shop.states(pull.head_sha)


def test_a_sweep_sees_what_became_of_checks_and_reviews(shop: Site, pull: PullRequest) -> None:
    judged(shop, pull)
    assert shop.states(pull.head_sha)[MERGE] == "success"
    shop.home.verdicts.check_run(pull.head_sha, "build", conclusion="cancelled")
    done = shop.asked("merge", "--publish", "--comment", "never")
    assert done.exit_code == 0, done.said
    assert shop.states(pull.head_sha)[MERGE] == "failure"


def test_a_recorded_snapshot_says_the_same_offline(shop: Site, pull: PullRequest) -> None:
    file = shop.folder.parent / "facts.json"
    made = shop.asked("snapshot", "--pull-request", "14", f"--output={file}")
    assert made.exit_code == 0, made.said
    shop.double.faults.add("*", ".*", "drop-before", times=99)
    again = shop.command(
        shop.folder, "merge", "--pull-request", "14", f"--snapshot={file}", environment={}
    )
    assert again.exit_code == 0, again.said
    assert again.item("ci")["summary"] == "1 check is green"
    assert again.item("secure")["outcome"] == "passed"


def test_a_token_that_lacks_a_permission_is_an_error_that_names_it(
    shop: Site, pull: PullRequest
) -> None:
    shop.double.token("ghs_narrow", checks="none", deployments="none", security_events="none")
    shop.token = "ghs_narrow"
    done = judged(shop, pull)
    assert done.exit_code == 3, done.said
    named = {id_: done.item(id_)["summary"] for id_ in IDS if done.item(id_)["outcome"] == "error"}
    assert "deployments: read" in named["staged"]
    assert "security-events: read" in named["secure"]
    assert shop.states(pull.head_sha)[MERGE] == "error"


LATER = """\
version: 1
items:
  deployed: {check: deployment-status, stage: post-deploy, with: {environment: production}}
  green: {check: status-checks, stage: post-deploy, with: {checks: [build]}}
"""


def test_a_later_stage_is_about_the_deployed_commit(command: Command, tmp_path: Path) -> None:
    with site(command, tmp_path / "workspace", LATER) as shop:
        sha = shop.home.tip("main").sha
        shop.home.verdicts.check_run(sha, "build")
        waiting = shop.asked("run", "--stage=post-deploy", GITHUB_SHA=sha)
        assert waiting.item("deployed")["outcome"] == "pending", waiting.said
        shop.home.verdicts.deployment(sha, "production", "success")
        done = shop.asked("run", "--stage=post-deploy", GITHUB_SHA=sha)
        assert done.exit_code == 0, done.said
        assert done.item("deployed")["summary"] == f"{sha[:7]} is deployed to production"
        assert done.item("green")["summary"] == "1 check is green"
