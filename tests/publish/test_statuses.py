from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import CommitStatus
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Outcome, Stage
from readiness_gate.publish.statuses import (
    StatusWrite,
    Target,
    context_of,
    describe,
    overtaken,
    pending,
    result,
)
from tests.publish.builders import HEAD, NEW_HEAD, TARGET, github, push
from tests.report.builders import BLOCKED, READY, WAITING, behind, item

CHECKS = context_of("readiness", Half.CHECKS)
QUEUE = Target(HEAD, merge_group=True)


def test_contexts_have_the_names_that_a_ruleset_requires() -> None:
    assert context_of("readiness", Half.MERGE) == "readiness / merge"
    assert context_of("my gate", Half.CHECKS) == "my gate / checks"
    assert context_of("readiness", Stage.POST_DEPLOY) == "readiness / post-deploy"


def test_pending_stands_first_and_the_result_after_it() -> None:
    forge = github()
    assert pending(forge, TARGET, CHECKS).became == "written"
    assert result(forge, TARGET, CHECKS, Conclusion.SUCCESS, "ready: 3 passed").became == "written"
    written = [(one.sha, one.status.state) for one in forge.written_statuses]
    assert written == [(HEAD, Conclusion.PENDING), (HEAD, Conclusion.SUCCESS)]
    assert forge.written_statuses[0].status.description == "running"
    assert forge.written_statuses[0].status.target_url == TARGET.url


@pytest.mark.parametrize("again", [1, 5])
def test_the_same_status_is_written_once(again: int) -> None:
    forge = github()
    for _ in range(again + 1):
        last = result(forge, TARGET, CHECKS, Conclusion.FAILURE, "1 failed")
    assert last.became == "unchanged"
    assert last.stands
    assert len(forge.written_statuses) == 1


