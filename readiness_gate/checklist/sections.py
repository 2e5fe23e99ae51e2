"""The headings above a line, and what they say for every item below them."""

from typing import NamedTuple

from readiness_gate.checklist import cadences, remarks, wording
from readiness_gate.checklist.document import DeclaredShares
from readiness_gate.model.outcome import Severity, Stage

_CAP = 2_000


class Heading(NamedTuple):
    """One heading as it is written, and its words."""

    level: int
    raw: str
    words: str
    severity: Severity | None
    phase: str | None
    cadence: cadences.Cadence | None
    condition: str | None
    declares: bool


class Section(NamedTuple):
    """What the headings above a line say together: the nearest that says something wins."""

    headings: tuple[Heading, ...] = ()
    words: tuple[str, ...] = ()
    severity: Severity | None = None
    phase: str | None = None
    cadence: str | None = None
    stage: Stage | None = None
    condition: str | None = None
    category: str = ""


class Sections:
    """Follows the headings of a document, in their order."""

    def __init__(self) -> None:
        """Begin above the first heading."""
        self.now = Section()
        self.declared: list[DeclaredShares] = []

    def enter(self, level: int, raw: str, line: int) -> Section:
        """Return the section that a heading opens."""
        raw = raw[:_CAP]
        words = wording.heading(raw)
        shares = remarks.shares(raw)
        heading = Heading(
            level=level,
            raw=raw,
            words=words,
            severity=wording.heading_severity(words),
            phase=wording.heading_phase(words),
            cadence=cadences.cadence(raw),
            condition=cadences.condition(raw),
            declares=bool(shares),
        )
        above = [one for one in self.now.headings if one.level < level]
        self.now = _section((*above, heading))
        if shares:
            self.declared.append(DeclaredShares(words, shares, line, self.now.words))
        return self.now


def _section(headings: tuple[Heading, ...]) -> Section:
    nearest = headings[::-1]
    cadence = next((one.cadence for one in nearest if one.cadence), None)
    return Section(
        headings=headings,
        words=tuple(one.words for one in headings),
        severity=next((one.severity for one in nearest if one.severity), None),
        phase=next((one.phase for one in nearest if one.phase), None),
        cadence=cadence.name if cadence else None,
        stage=cadence.stage if cadence else None,
        condition=next((one.condition for one in nearest if one.condition), None),
        category=_category(headings),
    )


def _category(headings: tuple[Heading, ...]) -> str:
    """Return the heading that items are counted under, not the document's title."""
    below = headings[1:] if headings[0].level == 1 else headings
    for one in below:
        if one.declares:
            return one.words
    plain = [one for one in below if not (one.severity or one.phase)]
    kept = [one for one in plain if not one.cadence] or plain[:1]
    return kept[-1].words if kept else ""
