"""What a checklist claims, beside what the gate found: ticks, percentages, figures. Pure.

A claim agrees unless something that was found speaks against it; what a run could not tell, or was
not asked for, contradicts nobody.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from readiness_gate.checklist import shares, statistics
from readiness_gate.checklist.contradictions import MOST, contradictions, placeholders
from readiness_gate.checklist.document import (
    ClaimKind,
    DeclaredShares,
    Document,
    Item,
    Statistic,
)
from readiness_gate.checklist.ids import sign_off_id
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.report import Claim

_READY = re.compile(r"(overall )?status\W+(production[ -])?ready\b", re.IGNORECASE)
_AGREE = frozenset({Outcome.PASSED, Outcome.WAIVED})
_UNTOLD = frozenset({Outcome.SKIPPED, Outcome.ERROR})


@dataclass(frozen=True)
class Found:
    """What a run found, as far as claims are held against it."""

    results: Sequence[ItemResult]
    lines: Mapping[str, Item]
    """Every line of the checklists by id."""
    phases: Sequence[str]
    phase: str | None
    """The phase that is enforced."""
    ready: bool
    """Whether nothing that blocks is open."""

    @cached_property
    def categories(self) -> shares.Categories:
        """The results by heading."""
        return shares.Categories(self.results, self.lines)


def claims(documents: Sequence[Document], found: Found) -> tuple[Claim, ...]:
    """Return every claim that could be held against something, in the order of the documents."""
    told = list(_ticks(found))
    for document in documents:
        told += _percentages(document, found)
        told += _done(document, found)
        told += _figures(document, found)
        told += _decisions(document, found)
        told += _signatures(document, found)
        told += contradictions(document, _stated(document, found))
        told += placeholders(document)
    return tuple(told)


def _ticks(found: Found) -> Iterator[Claim]:
    results = {one.id: one for one in found.results}
    for line in found.lines.values():
        item = results.get(line.id)
        if item is None or item.outcome in _UNTOLD:
            continue
        if not line.ticked and item.outcome is not Outcome.PASSED:
            continue
        yield Claim(
            text=line.text,
            declared="ticked" if line.ticked else "not ticked",
            computed=item.outcome.value,
            agrees=line.ticked and item.outcome in _AGREE,
            item=line.id,
            path=line.path,
            line=line.line,
        )


def _percentages(document: Document, found: Found) -> Iterator[Claim]:
    rows = [row for matrix in document.matrices for row in matrix.rows]
    said: set[tuple[str, str]] = set()
    headings = document.headings[:MOST]
    for at, declared in enumerate((*headings, *rows[:MOST])):
        heading = at < len(headings)
        now = _today(declared, found, heading=heading)
        for place, share in enumerate(declared.shares):
            if share.phase not in now:
                continue
            # How far a section is today is said of the whole of it; a later figure is a goal.
            first = place == 0 and (heading or share.phase == _first(found))
            items = _members(declared, found)
            if not first:
                items = shares.up_to(items, share.phase, found.phases)
            seen = shares.tally(items)
            text, percent = f"{declared.category}, {share.phase}", f"{share.percent:g} %"
            if not seen.counted or (text, percent) in said:
                continue  # a matrix says again what its headings say
            said.add((text, percent))
            yield Claim(
                text=text,
                declared=percent,
                computed=seen.told(),
                agrees=seen.met(share.percent) is not False,
                kind="share",
                path=document.path,
                line=declared.line,
            )


def _first(found: Found) -> str:
    return found.phases[0] if found.phases else ""


def _today(declared: DeclaredShares, found: Found, *, heading: bool) -> set[str]:
    """Return the phases whose percentages are claims by now; those of later ones are goals."""
    phases = list(found.phases)
    current = found.phase or (phases[0] if phases else "")
    last = phases.index(current) if current in phases else 0
    reached = set(phases[: last + 1])
    if heading and declared.shares:
        reached.add(declared.shares[0].phase)
    return reached


def _members(declared: DeclaredShares, found: Found) -> list[ItemResult]:
    if declared.overall:
        return [one for one in found.results if one.id in found.lines]
    return found.categories.under(declared.category)


def _figures(document: Document, found: Found) -> Iterator[Claim]:
    figures = statistics.measured(found.results)
    for held in statistics.against(_stated(document, found), figures):
        one = held.statistic
        yield Claim(
            text=one.text,
            declared=statistics.stated(one),
            computed=held.found,
            agrees=held.agrees,
            kind="statistic",
            item=one.item,
            path=document.path,
            line=one.line,
        )


def _stated(document: Document, found: Found) -> list[Statistic]:
    """Return the figures that are claimed: what an open line counts is its problem."""
    ticked = {one.id for one in found.lines.values() if one.ticked}
    stated = [one for one in document.statistics if one.item is None or one.item in ticked]
    return stated[:MOST]


def _done(document: Document, found: Found) -> Iterator[Claim]:
    """Yield ticked headings, beside what is under them; one with percentages says so itself."""
    shown = {one.line for one in document.headings}
    headings = [one for one in document.claims if one.kind is ClaimKind.HEADING]
    for one in headings[:MOST]:
        if one.line in shown:
            continue
        depth = len(one.section)
        under = [
            item
            for item in found.results
            if (line := found.lines.get(item.id)) is not None
            and line.path == document.path
            and line.section[:depth] == one.section
        ]
        seen = shares.tally(under)
        if seen.counted:
            yield Claim(
                text=one.text,
                declared="ticked",
                computed=seen.told(),
                agrees=seen.passed == seen.counted,
                path=document.path,
                line=one.line,
            )


def _signatures(document: Document, found: Found) -> Iterator[Claim]:
    """Yield names beside a role: anybody can type one, so the role's sign-off decides."""
    results = {one.id: one for one in found.results}
    for one in document.sign_offs[:MOST]:
        item = results.get(sign_off_id(one.role))
        if not one.signed or item is None or item.outcome in _UNTOLD:
            continue
        yield Claim(
            text=f"Signed by {one.role}",
            declared=one.name or "signed",
            computed=item.outcome.value,
            agrees=item.outcome in _AGREE,
            kind="signature",
            item=item.id,
            path=document.path,
            line=one.line,
        )


def _decisions(document: Document, found: Found) -> Iterator[Claim]:
    for one in document.decisions:
        if one.chosen is None:
            continue
        declined = one.chosen.casefold().startswith(("no", "не"))
        yield Claim(
            text=one.text,
            declared=one.chosen,
            computed="ready" if found.ready else "not ready",
            agrees=declined or found.ready,
            kind="decision",
            path=document.path,
            line=one.line,
        )
    for status in document.claims:
        if status.kind is ClaimKind.STATUS and _READY.match(status.text):
            yield Claim(
                text=status.text,
                declared="ready",
                computed="ready" if found.ready else "not ready",
                agrees=found.ready,
                kind="decision",
                path=document.path,
                line=status.line,
            )
