"""The one comment: two regions, two writers, never doubled (DESIGN 1.3).

GitHub has no conditional write for comments, so that two writers can lose a region between the
reading and the writing of each other. Whoever wrote reads again afterwards and repairs.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import COMMENT_LIMIT, Comment, Comments, PullRequests, Statuses
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.publish.compose import States, compose, marker, stays
from readiness_gate.publish.regions import Stamped, read
from readiness_gate.publish.statuses import context_of

ROUNDS = 3
"""How often a lost region is repaired before the others are left to do it."""
SETTLE = 2.0
"""Seconds after which another writer that read before us has written."""


class Discussion(PullRequests, Comments, Statuses, Protocol):
    """The parts of GitHub that a comment needs."""


@dataclass(frozen=True)
class CommentWrite:
    """What became of the comment.

    `written`, `unchanged` (it says the same already), `kept` (the mode asks for no change),
    `stale` (a newer run has written), `moved` (the head is another one), `refused` (the token may
    not), `failed` (no usable answer), `off` (none was asked for). `reason` is one line, `url` the
    comment's page.
    """

    became: Literal["written", "unchanged", "kept", "stale", "moved", "refused", "failed", "off"]
    url: str = ""
    reason: str = ""


def publish(
    forge: Discussion,
    number: int,
    regions: Mapping[Half, Stamped],
    *,
    prefix: str,
    head_sha: str,
    states: States,
    mode: str = "always",
    preview: bool = False,
    write: bool = True,
    sleep: Callable[[float], None] | None = None,
    rounds: int = ROUNDS,
) -> CommentWrite:
    """Write the own regions into the comment of a pull request; never raises a `ForgeError`.

    Args:
        forge: GitHub.
        number: the pull request.
        regions: the own regions, all of `head_sha`.
        prefix: first word of the statuses; each prefix has a comment of its own.
        head_sha: the commit that was judged; if it is not the head any more, nothing is written.
        states: conclusions of the own halves; the others are read from the statuses.
        mode: `always`, `changes`, `failures` or `never`.
        preview: first adoption, nothing is decided.
        write: whether anything may be written in this run.
        sleep: waits between writing and reading again; without it the second look is at once.
        rounds: how often it is read; with one round the caller looks again himself.
    """
    if not write or mode == "never" or not regions:
        return CommentWrite("off")
    job = _Job(forge, number, regions, prefix, head_sha, states, mode, preview)
    try:
        return job.write(sleep, rounds)
    except PermissionMissing as error:
        return CommentWrite("refused", reason=error.message)
    except ForgeError as error:
        return CommentWrite("failed", reason=error.message)


@dataclass(frozen=True)
class _Job:
    forge: Discussion
    number: int
    regions: Mapping[Half, Stamped]
    prefix: str
    head_sha: str
    states: States
    mode: str
    preview: bool

    def write(self, sleep: Callable[[float], None] | None, rounds: int) -> CommentWrite:
        seen: dict[Half, Stamped] = {}
        outcome: CommentWrite | None = None
        for _ in range(rounds):
            comments = self.forge.own_comments(self.number, marker(self.prefix))
            # Two runs that both found none have both created one; the oldest one stays.
            for comment in reversed(comments[1:]):
                seen |= read(comment.body)
            kept = comments[0] if comments else None
            standing = read(kept.body) if kept is not None else {}
            lost = {half: one for half, one in seen.items() if half not in standing}
            seen |= standing
            if outcome is not None and not lost and self._stand(standing):
                self._delete(comments[1:])
                return outcome
            body = self._composed(kept, {**lost, **self.regions})
            stop = self._nothing_to_do(kept, body, lost=bool(lost))
            if stop is not None:
                self._delete(comments[1:])
                return outcome or stop
            if self._moved():
                moved = CommentWrite("moved", reason=f"{self.head_sha[:7]} is no longer the head")
                return outcome or moved
            written = self._save(kept, body)
            self._delete(comments[1:])
            outcome = CommentWrite("written", written.url)
            if sleep is not None and rounds > 1 and len(self.regions) < len(Half):
                sleep(SETTLE)
        return outcome or CommentWrite("failed", reason="nothing was written")

    def _stand(self, standing: Mapping[Half, Stamped]) -> bool:
        # Only regions are looked at here: two writers could go on correcting each other's frame.
        return all(
            half in standing and standing[half].sha == mine.sha and stays(standing[half], mine)
            for half, mine in self.regions.items()
        )

    def _save(self, comment: Comment | None, body: str) -> Comment:
        if comment is None:
            return self.forge.create_comment(self.number, body)
        return self.forge.update_comment(comment, body)

    def _delete(self, duplicates: Sequence[Comment]) -> None:
        for duplicate in duplicates:
            # One that stays is taken away by the next run.
            with suppress(ForgeError):
                self.forge.delete_comment(duplicate)

    def _composed(self, comment: Comment | None, regions: Mapping[Half, Stamped]) -> str:
        body = compose(
            comment.body if comment is not None else None,
            regions,
            prefix=self.prefix,
            head_sha=self.head_sha,
            states=self._all_states(),
            preview=self.preview,
        )
        return body[:COMMENT_LIMIT]

    def _nothing_to_do(
        self, comment: Comment | None, body: str, *, lost: bool
    ) -> CommentWrite | None:
        if comment is None:
            ready = CommentWrite("kept", reason="everything is ready, and no comment was there")
            return None if self._creates() else ready
        standing = read(comment.body)
        if _same(comment.body, body):
            newer = [
                half
                for half, mine in self.regions.items()
                if half in standing and standing[half].content != mine.content
            ]
            if newer:
                return CommentWrite("stale", comment.url, "a newer run has written")
            return CommentWrite("unchanged", comment.url)
        if (
            self.mode == "changes"
            and not lost
            and all(
                half in standing and standing[half].outcomes == mine.outcomes
                for half, mine in self.regions.items()
            )
        ):
            return CommentWrite("kept", comment.url, "no outcome has changed")
        return None

    def _creates(self) -> bool:
        if self.mode != "failures":
            return True
        return any(
            state not in {None, Conclusion.SUCCESS}
            for half, state in self.states.items()
            if half in self.regions
        )

    def _moved(self) -> bool:
        return self.forge.pull_request(self.number).head_sha != self.head_sha

    def _all_states(self) -> States:
        try:
            statuses = self.forge.statuses(self.head_sha)
        except ForgeError:
            return self.states
        known: dict[Half, Conclusion | None] = {}
        for half in Half:
            status = statuses.get(context_of(self.prefix, half))
            if status is not None:
                known[half] = status.state
        return {**known, **self.states}


def _same(one: str, other: str) -> bool:
    return _lines(one) == _lines(other)


def _lines(body: str) -> Sequence[str]:
    return body.replace("\r\n", "\n").strip().split("\n")