def by_mallory(forge: SnapshotForge, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let somebody else who may write set the status of the checks."""
    with monkeypatch.context() as other:
        other.setattr(forge, "identity", lambda: "mallory")
        forge.set_status(HEAD, CHECKS, Conclusion.SUCCESS, "ready: 3 passed", url)


def test_s_20_the_same_words_of_somebody_else_are_written_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forge = github()
    by_mallory(forge, monkeypatch, TARGET.url)
    done = result(forge, TARGET, CHECKS, Conclusion.SUCCESS, "ready: 3 passed")
    assert done.became == "written"
    assert forge.statuses(HEAD)[CHECKS].creator == forge.identity()


def test_s_20_a_run_that_somebody_else_made_up_is_not_newer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forge = github()
    by_mallory(forge, monkeypatch, TARGET.url.replace("/runs/1", "/runs/99999999999"))
    done = result(forge, TARGET, CHECKS, Conclusion.FAILURE, "1 failed")
    assert done.became == "written"


@pytest.mark.parametrize(
    ("state", "text"), [(Conclusion.ERROR, "1 failed"), (Conclusion.FAILURE, "2 failed")]
)
def test_another_state_or_text_is_written(state: Conclusion, text: str) -> None:
    forge = github()
    result(forge, TARGET, CHECKS, Conclusion.FAILURE, "1 failed")
    assert result(forge, TARGET, CHECKS, state, text).became == "written"


def test_a_moved_head_gets_nothing() -> None:
    forge = github()
    push(forge)
    outcome = result(forge, TARGET, CHECKS, Conclusion.SUCCESS, "ready")
    assert outcome.became == "moved"
    assert not outcome.stands
    assert NEW_HEAD[:7] in outcome.reason
    assert forge.written_statuses == []


def test_a_head_that_moves_between_reading_and_writing_gets_nothing() -> None:
    def moves(call: str) -> None:
        if call == "statuses":
            other = github()
            push(other)
            forge.put(other.pull_request(10))

    forge = github(moves)
    assert result(forge, TARGET, CHECKS, Conclusion.SUCCESS, "ready").became == "moved"
    assert forge.written_statuses == []


def test_a_pull_request_that_goes_elsewhere_by_now_gets_nothing() -> None:
    forge = github()
    elsewhere = replace(TARGET, base_branch="release")
    assert result(forge, elsewhere, CHECKS, Conclusion.SUCCESS, "ready").became == "moved"
    assert forge.written_statuses == []
    still = replace(TARGET, base_branch=forge.pull_request(10).base_branch)
    assert result(forge, still, CHECKS, Conclusion.SUCCESS, "ready").became == "written"


def test_the_head_is_the_last_thing_that_is_read() -> None:
    calls: list[str] = []
    result(github(calls.append), TARGET, CHECKS, Conclusion.SUCCESS, "ready")
    assert calls[-2:] == ["pull_request", "set_status"]


def test_waiting_in_a_merge_group_is_a_failure() -> None:
    forge = github()
    outcome = result(forge, QUEUE, CHECKS, Conclusion.PENDING, "waiting for #17")
    assert (outcome.became, outcome.state) == ("written", Conclusion.FAILURE)
    assert forge.written_statuses[0].status.state is Conclusion.FAILURE


def test_running_is_not_said_in_a_merge_group() -> None:
    forge = github()
    assert pending(forge, QUEUE, CHECKS).became == "off"
    assert forge.written_statuses == []


def test_a_run_that_may_not_write_asks_nothing() -> None:
    calls: list[str] = []
    forge = github(calls.append)
    assert pending(forge, TARGET, CHECKS, write=False).became == "off"
    outcome = result(forge, TARGET, CHECKS, Conclusion.PENDING, "waiting", write=False)
    assert outcome.became == "off"
    assert not outcome.stands
    assert result(forge, TARGET, CHECKS, None, "", write=False).became == "off"
    assert calls == []


def test_nothing_planned_writes_nothing_unless_an_older_status_would_stand() -> None:
    forge = github()
    assert result(forge, TARGET, CHECKS, None, "").became == "off"
    assert forge.written_statuses == []
    result(forge, TARGET, CHECKS, Conclusion.FAILURE, "1 failed")
    again = result(forge, TARGET, CHECKS, None, "")
    assert (again.became, again.state) == ("written", Conclusion.SUCCESS)
    assert forge.statuses(HEAD)[CHECKS].description == "nothing planned"


@pytest.mark.parametrize("call", ["statuses", "pull_request", "set_status"])
@pytest.mark.parametrize(
    ("error", "became"),
    [
        (PermissionMissing("the token lacks statuses: write", permission="p"), "refused"),
        (ForgeError("502, three times"), "failed"),
    ],
)
def test_a_write_that_did_not_happen_is_not_taken_for_one(
    call: str, error: ForgeError, became: str
) -> None:
    def fail(name: str) -> None:
        if name == call:
            raise error

    for conclusion in (Conclusion.SUCCESS, Conclusion.PENDING):
        outcome = result(github(fail), TARGET, CHECKS, conclusion, "text")
        expected = StatusWrite(CHECKS, conclusion, "text", became, error.message)  # type: ignore[arg-type]
        assert outcome == expected
        assert not outcome.stands


def test_each_that_is_waited_for_is_named_once_and_sums_add_nothing() -> None:
    def waits(id_: str, whom: str, check: str = "pull-request-merged") -> ItemResult:
        return item(id_, Outcome.PENDING, half=Half.MERGE, waiting_for=whom, check=check)

    rows = [
        waits("types", "#14 to be merged"),
        waits("order", "#14 to be merged, #15 to be merged", "merge-order"),
        waits("all", "the items named", "rollup"),
    ]
    named = "waiting for #14 to be merged, #15 to be merged"
    assert describe(rows, Conclusion.PENDING) == named
    assert describe(rows[2:], Conclusion.PENDING) == "waiting for the items named"


def test_the_description_names_counts_and_items() -> None:
    checks = [one for one in BLOCKED.items if one.half is Half.CHECKS]
    assert describe(checks, Conclusion.FAILURE) == (
        "2 failed, 1 could not check · no-orphans, stack-health, image-build"
    )
    merge = [one for one in WAITING.items if one.half is Half.MERGE]
    assert describe(merge, Conclusion.PENDING) == "waiting for #17 to be merged"
    ready = [one for one in READY.items if one.half is Half.CHECKS]
    assert describe(ready, Conclusion.SUCCESS) == "ready: 2 passed, 1 waived"
    assert describe([], None) == "nothing planned"


def test_what_proves_nothing_is_not_called_ready() -> None:
    skipped = [item("a", Outcome.SKIPPED)]
    assert describe(skipped, Conclusion.ERROR) == "nothing was proven"
    free = [item("a", blocking=False)]
    assert describe(free, Conclusion.SUCCESS) == "ready: nothing blocks"


def test_a_draft_in_which_nothing_waits_is_called_one() -> None:
    merge = [item("order", half=Half.MERGE)]
    assert describe(merge, Conclusion.PENDING) == "draft: waiting to be marked as ready for review"
    waits = item("needs", Outcome.PENDING, half=Half.MERGE, waiting_for="#15")
    assert describe([*merge, waits], Conclusion.PENDING) == "waiting for #15"


def test_consequences_are_counted_under_their_cause() -> None:
    items = [item("boot", Outcome.FAILED), *(behind(f"x-{at}", "boot") for at in range(9))]
    assert describe(items, Conclusion.FAILURE) == "1 failed · boot"


def test_a_long_description_ends_within_the_limit() -> None:
    items = [item(f"item-number-{at}", Outcome.FAILED) for at in range(500)]
    text = describe(items, Conclusion.FAILURE)
    assert len(text) <= 140
    assert text.startswith("500 failed · item-number-0, ")
    assert text.endswith("…")
    assert result(github(), TARGET, CHECKS, Conclusion.FAILURE, "x" * 500).became == "written"


RUNS = "https://github.com/acme/shop/actions/runs"
READ = datetime(2026, 5, 1, 12, 0, 30, 500_000, tzinfo=UTC)


def standing(run: int, written: datetime | None) -> CommitStatus:
    return CommitStatus(CHECKS, Conclusion.SUCCESS, "ready", f"{RUNS}/{run}", "bot", written)


@pytest.mark.parametrize(
    ("run", "after", "stands"),
    [
        (9, timedelta(seconds=1), True),  # newer, and it wrote after we had read
        (9, timedelta(milliseconds=-500), True),  # within the second that GitHub writes
        (9, timedelta(seconds=-10), False),  # newer, but its facts are older than ours
        (7, timedelta(seconds=1), False),  # our own run, an earlier attempt
        (3, timedelta(seconds=1), False),  # an older run that was late
        (9, None, True),  # nobody knows when: the newer run wins
    ],
)
def test_an_older_run_never_overwrites_what_a_newer_one_wrote_since(
    run: int, after: timedelta | None, stands: bool
) -> None:
    target = replace(TARGET, url=f"{RUNS}/7", since=READ)
    assert overtaken(standing(run, None if after is None else READ + after), target) is stands


def test_a_slow_run_leaves_the_newer_verdict_standing() -> None:
    forge = github()
    newer = replace(TARGET, url=f"{RUNS}/9")
    older = replace(TARGET, url=f"{RUNS}/7")
    assert result(forge, newer, CHECKS, Conclusion.FAILURE, "1 failed").became == "written"
    late = result(forge, older, CHECKS, Conclusion.SUCCESS, "ready")
    assert (late.became, late.stands) == ("stale", False)
    assert pending(forge, older, CHECKS).became == "stale"
    assert [one.status.description for one in forge.written_statuses] == ["1 failed"]


@pytest.mark.parametrize("url", ["", "https://ci.example/7", f"{RUNS}/x"])
def test_a_status_without_a_run_stands_in_nobodys_way(url: str) -> None:
    before = replace(standing(9, None), target_url=url)
    assert not overtaken(before, replace(TARGET, url=f"{RUNS}/7"))
