"""The one comment: two regions, two writers, never doubled (DESIGN 1.3).

GitHub has no conditional write for comments, so that two writers can lose a region between the
reading and the writing of each other. Whoever wrote reads again afterwards and repairs.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import quote

from readiness_gate import __version__
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import COMMENT_LIMIT, Comment, Comments, PullRequests, Statuses
from readiness_gate.model.outcome import Conclusion, Half, Verdict
from readiness_gate.model.report import Report
from readiness_gate.publish.regions import Stamped, read, stamp
from readiness_gate.publish.statuses import context_of
from readiness_gate.report.escape import short_sha
from readiness_gate.report.page import HALF_TITLES, VERDICT_TITLES, Page, conclusion_mark
from readiness_gate.report.region import conclusion_of, region
from readiness_gate.report.summary import halves_of

ROUNDS = 3
"""How often a lost region is repaired before the others are left to do it."""
SETTLE = 2.0
"""Seconds after which another writer that read before us has written."""

_WORST_FIRST = (Conclusion.FAILURE, Conclusion.ERROR, Conclusion.PENDING, Conclusion.SUCCESS)
_VERDICTS = dict(
    zip(
        _WORST_FIRST,
        (Verdict.BLOCKED, Verdict.ERROR, Verdict.WAITING, Verdict.READY),
        strict=True,
    )
)
States = Mapping[Half, Conclusion | None]
"""Conclusions by half: `None` where nothing was planned, absent where nothing is known."""


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


def marker(prefix: str) -> str:
    """Return the first line of the comment of one gate; it names the status prefix."""
    # Two hyphens would end an HTML comment in some readers.
    name = quote(prefix, safe="").replace("--", "-%2D")
    return f"<!-- readiness-gate:v1 status-prefix={name} -->"


def compose(
    previous: str | None,
    regions: Mapping[Half, Stamped],
    *,
    prefix: str,
    head_sha: str,
    states: States,
    preview: bool = False,
) -> str:
    """Return the whole comment.

    Args:
        previous: the comment as it stands; regions that are not replaced are copied verbatim.
        regions: the own ones. One that says the same as before, or is of an older run of the
            same commit than what stands there, leaves what stands there.
        prefix: first word of the statuses.
        head_sha: the head now; regions of other commits are marked outdated.
        states: conclusions of the halves, from the statuses.
        preview: first adoption, nothing is decided.
    """
    shown = _merged(read(previous or ""), regions)
    parts = [f"{marker(prefix)}\n## {_headline(states, preview)}\n\n{_facts(states, head_sha)}"]
    for half in sorted(shown, key=lambda one: _rank(states.get(one))):
        region = shown[half]
        if region.sha != head_sha:
            parts.append(
                f"> [!WARNING]\n> {HALF_TITLES[half]} is outdated: it is of"
                f" {short_sha(region.sha)}, the head is {short_sha(head_sha)}."
            )
        parts.append(region.markdown())
    parts.append(f"<sub>readiness-gate {__version__}</sub>")
    return "\n\n".join(parts) + "\n"


def standalone(
    report: Report, page: Page, *, prefix: str = "readiness", run: str = "", attempt: str = ""
) -> str:
    """Return the comment of one redacted report as if none stood there: `comment.md`."""
    sha = report.head_sha or report.tested_sha or ""
    halves = halves_of(report)
    regions = {
        half: stamp(region(report, half, page), sha, run=run, attempt=attempt) for half in halves
    }
    states = {half: conclusion_of(report, half) for half in Half}
    return compose(
        None, regions, prefix=prefix, head_sha=sha, states=states, preview=report.preview
    )


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
        sleep: waits between writing and reading again; without it there is no second look.
    """
    if not write or mode == "never" or not regions:
        return CommentWrite("off")
    job = _Job(forge, number, regions, prefix, head_sha, states, mode, preview)
    try:
        return job.write(sleep)
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

    def write(self, sleep: Callable[[float], None] | None) -> CommentWrite:
        seen: dict[Half, Stamped] = {}
        outcome: CommentWrite | None = None
        for _ in range(ROUNDS):
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
            if sleep is not None and len(self.regions) < len(Half):
                sleep(SETTLE)
        return outcome or CommentWrite("failed", reason="nothing was written")

    def _stand(self, standing: Mapping[Half, Stamped]) -> bool:
        # Only regions are looked at here: two writers could go on correcting each other's frame.
        return all(
            half in standing and standing[half].sha == mine.sha and _stays(standing[half], mine)
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


def _merged(
    standing: Mapping[Half, Stamped], own: Mapping[Half, Stamped]
) -> Mapping[Half, Stamped]:
    shown = dict(standing)
    for half, mine in own.items():
        there = standing.get(half)
        if there is None or there.sha != mine.sha or not _stays(there, mine):
            shown[half] = mine
    return shown


def _stays(there: Stamped, mine: Stamped) -> bool:
    return there.content == mine.content or there.age > mine.age


def _headline(states: States, preview: bool) -> str:
    known = [state for state in states.values() if state is not None]
    if preview:
        return "👀 Preview: nothing is decided yet"
    if not known:
        return VERDICT_TITLES[Verdict.ERROR]
    worst = min(known, key=_WORST_FIRST.index)
    untold = [half for half in Half if half not in states]
    if worst is Conclusion.SUCCESS and untold:
        return f"⏳ {' and '.join(HALF_TITLES[half] for half in untold)} to come"
    return VERDICT_TITLES[_VERDICTS[worst]]


def _facts(states: States, head_sha: str) -> str:
    told = [
        f"{HALF_TITLES[half]} {conclusion_mark(states[half])}" for half in Half if half in states
    ]
    if head_sha:
        told.append(f"at {short_sha(head_sha)}")
    return " · ".join(told)


def _rank(state: Conclusion | None) -> int:
    return _WORST_FIRST.index(state) if state is not None else len(_WORST_FIRST)


def _same(one: str, other: str) -> bool:
    return _lines(one) == _lines(other)


def _lines(body: str) -> Sequence[str]:
    return body.replace("\r\n", "\n").strip().split("\n")
