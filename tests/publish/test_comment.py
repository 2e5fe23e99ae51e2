from collections.abc import Mapping

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import Comment
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.outcome import Conclusion, Half, Outcome
from readiness_gate.publish.comment import CommentWrite, publish
from readiness_gate.publish.regions import Stamped, read
from tests.publish.builders import HEAD, MARKER, NEW_HEAD, PREFIX, body_of, github, part, push


def said(
    forge: SnapshotForge,
    *regions: Stamped,
    states: Mapping[Half, Conclusion | None] | None = None,
    mode: str = "always",
    head: str = HEAD,
    write: bool = True,
) -> CommentWrite:
    return publish(
        forge,
        10,
        {one.half: one for one in regions},
        prefix=PREFIX,
        head_sha=head,
        states=states or {one.half: Conclusion.FAILURE for one in regions},
        mode=mode,
        write=write,
    )


def writes(calls: list[str]) -> list[str]:
    return [call for call in calls if call.endswith("_comment")]


def test_the_first_run_creates_and_the_next_one_edits_in_place() -> None:
    forge = github()
    first = said(forge, part(Half.MERGE), part(Half.CHECKS))
    second = said(forge, part(Half.CHECKS, Outcome.PASSED, run=2))
    assert (first.became, second.became) == ("written", "written")
    assert first.url == second.url != ""
    assert set(read(body_of(forge))) == {Half.MERGE, Half.CHECKS}


def test_a_comment_that_says_the_same_is_not_written_again() -> None:
    calls: list[str] = []
    forge = github(calls.append)
    said(forge, part(Half.CHECKS))
    calls.clear()
    assert said(forge, part(Half.CHECKS, run=2)).became == "unchanged"
    assert writes(calls) == []


def test_a_changed_headline_is_written_although_the_region_is_the_same() -> None:
    forge = github()
    said(forge, part(Half.CHECKS, Outcome.PASSED), states={Half.CHECKS: Conclusion.SUCCESS})
    forge.set_status(HEAD, "readiness / merge", Conclusion.FAILURE, "1 failed", "")
    again = said(forge, part(Half.CHECKS, Outcome.PASSED), states={Half.CHECKS: Conclusion.SUCCESS})
    assert again.became == "written"
    assert "Not ready to merge" in body_of(forge)


def test_the_other_half_is_taken_from_its_status() -> None:
    forge = github()
    forge.set_status(HEAD, "readiness / merge", Conclusion.SUCCESS, "ready", "")
    said(forge, part(Half.CHECKS, Outcome.PASSED), states={Half.CHECKS: Conclusion.SUCCESS})
    assert "## ✅ Ready to merge" in body_of(forge)


def test_statuses_of_another_prefix_count_for_nothing() -> None:
    forge = github()
    forge.set_status(HEAD, "other / merge", Conclusion.SUCCESS, "ready", "")
    said(forge, part(Half.CHECKS, Outcome.PASSED), states={Half.CHECKS: Conclusion.SUCCESS})
    assert "Ready" not in body_of(forge).split("\n")[1]


def test_an_older_run_leaves_a_newer_one_standing() -> None:
    forge = github()
    said(forge, part(Half.CHECKS, Outcome.PASSED, run=8), states={Half.CHECKS: Conclusion.SUCCESS})
    before = body_of(forge)
    late = said(forge, part(Half.CHECKS, run=7), states={Half.CHECKS: Conclusion.SUCCESS})
    assert late.became == "stale"
    assert body_of(forge) == before


def test_a_moved_head_writes_nothing() -> None:
    forge = github()
    push(forge)
    assert said(forge, part(Half.CHECKS)).became == "moved"
    assert forge.comments.get(10, []) == []


def test_a_head_that_moves_between_reading_and_writing_writes_nothing() -> None:
    def moves(call: str) -> None:
        if call == "own_comments":
            forge.put(forge_fact)

    forge = github(moves)
    plain = github()
    push(plain)
    forge_fact = plain.pull_request(10)
    assert said(forge, part(Half.CHECKS)).became == "moved"
    assert forge.comments.get(10, []) == []


def test_a_comment_of_somebody_else_with_our_marker_is_left_alone() -> None:
    forge = github()
    forge.comments[11] = [Comment(1, f"{MARKER}\nnot here", "")]
    forge.comments[10] = [Comment(2, f"hello\n{MARKER}\nquoted", "")]
    said(forge, part(Half.CHECKS))
    assert len(forge.comments[10]) == 2
    assert forge.comments[10][0].body.startswith("hello")
    assert forge.comments[11][0].body.endswith("not here")


