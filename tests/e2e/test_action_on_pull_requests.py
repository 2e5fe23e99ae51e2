"""The action under the local runner on the shop's pull requests, from event to status."""

from pathlib import Path

import pytest

from tests.e2e.act_run import Run, run_workflow
from tests.e2e.github import CHECKS, MERGE, Site, queued, site
from tests.e2e.repository import CONFIG, SHOP, Checkout, shop
from tests.github_double import events

pytestmark = [pytest.mark.docker, pytest.mark.act, pytest.mark.slow, pytest.mark.timeout(480)]

ATTESTATIONS = ".github/readiness-attestations.yml"
MERGE_ONLY = """\
version: 1
merge: {order: [14, 15, 17, 16, 21, 10]}
"""


def opened(checkout: Checkout, shown: Site, action: Path, token: str = "ghs_writer") -> Run:
    event = events.pull_request(shown.double, shown.pull, "opened")
    return run_workflow(checkout, shown, event, action=action, token=token)


def test_ready_when_everything_before_is_merged_and_the_stack_works(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 0, run.log
        assert run.outputs["verdict"] == "ready"
        assert run.outputs["failed"] == run.outputs["errors"] == run.outputs["pending"] == "0"
        assert int(run.outputs["passed"]) == len(run.outcomes("passed")) > 25
        assert run.outputs["comment-url"].startswith("https://github.com/acme/shop/pull/17#")
        assert run.report["head-sha"] == checkout.head_sha
        assert run.report["tested-sha"] == checkout.test_merge_sha
        assert shown.statuses()[MERGE][0] == shown.statuses()[CHECKS][0] == "success"
        assert shown.history(MERGE) == shown.history(CHECKS) == ["pending", "success"]
        assert "## ✅ Ready to merge" in shown.comment
        assert run.left == {}


def test_what_waits_for_this_one_is_re_evaluated_and_the_test_merge_gets_no_status(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop", base={CONFIG: MERGE_ONLY, ATTESTATIONS: None})
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 0, run.log
        heads = {one.number: one.head_sha for one in shown.home.pulls.values()}
        assert shown.commits_with_statuses == {heads[one] for one in (17, 16, 21, 10)}
        assert checkout.test_merge_sha not in shown.commits_with_statuses
        for number in (16, 21, 10):
            assert shown.history(MERGE, heads[number]) == ["pending"]
            assert "#17" in shown.statuses(heads[number])[MERGE][1]


def test_waiting_for_an_open_dependency_lets_the_step_pass_because_the_status_holds_the_merge(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, merged=()) as shown:
        event = events.pull_request(shown.double, shown.pull, "synchronize")
        run = run_workflow(checkout, shown, event, action=action)
        assert run.exit_code == 0, run.log
        assert run.outputs["verdict"] == "waiting"
        assert shown.statuses()[MERGE][0] == "pending"
        assert "#14" in shown.statuses()[MERGE][1]
        assert shown.statuses()[CHECKS][0] == "success"
        assert "## ⏳ Waiting" in shown.comment
        assert "Merge `#14`, then `#15` first" in shown.comment
        assert run.left == {}


def test_two_heads_block_and_the_other_checks_still_answer(tmp_path: Path, action: Path) -> None:
    checkout = shop(tmp_path / "shop", overlay="two-heads")
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 1, run.log
        assert run.outputs["verdict"] == "blocked"
        assert set(run.outcomes("failed", "error")) == {"one-head"}
        assert run.item("migrations")["outcome"] == "passed"
        assert shown.statuses()[MERGE][0] == "success"
        assert shown.statuses()[CHECKS] == ("failure", "1 failed · one-head")
        assert "## ⛔ Not ready to merge" in shown.comment
        assert "2 heads: 6d02a4b8c7e5, 7b62d80f41ce" in shown.comment
        assert run.left == {}


def test_a_migration_that_fails_on_real_data_blocks(tmp_path: Path, action: Path) -> None:
    checkout = shop(tmp_path / "shop", overlay="failing-migration")
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 1, run.log
        assert run.outputs["verdict"] == "blocked"
        assert set(run.outcomes("failed")) == {"migrations"}
        assert {run.item(one)["cause"] for one in run.outcomes("error")} == {"migrations"}
        assert shown.statuses()[CHECKS] == ("failure", "1 failed · migrations")
        assert "revision 7c9ad3417e20 fails: NotNullViolation" in shown.comment
        assert "could not run because of it" in shown.comment
        assert run.left == {}


def test_a_crash_loop_blocks_and_names_the_service_and_its_cause(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop", overlay="crash-loop")
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 1, run.log
        assert run.outputs["verdict"] == "blocked"
        health = run.item("stack-healthy")
        assert health["outcome"] == "failed"
        assert health["summary"].startswith("worker: crash loop: ")
        assert shown.statuses()[CHECKS][0] == "failure"
        assert "worker: crash loop: " in shown.comment
        assert "last exit code 1" in shown.comment
        assert "WAREHOUSE_URL is not set" in shown.comment
        assert run.left == {}


def test_a_merge_group_gets_its_statuses_on_its_own_commit_and_waiting_is_a_failure(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, merged=()) as shown:
        entry = queued(shown, checkout, 17)
        event = events.merge_group(shown.double, shown.home, entry)
        run = run_workflow(checkout, shown, event, action=action)
        assert run.exit_code == 1, run.log
        assert run.outputs["verdict"] == "waiting"
        assert shown.history(MERGE, entry.head_sha) == ["failure"]
        assert shown.history(CHECKS, entry.head_sha) == ["success"]
        assert "#14" in shown.statuses(entry.head_sha)[MERGE][1]
        assert shown.commits_with_statuses == {entry.head_sha}
        assert shown.comments == []
        assert run.left == {}


def test_what_is_ahead_in_the_same_merge_group_counts_as_merged(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop", base={CONFIG: MERGE_ONLY, ATTESTATIONS: None})
    with site(checkout, merged=()) as shown:
        entry = queued(shown, checkout, 14, 15, 17)
        event = events.merge_group(shown.double, shown.home, entry)
        run = run_workflow(checkout, shown, event, action=action)
        assert run.exit_code == 0, run.log
        assert run.outputs["verdict"] == "ready"
        assert shown.history(MERGE, entry.head_sha) == ["success"]


def test_a_fork_with_a_read_only_token_gets_a_summary_and_the_same_verdict(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, fork=True) as shown:
        run = opened(checkout, shown, action, token="ghs_readonly")
        assert run.exit_code == 0, run.log
        assert run.outputs["verdict"] == "ready"
        assert run.outputs["comment-url"] == ""
        assert shown.comments == []
        assert shown.commits_with_statuses == set()
        assert run.report["verdict"] == "ready"
        assert "Summary - ## ✅ Ready to merge" in run.log
        assert run.log.count("the token lacks the permission `pull-requests: write`") >= 1
        assert "the token lacks the permission `statuses: write`" in run.log
        assert run.left == {}


def test_waiting_fails_the_step_of_a_fork_because_no_status_holds_the_merge(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop", base={CONFIG: MERGE_ONLY, ATTESTATIONS: None})
    with site(checkout, merged=(), fork=True) as shown:
        run = opened(checkout, shown, action, token="ghs_readonly")
        assert run.exit_code == 1, run.log
        assert run.outputs["verdict"] == "waiting"
        assert shown.commits_with_statuses == set()
        assert shown.comments == []


def test_an_edited_text_re_evaluates_the_merge_half_and_boots_nothing(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, body="Depends on #30") as shown:
        shown.home.issue(number=30)
        shown.home.verdicts.status(checkout.head_sha, CHECKS, "success", description="ready")
        event = events.pull_request(shown.double, shown.pull, "edited")
        run = run_workflow(checkout, shown, event, action=action)
        assert run.exit_code == 0, run.log
        assert run.outputs["verdict"] == "waiting"
        assert {one["half"] for one in run.report["items"]} == {"merge"}
        assert run.report["timeline"]
        assert {one["kind"] for one in run.report["timeline"]} <= {"check", "forge"}
        assert set(shown.history(MERGE)) == {"pending"}
        assert "#30" in shown.statuses()[MERGE][1]
        assert shown.history(CHECKS) == ["success"]
        assert "#30" in shown.comment
        assert run.left == {}


def test_the_first_adoption_is_a_preview_without_a_status(tmp_path: Path, action: Path) -> None:
    checkout = shop(
        tmp_path / "shop",
        base={CONFIG: None, ATTESTATIONS: None},
        feature={
            name: (SHOP / name).read_text(encoding="utf-8") for name in (CONFIG, ATTESTATIONS)
        },
    )
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 0, run.log
        assert shown.commits_with_statuses == set()
        assert "preview" in shown.comment.lower()
        assert run.report["items"]
        assert run.left == {}
