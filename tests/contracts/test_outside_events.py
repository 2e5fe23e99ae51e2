"""The event table, statuses, comment and outputs of DESIGN 1.1 to 1.3, driven from outside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.outside import CHECKS, CONFIG, MERGE, Called, Command, Site, site, write
from tests.github_double import PullRequest, events
from tests.github_double.events import Event

CONFIGURATION = """\
version: 1
merge: {}
items:
  readme: {check: file-exists, with: {path: README.md}}
  deployed: {check: file-exists, with: {path: README.md}, stage: post-deploy}
"""
BOTH = {"merge": "success", "checks": "success"}
ONLY_MERGE = {"merge": "success", "checks": None}
ONLY_CHECKS = {"merge": None, "checks": "success"}
BASE = {"base": {"ref": {"from": "release"}, "sha": {"from": "0" * 40}}}


@pytest.fixture
def shop(command: Command, tmp_path: Path) -> Iterator[Site]:
    """A shop where nothing is written (`in_actions` changes that): the report tells the halves."""
    with site(command, tmp_path / "workspace", CONFIGURATION) as made:
        made.extra["GITHUB_ACTIONS"] = "false"
        yield made


def in_actions(shop: Site) -> Site:
    shop.extra.clear()
    return shop


def conclusions(done: Called) -> dict[str, Any] | None:
    path = done.folder / "readiness-report" / "report.json"
    return dict(done.report["conclusions"]) if path.exists() else None


def changed(shop: Site, pull: PullRequest, action: Any, **details: Any) -> Event:
    return events.pull_request(shop.double, pull, action, **details)


RUN = {
    "opened": ({}, BOTH),
    "synchronize": ({}, BOTH),
    "reopened": ({}, BOTH),
    "ready_for_review": ({}, BOTH),
    "edited": ({}, ONLY_MERGE),
    "labeled": ({"label": "x"}, ONLY_MERGE),
    "unlabeled": ({"label": "x"}, ONLY_MERGE),
    "converted_to_draft": ({}, ONLY_MERGE),
    "closed": ({}, None),
}


@pytest.mark.parametrize("action", RUN)
def test_what_run_does_when_a_pull_request_changes(action: str, shop: Site) -> None:
    details, halves = RUN[action]
    pull = shop.home.pull_request(number=14)
    done = shop.on(changed(shop, pull, action, **details))
    assert done.exit_code == 0, done.said
    assert conclusions(done) == halves
    assert shop.writes == []


def test_a_changed_base_is_new_code(shop: Site) -> None:
    pull = shop.home.pull_request(number=14)
    assert conclusions(shop.on(changed(shop, pull, "edited", changed=BASE))) == BOTH


@pytest.mark.parametrize(
    ("when", "action", "halves"),
    [
        ("labels: [backend]", "labeled", {"merge": "success", "checks": "success"}),
        ("labels: [backend]", "converted_to_draft", ONLY_MERGE),
        ("draft: false", "converted_to_draft", {"merge": "pending", "checks": "success"}),
        ("draft: false", "labeled", ONLY_MERGE),
    ],
)
def test_labels_and_draft_reach_the_checks_that_ask_for_them(
    when: str, action: Any, halves: dict[str, Any], shop: Site
) -> None:
    item = f"  more: {{check: file-exists, with: {{path: README.md}}, when: {{{when}}}}}\n"
    write(shop.folder, {CONFIG: CONFIGURATION + item})
    draft = action == "converted_to_draft"
    pull = shop.home.pull_request(number=14, draft=draft, labels=["backend"])
    expected = {**halves, "merge": "pending" if draft else "success"}
    done = shop.on(changed(shop, pull, action, label=None if draft else "backend"))
    assert conclusions(done) == expected


def test_checks_and_merge_stay_in_their_halves(shop: Site) -> None:
    pull = shop.home.pull_request(number=14, body="Depends on #15")
    shop.home.pull_request(number=15)
    event = changed(shop, pull, "opened")
    assert conclusions(shop.on(event, "run", "--half", "checks")) == ONLY_CHECKS
    assert conclusions(shop.on(event, "run", "--half", "merge")) == {
        "merge": "pending", "checks": None,
    }  # fmt: skip


REFUSED = ["pull_request_target", "workflow_run", "issue_comment", "push", "fork", "schedule"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_run_does_not_support_exits_2_with_a_list(name: str, shop: Site) -> None:
    pull = shop.home.pull_request(number=14)
    opened = changed(shop, pull, "opened")
    done = shop.on(Event(name, opened.payload | {"after": opened.sha}, opened.sha, opened.ref))
    assert done.exit_code == 2, done.said
    assert "supported: pull_request (opened" in done.stderr
    assert conclusions(done) is None
    assert shop.writes == []


def test_a_dispatch_needs_a_number_and_a_checkout_of_it(shop: Site) -> None:
    shop.home.pull_request(number=14)
    bare = shop.on(events.workflow_dispatch(shop.double, shop.home))
    assert (bare.exit_code, "supported" in bare.stderr) == (2, True)
    named = events.workflow_dispatch(shop.double, shop.home, {"pull-request": "14"})
    in_actions(shop).token = "ghs_readonly"
    # The workspace is what the branch of the dispatch holds, not the pull request.
    assert shop.on(named).exit_code == 2
    assert shop.writes_done == []


@pytest.mark.parametrize("name", ["push", "schedule", "deployment_status", "workflow_dispatch"])
def test_a_later_stage_is_about_a_commit(name: str, shop: Site) -> None:
    event = events.push(shop.double, shop.home, "main")
    deployment = {"deployment": {"sha": event.sha, "environment": "production"}}
    event = Event(name, event.payload | deployment, event.sha, event.ref)
    done = shop.on(event, stage="post-deploy")
    assert done.exit_code == 0, done.said
    outcomes = {one["id"]: one["skipped-by"] or one["outcome"] for one in done.report["items"]}
    assert outcomes["deployed"] == "passed"
    assert outcomes["readme"] == "stage"
    assert done.report["pull-request"] is None


def test_a_deployed_pull_request_does_not_judge_itself(shop: Site) -> None:
    in_actions(shop)
    lenient = CONFIGURATION.replace("stage: post-deploy", "stage: post-deploy, blocking: false")
    pull = shop.home.pull_request(number=14, files={CONFIG: lenient.replace("README", "GONE")})
    strict = CONFIGURATION.replace("README.md}, stage", "GONE.md}, stage")
    shop.home.commit("main", {CONFIG: strict})
    deployment = {"deployment": {"sha": pull.head_sha, "environment": "preview"}}
    event = events.push(shop.double, shop.home, "main")
    event = Event("deployment_status", event.payload | deployment, pull.head_sha, event.ref)
    done = shop.on(event, stage="post-deploy")
    assert done.exit_code == 1, done.said
    assert shop.states(pull.head_sha) == {"readiness / post-deploy": "failure"}


def test_a_pull_request_of_a_fork_is_judged_although_nothing_can_be_written(shop: Site) -> None:
    in_actions(shop).token = "ghs_readonly"
    fork = shop.double.fork(shop.home, "contributor")
    pull = shop.home.pull_request(number=14, head_repository=fork)
    done = shop.on(changed(shop, pull, "opened"), comment="never")
    assert done.exit_code == 0, done.said
    assert "statuses: write" in done.stderr
    assert (done.report["verdict"], shop.writes_done) == ("ready", [])
    outputs = (shop.folder.parent / "output").read_text("utf-8")
    assert "ready" in outputs
    waits = shop.home.pull_request(number=15, head_repository=fork, body="Depends on #14")
    # Waiting passes a step only where the status that holds the merge back was written.
    assert shop.on(changed(shop, waits, "edited"), comment="never").exit_code == 1


def test_what_a_run_writes(shop: Site) -> None:
    in_actions(shop)
    first = shop.home.pull_request(number=14)
    waits = shop.home.pull_request(number=15, body="Depends on #14, says @acme/everybody")
    done = shop.on(changed(shop, waits, "opened"))
    assert done.exit_code == 0, done.said
    assert shop.states(waits.head_sha) == {MERGE: "pending", CHECKS: "success"}
    assert shop.history(waits.head_sha, CHECKS) == ["pending", "success"]
    assert shop.states(first.head_sha) == {}
    (comment,) = shop.comments(15)
    assert "#14" in comment
    assert "@acme" not in comment
    assert "- [ ]" not in comment
    written = len(shop.writes)
    again = shop.on(changed(shop, waits, "edited"))
    # Nothing has changed, so that beside "running" nothing is said anew.
    assert (again.exit_code, shop.comments(15)) == (0, [comment])
    assert len(shop.writes) - written <= 2
    first.close()
    closed = shop.on(changed(shop, first, "closed"), comment="never")
    assert closed.exit_code == 0, closed.said
    assert shop.states(first.head_sha) == {}
    assert shop.states(waits.head_sha)[MERGE] == "failure"


def test_another_base_takes_the_checks_verdict_back_at_once(shop: Site) -> None:
    """The checks run elsewhere and take their time; until then the old base's green would stand."""
    in_actions(shop)
    shop.home.commit("release", {CONFIG: CONFIGURATION})
    pull = shop.home.pull_request(number=14)
    shop.home.verdicts.status(pull.head_sha, CHECKS, "success", description="ready: 1 passed")
    text = events.pull_request_target(changed(shop, pull, "edited"), shop.home)
    shop.on(text, "merge", "--pull-request=14", comment="never")
    assert shop.states(pull.head_sha) == {MERGE: "success", CHECKS: "success"}
    pull.edit(base="release")
    event = changed(shop, pull, "edited", changed=BASE)
    sent_elsewhere = events.pull_request_target(event, shop.home)
    sent_elsewhere.payload["pull_request"]["updated_at"] = "2999-01-01T00:00:00Z"
    done = shop.on(sent_elsewhere, "merge", "--pull-request=14", comment="never")
    assert done.exit_code == 0, done.said
    assert shop.states(pull.head_sha) == {MERGE: "success", CHECKS: "pending"}, done.said
    # What was checked since is not taken back by a run that waited for long.
    shop.home.verdicts.status(pull.head_sha, CHECKS, "success", description="ready: 1 passed")
    event.payload["pull_request"]["updated_at"] = "2001-01-01T00:00:00Z"
    shop.on(
        events.pull_request_target(event, shop.home), "merge", "--pull-request=14", comment="never"
    )
    assert shop.states(pull.head_sha) == {MERGE: "success", CHECKS: "success"}


def test_a_draft_waits_and_says_that_it_is_one(shop: Site) -> None:
    in_actions(shop)
    pull = shop.home.pull_request(number=14, draft=True)
    done = shop.on(changed(shop, pull, "opened"))
    assert (done.exit_code, done.report["verdict"]) == (0, "waiting"), done.said
    assert shop.states(pull.head_sha) == {MERGE: "pending", CHECKS: "success"}
    assert shop.said(pull.head_sha)[MERGE].startswith("draft: ")
    (comment,) = shop.comments(14)
    assert "Merge: draft" in comment
    assert "nothing was proven" not in comment
    assert "next step: mark it as ready for review" in done.stdout


def test_merge_of_one_fails_the_step_for_what_it_is_told_to(shop: Site) -> None:
    in_actions(shop)
    shop.home.pull_request(number=14)
    waits = shop.home.pull_request(number=15, body="Depends on #14")
    event = changed(shop, waits, "edited")
    codes = [
        shop.on(event, "merge", "--pull-request=15", fail_on=word, comment="never").exit_code
        for word in ("blocked", "waiting", "never")
    ]
    assert codes == [0, 1, 0]