def test_of_several_own_comments_the_oldest_is_kept_with_all_regions() -> None:
    forge = github()
    merge = part(Half.MERGE)
    forge.comments[10] = [
        Comment(1, f"{MARKER}\nempty", "https://one"),
        Comment(2, f"{MARKER}\n{merge.markdown()}\n", "https://two"),
        Comment(3, f"{MARKER}\n", "https://three"),
    ]
    outcome = said(forge, part(Half.CHECKS))
    assert (outcome.became, outcome.url) == ("written", "https://one")
    assert set(read(body_of(forge))) == {Half.MERGE, Half.CHECKS}


def test_duplicates_go_even_if_nothing_else_changes() -> None:
    forge = github()
    said(forge, part(Half.CHECKS))
    forge.comments[10].append(Comment(99, f"{MARKER}\n", ""))
    assert said(forge, part(Half.CHECKS)).became == "unchanged"
    assert len(forge.comments[10]) == 1


def test_never_and_runs_that_may_not_write_touch_nothing() -> None:
    calls: list[str] = []
    forge = github(calls.append)
    assert said(forge, part(Half.CHECKS), mode="never").became == "off"
    assert said(forge, part(Half.CHECKS), write=False).became == "off"
    assert said(forge).became == "off"
    assert calls == []


def test_changes_writes_only_when_an_outcome_changed() -> None:
    forge = github()
    assert said(forge, part(Half.CHECKS, summary="3 rows"), mode="changes").became == "written"
    before = body_of(forge)
    assert said(forge, part(Half.CHECKS, summary="4 rows"), mode="changes").became == "kept"
    assert body_of(forge) == before
    assert said(forge, part(Half.CHECKS, Outcome.PASSED, run=2), mode="changes").became == "written"


def test_changes_does_not_leave_a_region_in_a_duplicate() -> None:
    forge = github()
    said(forge, part(Half.CHECKS), mode="changes")
    merge = part(Half.MERGE)
    forge.comments[10].append(Comment(99, f"{MARKER}\n{merge.markdown()}\n", ""))
    assert said(forge, part(Half.CHECKS), mode="changes").became == "written"
    assert set(read(body_of(forge))) == {Half.MERGE, Half.CHECKS}


def test_failures_creates_only_when_something_is_not_ready_and_then_keeps_up() -> None:
    forge = github()
    green = part(Half.CHECKS, Outcome.PASSED, run=1)
    assert (
        said(forge, green, states={Half.CHECKS: Conclusion.SUCCESS}, mode="failures").became
        == "kept"
    )
    assert forge.comments.get(10, []) == []
    assert said(forge, part(Half.CHECKS, run=2), mode="failures").became == "written"
    green = part(Half.CHECKS, Outcome.PASSED, run=3)
    assert (
        said(forge, green, states={Half.CHECKS: Conclusion.SUCCESS}, mode="failures").became
        == "written"
    )
    assert read(body_of(forge))[Half.CHECKS] == green


@pytest.mark.parametrize("call", ["own_comments", "create_comment", "pull_request"])
def test_a_missing_permission_is_said_and_not_raised(call: str) -> None:
    def refuse(name: str) -> None:
        if name == call:
            raise PermissionMissing("the token lacks pull-requests: write", permission="x")

    outcome = said(github(refuse), part(Half.CHECKS))
    assert outcome == CommentWrite("refused", reason="the token lacks pull-requests: write")


def test_github_without_an_answer_is_said_and_not_raised() -> None:
    def fail(name: str) -> None:
        if name == "create_comment":
            raise ForgeError("502, three times")

    outcome = said(github(fail), part(Half.CHECKS))
    assert outcome == CommentWrite("failed", reason="502, three times")


def test_statuses_that_cannot_be_read_do_not_keep_the_comment_back() -> None:
    def refuse(name: str) -> None:
        if name == "statuses":
            raise PermissionMissing("no statuses", permission="statuses: read")

    forge = github(refuse)
    assert said(forge, part(Half.CHECKS)).became == "written"
    assert "## ⛔ Not ready to merge" in body_of(forge)


def test_a_new_commit_marks_the_other_half_outdated() -> None:
    forge = github()
    said(forge, part(Half.MERGE), part(Half.CHECKS))
    push(forge)
    said(forge, part(Half.CHECKS, head=NEW_HEAD), head=NEW_HEAD)
    assert body_of(forge).count("Merge is outdated") == 1
