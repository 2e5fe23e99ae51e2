"""Two writers at once: what one of them loses, the other one or it itself repairs."""

import functools
import threading
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

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


class Turns:
    """Two writers in threads of which one runs at a time, from one call of GitHub to the next."""

    def __init__(self, order: list[int]) -> None:
        self._order = iter(order)
        self._turn = threading.Condition()
        self._running: int | None = None
        self._waiting: set[int] = set()
        self._reading: set[int] = set()
        self._asleep: set[int] = set()
        self._done: set[int] = set()

    def on_call(self, writer: int, name: str) -> None:
        """Wait for a turn before a call; between reading and writing a writer counts as reading."""
        self._wait(writer)
        if name == "own_comments":
            self._reading.add(writer)

    def sleep(self, writer: int) -> None:
        """Sleep until a write that began with an earlier reading is through."""
        self._reading.discard(writer)
        self._asleep.add(writer)
        self._wait(writer)
        self._asleep.discard(writer)

    def run(self, writers: list[Callable[[], object]]) -> None:
        """Run both to their end."""
        threads = [
            threading.Thread(target=self._whole, args=(at, one), daemon=True)
            for at, one in enumerate(writers)
        ]
        for thread in threads:
            thread.start()
        with self._turn:
            while len(self._done) < len(writers):
                at_rest = self._turn.wait_for(
                    lambda: (
                        self._running is None and len(self._waiting | self._done) == len(writers)
                    ),
                    timeout=10,
                )
                assert at_rest, "a writer hangs"
                if len(self._done) == len(writers):
                    return
                self._running = self._next()
                self._waiting.discard(self._running)
                self._turn.notify_all()

    def _next(self) -> int:
        able = [
            one
            for one in sorted(self._waiting)
            if one not in self._asleep or not self._reading - {one}
        ]
        wanted = next(self._order, None)
        return wanted if wanted in able else able[0]

    def _wait(self, writer: int) -> None:
        with self._turn:
            self._waiting.add(writer)
            if self._running == writer:
                self._running = None
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._running == writer)

    def _whole(self, writer: int, action: Callable[[], object]) -> None:
        action()
        with self._turn:
            self._reading.discard(writer)
            self._done.add(writer)
            if self._running == writer:
                self._running = None
            self._turn.notify_all()


@settings(max_examples=120, deadline=None)
@given(
    order=st.lists(st.integers(0, 1), max_size=40),
    before=st.sampled_from([0, 1, 2]),
)
def test_two_writers_in_any_order_leave_one_comment_with_both_regions(
    order: list[int], before: int
) -> None:
    turns = Turns(order)
    regions = (part(Half.MERGE), part(Half.CHECKS))
    forges = [github(), github()]
    forges[1].comments = forges[0].comments
    if before:
        forges[0].comments[10] = [
            Comment(at, f"{MARKER}\nold {at}\n", "") for at in range(1, before + 1)
        ]
    for at, forge in enumerate(forges):
        forge._on_call = functools.partial(turns.on_call, at)
    turns.run(
        [
            lambda: said(forges[0], regions[0], sleep=lambda _: turns.sleep(0)),
            lambda: said(forges[1], regions[1], sleep=lambda _: turns.sleep(1)),
        ]
    )
    assert set(read(body_of(forges[0]))) == {Half.MERGE, Half.CHECKS}
