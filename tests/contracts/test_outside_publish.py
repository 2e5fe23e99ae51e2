"""`publish`: what an untrusted run reported, anchored at GitHub and the base (DESIGN 1.1, 2.4).

The rows S-01, S-06, S-07, S-18, S-19 and S-20 of the threat table each have tests that name them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.hardened import (
    CHECKS_WORKFLOW,
    CONFIG,
    NAME,
    WORKFLOW,
    Hardened,
    Json,
    artifact_of,
    hardened,
    packed,
)
from tests.contracts.outside import CHECKS, MERGE, Called, Command
from tests.github_double import events


@pytest.fixture
def pair(command: Command, tmp_path: Path) -> Iterator[Hardened]:
    with hardened(command, tmp_path / "workspace") as made:
        yield made


def test_what_a_forks_run_reports_is_said_by_the_trusted_job(pair: Hardened) -> None:
    report = pair.report(in_actions=True)
    assert pair.site.writes_done == []
    done = pair.publish(pair.run(artifact_of(report)), comment=True)
    assert done.exit_code == 0, done.said
    assert pair.site.states(pair.pull.head_sha) == {CHECKS: "success"}
    assert pair.site.said(pair.pull.head_sha) == {CHECKS: "ready: 1 passed"}
    assert "own claim" in pair.comment
    assert "`contributor/shop`" in pair.comment
    origin = done.report["origin"]
    assert (origin["fork"], origin["workflow"]) == (True, WORKFLOW)
    assert origin["repository"] == "contributor/shop"
    assert [one["id"] for one in done.report["items"]] == ["readme", "licence", "deployed"]
    assert done.report["conclusions"] == {"merge": None, "checks": "success"}


def test_a_failed_run_says_what_failed(command: Command, tmp_path: Path) -> None:
    with hardened(command, tmp_path / "workspace") as pair:
        report = pair.report()
        report["items"][0] |= {"outcome": "failed", "summary": "README.md is not there"}
        done = pair.publish(pair.run(artifact_of(report), conclusion="failure"), comment=True)
        assert done.exit_code == 1, done.said
        assert pair.site.said(pair.pull.head_sha) == {CHECKS: "1 failed · readme"}
        assert "`README.md is not there`" in pair.comment


def test_the_status_points_at_the_attempt_of_the_run_of_the_checks(pair: Hardened) -> None:
    run = pair.run()
    pair.publish(run)
    (status,) = pair.site.home.verdicts.newest(pair.pull.head_sha)
    assert status.target_url == f"https://github.com/acme/shop/actions/runs/{run.id}/attempts/1"


def test_the_artifact_is_fetched_without_the_token(pair: Hardened) -> None:
    pair.publish(pair.run())
    (asked,) = pair.site.double.downloads
    assert "authorization" not in asked.headers


# -- S-01: no checkout, no other event


def test_s01_publish_needs_no_workspace(pair: Hardened, tmp_path: Path) -> None:
    run = pair.run()
    pair.site.extra["GITHUB_WORKSPACE"] = str(tmp_path / "nowhere")
    done = pair.publish(run)
    assert done.exit_code == 0, done.said
    assert pair.state == "success"
    assert not (tmp_path / "nowhere").exists()


def test_s01_publish_takes_the_event_workflow_run_alone(pair: Hardened) -> None:
    event = events.pull_request(pair.site.double, pair.pull, "opened")
    for other in (event, events.pull_request_target(event, pair.site.home)):
        done = pair.site.on(other, "publish")
        assert done.exit_code == 2, done.said
        assert "workflow_run" in done.stderr
    assert pair.site.writes_done == []


def test_s01_the_checks_refuse_events_that_hold_a_writing_token(pair: Hardened) -> None:
    for event in (
        events.workflow_run(pair.site.double, pair.site.home, pair.run(b"")),
        events.pull_request_target(
            events.pull_request(pair.site.double, pair.pull, "opened"), pair.site.home
        ),
    ):
        done = pair.site.on(event, "run", "--half", "checks")
        assert done.exit_code == 2, done.said
    assert pair.site.writes_done == []


# -- S-06: the artifact is hostile


HOSTILE: dict[str, Any] = {
    "traversal": lambda report: packed({"../../report.json": json.dumps(report).encode()}),
    "a bomb": lambda report: packed({"report.json": b" " * 20_000_000}),
    "no zip": lambda report: b"<html>not a zip</html>",
    "another pull request": lambda report: artifact_of(report | {"pull-request": 15}),
    "another head": lambda report: artifact_of(report | {"head-sha": "f" * 40}),
    "a missing id": lambda report: artifact_of(report | {"items": report["items"][1:]}),
    "a surplus id": lambda report: artifact_of(
        report | {"items": [*report["items"], report["items"][0] | {"id": "mine"}]}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_s06_a_hostile_artifact_is_an_error_and_leaves_nothing_on_the_disk(
    name: str, pair: Hardened
) -> None:
    run = pair.run(HOSTILE[name](pair.report()))
    before = set(pair.site.folder.parent.rglob("*"))
    done = pair.publish(run)
    assert done.exit_code == 3, done.said
    assert pair.site.said(pair.pull.head_sha) == {CHECKS: "1 could not check · published-report"}
    assert pair.state == "error"
    assert set(pair.site.folder.parent.rglob("*")) - before <= {
        pair.site.folder / "readiness-report" / "comment.md",
    }


def test_s06_the_comment_says_why_nothing_was_taken(pair: Hardened) -> None:
    run = pair.run(packed({"report.json": b"[]"}))
    pair.publish(run, comment=True)
    assert "`published-report`" in pair.comment
    assert "report.json is not of this gate's schema" in pair.comment


def _set(*path: Any, to: Any) -> Any:
    def change(report: Json) -> None:
        at: Any = report
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


def test_s06_what_the_report_says_of_itself_is_not_asked(pair: Hardened) -> None:
    def change(report: Json) -> None:
        report |= {"verdict": "ready", "conclusions": {"merge": "success", "checks": "success"}}
        report["items"][0] |= {
            "outcome": "failed", "blocking": False, "severity": "low", "title": "All is fine",
        }  # fmt: skip

    done = pair.published(change, comment=True)
    assert done.exit_code == 1, done.said
    assert pair.state == "failure"
    assert done.report["items"][0]["blocking"] is True
    assert "All is fine" not in pair.comment


def test_s06_the_merge_half_of_a_report_is_left_out(pair: Hardened) -> None:
    def change(report: Json) -> None:
        merge = {"id": "dependencies-merged", "half": "merge", "check": "dependencies-merged"}
        report["items"].append(report["items"][0] | merge)
        report["conclusions"]["merge"] = "success"
        report["merge"]["order"] = ["acme/shop#14"]

    done = pair.published(change)
    assert done.exit_code == 0, done.said
    assert pair.site.states(pair.pull.head_sha) == {CHECKS: "success"}
    assert done.report["conclusions"]["merge"] is None
    assert done.report["merge"]["order"] == []
    assert MERGE not in pair.site.states(pair.pull.head_sha)


def test_s06_words_of_the_report_are_harmless_in_the_comment(pair: Hardened) -> None:
    text = "@acme/all <img src=x> [x](https://evil.example) `a`|b ##[error] ::error::x"
    done = pair.published(_set("items", 0, "summary", to=text), comment=True)
    assert done.exit_code == 0, done.said
    assert "\n@acme" not in pair.comment
    assert "##[error]" not in done.stdout


# -- S-06: runs that cannot be published


def test_s06_a_run_of_another_workflow_is_refused(pair: Hardened) -> None:
    done = pair.publish(pair.run(path=".github/workflows/mine.yml"))
    assert done.exit_code == 2, done.said
    assert "is not on main" in done.stderr
    assert pair.site.writes_done == []


def test_s06_a_workflow_that_does_not_run_the_checks_is_refused(
    command: Command, tmp_path: Path
) -> None:
    other = {".github/workflows/ci.yml": CHECKS_WORKFLOW.replace("mode: checks", "mode: merge")}
    with hardened(command, tmp_path / "workspace", files=other) as pair:
        done = pair.publish(pair.run(path=".github/workflows/ci.yml"))
        assert done.exit_code == 2, done.said
        assert "does not run the gate in the mode checks on main" in done.stderr
        assert pair.site.writes_done == []


def test_s06_a_run_of_another_repository_is_refused(pair: Hardened) -> None:
    event = events.workflow_run(pair.site.double, pair.site.home, pair.run())
    event.payload["workflow_run"]["repository"]["full_name"] = "evil/shop"
    done = pair.site.on(event, "publish")
    assert done.exit_code == 2, done.said
    assert pair.site.writes_done == []


@pytest.mark.parametrize("event", ["push", "workflow_dispatch", "pull_request_target", "schedule"])
def test_s06_a_run_of_an_event_that_names_no_pull_request_is_refused(
    event: str, pair: Hardened
) -> None:
    done = pair.publish(pair.run(event=event))
    assert done.exit_code == 2, done.said
    assert pair.site.writes_done == []


# -- S-07: a forged result


def test_s07_a_pull_request_that_rewrites_its_workflow_proves_nothing(
    command: Command, tmp_path: Path
) -> None:
    changed = {WORKFLOW: CHECKS_WORKFLOW.replace("checkout@", "checkout@v")}
    with hardened(command, tmp_path / "workspace", changed=changed) as pair:
        done = pair.published(comment=True)
        assert done.exit_code == 1, done.said
        assert pair.site.said(pair.pull.head_sha) == {CHECKS: "1 failed · workflow-unchanged"}
        assert WORKFLOW in pair.comment


def test_s07_where_a_code_owner_has_to_look_the_merge_half_decides_over_the_workflow(
    command: Command, tmp_path: Path
) -> None:
    changed = {WORKFLOW: CHECKS_WORKFLOW.replace("checkout@", "checkout@v")}
    config = CONFIG + "  gate: {check: gate-files-unchanged}\n"
    with hardened(command, tmp_path / "workspace", config=config, changed=changed) as pair:
        done = pair.published()
        assert done.exit_code == 0, done.said
        assert pair.site.said(pair.pull.head_sha) == {CHECKS: "ready: 1 passed"}


def test_s07_an_owner_who_need_not_look_is_nobody(command: Command, tmp_path: Path) -> None:
    changed = {WORKFLOW: CHECKS_WORKFLOW.replace("checkout@", "checkout@v")}
    config = CONFIG + "  gate: {check: gate-files-unchanged, blocking: false}\n"
    with hardened(command, tmp_path / "workspace", config=config, changed=changed) as pair:
        pair.published()
        assert pair.state == "failure"


def test_s07_the_comment_says_that_also_a_branch_of_the_repository_reports_for_itself(
    command: Command, tmp_path: Path
) -> None:
    with hardened(command, tmp_path / "workspace", fork=False) as pair:
        done = pair.published(comment=True)
        assert done.exit_code == 0, done.said
        assert "own claim" in pair.comment
        assert done.report["origin"]["fork"] is False


# -- S-18: stale heads, bases and attempts


def test_s18_a_head_that_moved_gets_nothing(pair: Hardened) -> None:
    run, old = pair.run(), pair.pull.head_sha
    new = pair.pull.push()
    done = pair.publish(run)
    assert done.exit_code == 0, done.said
    assert pair.site.states(old) == pair.site.states(new) == {}
    assert pair.site.comments(14) == []


def test_s18_a_head_that_moves_while_it_is_published_gets_nothing(pair: Hardened) -> None:
    run, old = pair.run(), pair.pull.head_sha
    path = "/repos/acme/shop/actions/artifacts/.*"
    pair.site.double.faults.add("GET", path, "hook", hook=lambda: _push(pair))
    done = pair.publish(run)
    assert pair.site.states(old) == pair.site.states(pair.pull.head_sha) == {}, done.said
    assert pair.site.comments(14) == []


def _push(pair: Hardened) -> None:
    pair.pull.push()


def test_s18_a_closed_pull_request_gets_nothing(pair: Hardened) -> None:
    run = pair.run()
    pair.pull.close()
    done = pair.publish(run)
    assert done.exit_code == 0, done.said
    assert pair.site.writes_done == []


def test_s18_a_report_for_another_base_is_an_error(pair: Hardened) -> None:
    run = pair.run()
    home = pair.site.home
    home.commit("main", {"new.txt": "new\n"})
    run_of_main = home.tip("main").sha
    home.commit("release", {"release.txt": "r\n"})
    report = pair.report() | {"base-sha": run_of_main}
    home.refs["refs/heads/release"] = home.objects[run_of_main].parents[0]
    pair.pull.edit(base="release")
    pair.site.home.verdicts.artifact(run, NAME, artifact_of(report))
    done = pair.publish(run, comment=True)
    assert done.exit_code == 3, done.said
    assert pair.state == "error"
    assert "another base than release" in pair.comment


def test_s18_a_base_that_went_on_is_the_same_base(pair: Hardened) -> None:
    run = pair.run()
    pair.site.home.commit("main", {"new.txt": "new\n"})
    done = pair.publish(run)
    assert done.exit_code == 0, done.said
    assert pair.state == "success"


def test_s18_an_item_that_the_base_has_got_since_is_missing(pair: Hardened) -> None:
    run = pair.run()
    more = CONFIG + "  notice: {check: file-exists, with: {path: NOTICE}}\n"
    pair.site.home.commit("main", {".github/readiness.yml": more})
    done = pair.publish(run, comment=True)
    assert done.exit_code == 3, done.said
    assert pair.state == "error"
    assert "the report misses: notice" in pair.comment


def test_s18_an_older_run_never_overwrites_a_newer_one(pair: Hardened) -> None:
    report = pair.report()
    older, newer = pair.run(artifact_of(report)), pair.run(artifact_of(report))
    report["items"][0]["outcome"] = "failed"
    pair.site.home.verdicts.artifact(older, NAME, artifact_of(report))
    assert pair.publish(newer).exit_code == 0
    done = pair.publish(older)
    assert done.exit_code == 0, done.said
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["success"]
    assert "is not the newest" in done.stderr


def test_s18_two_runs_that_agree_leave_the_newer_one_standing(pair: Hardened) -> None:
    report = pair.report()
    late = pair.run(artifact_of(report))
    report["items"][0] |= {"outcome": "failed", "summary": "not there"}
    first = pair.run(artifact_of(report))
    late.id, first.id = first.id, late.id
    verdicts = pair.site.home.verdicts
    verdicts.workflow_runs = {late.id: late, first.id: first}
    for artifact in verdicts.artifacts.values():
        artifact.run = first.id if artifact.run == late.id else late.id
    newest = pair.run(artifact_of(report))
    assert first.id < late.id < newest.id
    for run in (first, newest, late):
        pair.publish(run)
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["failure", "failure"]


def test_s18_an_attempt_that_is_over_is_not_published(pair: Hardened) -> None:
    run = pair.run()
    event = events.workflow_run(pair.site.double, pair.site.home, run)
    pair.site.home.verdicts.rerun(run, conclusion=None)
    done = pair.site.on(event, "publish")
    assert done.exit_code == 0, done.said
    assert pair.site.writes_done == []


def test_s18_what_an_earlier_attempt_uploaded_is_not_taken_for_the_newer(pair: Hardened) -> None:
    run = pair.run()
    pair.publish(run)
    assert pair.state == "success"
    pair.site.home.verdicts.rerun(run, conclusion="success")
    done = pair.publish(run)
    assert done.exit_code == 3, done.said
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["success", "error"]


def test_s18_a_status_that_only_says_it_is_of_a_newer_run_is_overwritten(pair: Hardened) -> None:
    head, page = pair.pull.head_sha, "https://github.com/acme/shop/actions/runs/999999999"
    pair.site.home.verdicts.status(head, CHECKS, "success", target_url=page, description="ready")
    report = pair.report()
    report["items"][0]["outcome"] = "failed"
    pair.publish(pair.run(artifact_of(report)))
    assert pair.state == "failure"


def test_s18_a_rerun_is_pending_until_it_has_ended(pair: Hardened) -> None:
    run = pair.run()
    pair.publish(run)
    pair.site.home.verdicts.rerun(run, conclusion=None)
    done = pair.publish(run, action="in_progress")
    assert done.exit_code == 0, done.said
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["success", "pending"]
    late = events.workflow_run(pair.site.double, pair.site.home, run, "in_progress")
    run.status, run.conclusion = "completed", "success"
    pair.site.on(late, "publish")
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["success", "pending"]


def test_s18_two_pull_requests_with_one_head_cannot_share_a_verdict(pair: Hardened) -> None:
    home = pair.site.home
    home.commit("release", {"r.txt": "r\n"})
    run = pair.run()
    home.pull_request(
        number=15, head="change-14", head_repository=pair.pull.head_repository, base="release"
    )
    pair.publish(run)
    assert pair.state == "error"
    assert "#14, #15" in pair.site.said(pair.pull.head_sha)[CHECKS]


# -- S-19: nothing is open because something failed

ENDED: dict[str, str] = {
    "cancelled": "error",
    "timed_out": "error",
    "skipped": "error",
    "stale": "error",
    "neutral": "error",
    "startup_failure": "error",
    "action_required": "pending",
}


@pytest.mark.parametrize("conclusion", ENDED)
def test_s19_a_run_that_ended_otherwise_is_never_green(conclusion: str, pair: Hardened) -> None:
    done = pair.publish(pair.run(conclusion=conclusion))
    assert pair.state == ENDED[conclusion], done.said
    assert done.exit_code == (3 if ENDED[conclusion] == "error" else 0)


def test_s19_a_run_that_was_skipped_leaves_what_was_proven(pair: Hardened) -> None:
    pair.publish(pair.run())
    done = pair.publish(pair.run(b"", conclusion="skipped"))
    assert done.exit_code == 0, done.said
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["success"]


def test_s19_a_run_that_was_skipped_leaves_it_to_the_one_that_goes_on(pair: Hardened) -> None:
    pair.run(status="in_progress")
    done = pair.publish(pair.run(b"", conclusion="skipped"))
    assert done.exit_code == 0, done.said
    assert pair.state is None


def test_s19_a_run_that_was_skipped_ends_no_waiting(pair: Hardened) -> None:
    pair.site.home.verdicts.status(pair.pull.head_sha, CHECKS, "pending", description="running")
    assert pair.publish(pair.run(b"", conclusion="skipped")).exit_code == 3
    assert pair.state == "error"


def test_an_edited_text_checks_nothing_again(pair: Hardened) -> None:
    for action in ("edited", "closed", "labeled"):
        event = events.pull_request(pair.site.double, pair.pull, action, label="x")
        done = pair.site.on(event, "run", "--half", "checks")
        assert done.exit_code == 0, done.said
        assert pair.site.writes_done == []


def test_s19_a_run_that_waits_for_approval_says_who_can_act(pair: Hardened) -> None:
    pair.publish(pair.run(b"", conclusion="action_required"))
    assert "a maintainer to approve" in pair.site.said(pair.pull.head_sha)[CHECKS]


def test_s19_no_artifact_is_an_error(pair: Hardened) -> None:
    done = pair.publish(pair.run(b""), comment=True)
    assert done.exit_code == 3, done.said
    assert pair.state == "error"
    assert "the run left no artifact readiness-report" in pair.comment


def test_s19_an_artifact_of_another_name_is_none(pair: Hardened) -> None:
    run = pair.run(b"")
    pair.site.home.verdicts.artifact(run, "other", artifact_of(pair.report()))
    pair.publish(run)
    assert pair.state == "error"


def test_s19_an_expired_artifact_is_an_error(pair: Hardened) -> None:
    run = pair.run()
    for artifact in pair.site.home.verdicts.artifacts.values():
        artifact.expired = True
    assert pair.publish(run).exit_code == 3
    assert pair.state == "error"


def test_s19_a_token_that_may_not_write_fails_the_step(pair: Hardened) -> None:
    run = pair.run()
    pair.site.token = "ghs_without_statuses"
    done = pair.publish(run, "--fail-on=never")
    assert done.exit_code == 3, done.said
    assert pair.state is None
    assert "statuses: write" in done.stderr


def test_s19_a_token_that_may_not_read_runs_is_named(pair: Hardened) -> None:
    run = pair.run()
    pair.site.double.token("ghs_no_actions", actions="none")
    pair.site.token = "ghs_no_actions"
    done = pair.publish(run)
    assert done.exit_code == 3, done.said
    assert "actions: read" in done.stderr
    assert pair.state is None


def test_s19_a_wrong_configuration_at_the_base_is_an_error(pair: Hardened) -> None:
    run = pair.run()
    pair.site.home.verdicts.status(pair.pull.head_sha, CHECKS, "success", description="ready")
    pair.site.home.commit("main", {".github/readiness.yml": "version: 1\nitmes: {}\n"})
    done = pair.publish(run)
    assert done.exit_code == 2, done.said
    assert pair.state == "error"


def test_s19_an_empty_plan_writes_nothing(command: Command, tmp_path: Path) -> None:
    with hardened(command, tmp_path / "workspace", config="version: 1\nmerge: {}\n") as pair:
        done = pair.publish(pair.run(b""))
        assert done.exit_code == 0, done.said
        assert pair.state is None


def test_s19_nothing_observed_is_written(command: Command, tmp_path: Path) -> None:
    config = CONFIG + "enforce: none\n"
    with hardened(command, tmp_path / "workspace", config=config) as pair:
        done = pair.published(_set("items", 0, "outcome", to="failed"))
        assert done.exit_code == 0, done.said
        assert pair.state is None


def test_s19_whichever_question_to_github_fails_nothing_is_green(
    command: Command, tmp_path: Path
) -> None:
    with hardened(command, tmp_path / "whole") as pair:
        run, before = pair.run(), len(pair.site.double.requests)
        assert pair.publish(run).exit_code == 0
        asked = [f"{one.method} {one.path}" for one in pair.site.double.requests[before:]]
    assert asked[-1].startswith("POST /repos/acme/shop/statuses/")
    assert len(asked) > 8
    for number, question in enumerate(asked):
        with hardened(command, tmp_path / str(number)) as pair:
            run = pair.run()
            pair.site.double.faults.add("*", ".*", "5xx-before", skip=number, code=400)
            done = pair.publish(run)
            assert done.exit_code != 0, f"{question}\n{done.said}"
            assert pair.state != "success", f"{question}\n{done.said}"


# -- S-20: somebody else's status


def test_s20_a_status_of_another_hand_is_replaced_by_a_failure_that_names_it(
    pair: Hardened,
) -> None:
    head = pair.pull.head_sha
    pair.site.home.verdicts.status(head, CHECKS, "success", creator="author", description="ready")
    run = pair.run()
    done = pair.publish(run, comment=True)
    assert done.exit_code == 1, done.said
    assert pair.site.said(head) == {CHECKS: "1 failed · status-author"}
    assert "by author, not by github-actions[bot]" in pair.comment
    again = pair.publish(run, comment=True)
    assert again.exit_code == 0, again.said
    assert pair.state == "success"


# -- merge groups, by hand


def test_a_merge_group_is_published_on_its_own_commit(command: Command, tmp_path: Path) -> None:
    with hardened(command, tmp_path / "workspace", fork=False) as pair:
        home, double = pair.site.home, pair.site.double
        entry = home.queue.add(14)
        event = events.merge_group(double, home, entry)
        pair.site.token = "ghs_readonly"
        done = pair.site.on(event, "run", "--half", "checks", "--comment=never")
        assert done.exit_code == 0, done.said
        pair.site.token = "ghs_writer"
        run = home.verdicts.workflow_run(
            entry.head_ref, path=WORKFLOW, event="merge_group", name="Readiness checks"
        )
        home.verdicts.artifact(run, NAME, artifact_of(done.report))
        done = pair.publish(run)
        assert done.exit_code == 0, done.said
        assert pair.site.states(entry.head_sha) == {CHECKS: "success"}
        assert pair.state is None
        assert pair.site.comments(14) == []


# -- a delivery that GitHub lost


def swept(pair: Hardened, **inputs: str) -> Called:
    event = events.schedule(pair.site.double, pair.site.home)
    if inputs:
        event = events.workflow_dispatch(pair.site.double, pair.site.home, {})
    return pair.site.on(event, "publish", "--comment=never", **inputs)


def test_a_sweep_publishes_what_a_lost_event_left_unsaid(pair: Hardened) -> None:
    pair.run(b"", path=".github/workflows/other.yml")
    pair.run()
    pair.run(b"", conclusion="skipped")
    pair.site.home.pull_request(number=15)
    done = swept(pair)
    assert done.exit_code == 0, done.said
    assert pair.site.states(pair.pull.head_sha) == {CHECKS: "success"}
    assert "#15: no run of the checks on its head" in done.stderr
    again = swept(pair)
    assert pair.site.history(pair.pull.head_sha, CHECKS) == ["success"], again.said


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_sweep_leaves_a_run_that_goes_on_to_its_own_end(status: str, pair: Hardened) -> None:
    pair.run(status=status)
    assert swept(pair).exit_code == 0
    assert pair.state is None


def test_a_sweep_says_an_error_of_a_run_that_left_nothing(pair: Hardened) -> None:
    pair.site.home.verdicts.status(pair.pull.head_sha, CHECKS, "pending", description="running")
    pair.run(b"", conclusion="timed_out")
    done = swept(pair)
    assert done.exit_code == 0, done.said
    assert pair.state == "error"


def test_one_can_be_swept_whatever_stands(pair: Hardened) -> None:
    head = pair.pull.head_sha
    pair.site.home.verdicts.status(head, CHECKS, "error", description="the run was cancelled")
    pair.run()
    assert swept(pair).exit_code == 0
    assert pair.state == "error"
    assert swept(pair, pull_request="14").exit_code == 0
    assert pair.state == "success"


def test_a_sweep_goes_on_behind_one_that_fails(pair: Hardened) -> None:
    home = pair.site.home
    home.commit("broken", {".github/readiness.yml": "version: 1\nitmes: {}\n"})
    other = home.pull_request(number=7, base="broken", head="change-7")
    home.verdicts.workflow_run("change-7", path=WORKFLOW)
    pair.run()
    done = swept(pair)
    assert done.exit_code == 3, done.said
    assert "#7: " in done.stderr
    assert pair.site.states(other.head_sha) == {CHECKS: "error"}
    assert pair.state == "success"


def test_a_run_can_be_published_by_hand(pair: Hardened) -> None:
    run = pair.run()
    dry = pair.site.asked("publish", "--run", str(run.id))
    assert dry.exit_code == 0, dry.said
    assert pair.site.writes_done == []
    done = pair.site.asked("publish", "--run", str(run.id), "--publish", "--comment=never")
    assert done.exit_code == 0, done.said
    assert pair.state == "success"
