"""The regions of the comment as text: marked, stamped, read back (DESIGN 1.3).

A marker counts at the start of a line only, in a comment of our own only; what a region holds
can therefore not end it. A region whose text is no longer what was written is not read back.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from readiness_gate.model.outcome import Half
from readiness_gate.report.region import Region

_BEGIN = re.compile(
    r"^<!-- readiness-gate:region half=(?P<half>merge|checks) sha=(?P<sha>[0-9a-f]{0,64})"
    r" run=(?P<run>\d{1,20}) attempt=(?P<attempt>\d{1,9})"
    r" content=(?P<content>[0-9a-f]{16}) outcomes=(?P<outcomes>[0-9a-f]{16})"
    r" text=(?P<text>[0-9a-f]{16}) -->$"
)
_OURS = re.compile(r"^(?=<!--[ \t]*readiness-gate:)", re.MULTILINE)


@dataclass(frozen=True)
class Stamped:
    """A region with the commit and the run that it is of."""

    half: Half
    text: str
    content: str
    outcomes: str
    sha: str
    run: int = 0
    attempt: int = 0

    @property
    def age(self) -> tuple[int, int]:
        """What orders two regions of one commit: GitHub's run ids only grow."""
        return self.run, self.attempt

    def markdown(self) -> str:
        """Return the region between its markers."""
        begin = (
            f"<!-- readiness-gate:region half={self.half.value} sha={self.sha}"
            f" run={self.run} attempt={self.attempt}"
            f" content={self.content} outcomes={self.outcomes} text={_digest(self.text)} -->"
        )
        return f"{begin}\n\n{self.text}\n\n{_end(self.half)}"


def stamp(region: Region, sha: str, *, run: str = "", attempt: str = "") -> Stamped:
    """Return a rendered region with its stamp; ids that are no numbers count as the oldest."""
    text = _OURS.sub(" ", region.text).strip("\n")
    return Stamped(
        region.half,
        text,
        region.content,
        region.outcomes,
        sha,
        int(run) if run.isascii() and run.isdigit() else 0,
        int(attempt) if attempt.isascii() and attempt.isdigit() else 0,
    )


def read(body: str) -> Mapping[Half, Stamped]:
    """Return the whole and unedited regions of a comment; the first one of each half counts."""
    found: dict[Half, Stamped] = {}
    lines = body.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        match = _BEGIN.match(lines[at])
        at += 1
        if match is None:
            continue
        half = Half(match["half"])
        end = _end_of(lines, at, half)
        if end is None:
            continue
        text = "\n".join(lines[at:end]).strip("\n")
        at = end + 1
        if _digest(text) == match["text"]:
            found.setdefault(half, _stamped(match, half, text))
    return found


def _end_of(lines: list[str], start: int, half: Half) -> int | None:
    for at in range(start, len(lines)):
        if lines[at] == _end(half):
            return at
        if _BEGIN.match(lines[at]):
            return None
    return None


def _stamped(match: re.Match[str], half: Half, text: str) -> Stamped:
    return Stamped(
        half,
        text,
        match["content"],
        match["outcomes"],
        match["sha"],
        int(match["run"]),
        int(match["attempt"]),
    )


def _end(half: Half) -> str:
    return f"<!-- readiness-gate:end half={half.value} -->"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
