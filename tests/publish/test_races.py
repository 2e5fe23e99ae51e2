"""Two writers at once: what one of them loses, the other one or it itself repairs."""

from collections.abc import Callable
from dataclasses import replace

from readiness_gate.forge.base import Comment
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.publish.comment import ROUNDS, CommentWrite, publish
from readiness_gate.publish.regions import Stamped, read
from tests.publish.builders import HEAD, MARKER, PREFIX, body_of, github, part


class Once:
    """Does something the nth time that a method is about to answer, and never again."""

    def __init__(self, call: str, nth: int, action: Callable[[], None]) -> None:
        self._call, self._left, self._action = call, nth, action

    def __call__(self, name: str) -> None:
        if name == self._call and self._left > 0:
            self._left -= 1
            if self._left == 0:
                self._action()


def said(
    forge: SnapshotForge, region: Stamped, *, sleep: Callable[[float], None] | None = None
) -> CommentWrite:
    return publish(
        forge,
        10,
        {region.half: region},
        prefix=PREFIX,
        head_sha=HEAD,
        states={region.half: Conclusion.FAILURE},
        sleep=sleep,
    )


def interrupted(call: str, nth: int, action: Callable[[SnapshotForge], None]) -> SnapshotForge:
    forge: SnapshotForge
    forge = github(Once(call, nth, lambda: action(forge)))
    return forge


def overwrite(forge: SnapshotForge, body: str) -> None:
    """Write what another process read before we wrote."""
    forge.comments[10] = [replace(forge.comments[10][0], body=body)]


def test_both_create_and_one_comment_with_both_regions_is_left() -> None:
    merge = part(Half.MERGE)

    def the_other_creates_first(forge: SnapshotForge) -> None:
        body = f"{MARKER}\n{merge.markdown()}\n"
        forge.comments.setdefault(10, []).append(Comment(500, body, "https://other"))

    forge = interrupted("create_comment", 1, the_other_creates_first)
    outcome = said(forge, part(Half.CHECKS))
    assert (outcome.became, outcome.url) == ("written", "https://other")
    assert set(read(body_of(forge))) == {Half.MERGE, Half.CHECKS}


def test_the_other_writes_between_our_reading_and_writing() -> None:
    checks, merge = part(Half.CHECKS), part(Half.MERGE)

    def the_other_writes(forge: SnapshotForge) -> None:
        said(plain_view(forge), merge)

    forge = github()
    forge.comments[10] = [Comment(1, f"{MARKER}\nempty\n", "")]
    racing = interrupted("update_comment", 1, the_other_writes)
    racing.comments = forge.comments
    waits: list[float] = []

    # We overwrite the other's region; it reads again after its pause, and repairs.
    assert said(racing, checks, sleep=waits.append).became == "written"
    assert waits
    assert said(racing, merge).became == "written"
    assert set(read(body_of(racing))) == {Half.MERGE, Half.CHECKS}


def plain_view(forge: SnapshotForge) -> SnapshotForge:
    """The same comments, without interruptions."""
    other = github()
    other.comments = forge.comments
    return other


def test_our_region_is_lost_after_we_wrote_and_we_write_it_again() -> None:
    checks, merge = part(Half.CHECKS), part(Half.MERGE)
    stale: list[str] = []

    def the_other_writes_what_it_read_before(_: float) -> None:
        if not stale:
            # It read the comment before ours stood in it.
            view = plain_view(forge)
            view.comments = {10: [Comment(1, f"{MARKER}\nempty\n", "")]}
            said(view, merge)
            stale.append(view.comments[10][0].body)
            overwrite(forge, stale[0])

    forge = github()
    forge.comments[10] = [Comment(1, f"{MARKER}\nempty\n", "")]
    outcome = said(forge, checks, sleep=the_other_writes_what_it_read_before)
    assert outcome.became == "written"
    assert stale
    assert set(read(body_of(forge))) == {Half.MERGE, Half.CHECKS}


def test_a_region_that_we_saw_and_that_was_lost_is_put_back() -> None:
    checks, merge = part(Half.CHECKS), part(Half.MERGE)
    times: list[float] = []

    def somebody_empties_it(seconds: float) -> None:
        if not times:
            overwrite(forge, f"{MARKER}\nempty\n")
        times.append(seconds)

    forge = github()
    forge.comments[10] = [Comment(1, f"{MARKER}\n{merge.markdown()}\n", "")]
    assert said(forge, checks, sleep=somebody_empties_it).became == "written"
    assert set(read(body_of(forge))) == {Half.MERGE, Half.CHECKS}


def test_a_fight_ends_after_a_few_rounds() -> None:
    rounds: list[float] = []

    def somebody_always_empties_it(seconds: float) -> None:
        rounds.append(seconds)
        overwrite(forge, f"{MARKER}\nempty {len(rounds)}\n")

    forge = github()
    said(forge, part(Half.CHECKS), sleep=somebody_always_empties_it)
    assert len(rounds) == ROUNDS


def test_a_newer_run_of_our_half_that_came_in_between_is_left_alone() -> None:
    mine, newer = part(Half.CHECKS, run=1), part(Half.CHECKS, run=2, summary="newer")

    def the_newer_one_writes(_: float) -> None:
        said(plain_view(forge), newer)

    forge = github()
    said(forge, mine, sleep=the_newer_one_writes)
    assert read(body_of(forge))[Half.CHECKS] == newer
