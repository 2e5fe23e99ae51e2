"""How much of a category is proven, by a published formula (docs/claims.md). Pure.

Of the lines of a category, up to a phase: `passed / (passed + failed + errors + pending)`. What is
waived or does not apply counts as neither. Lines that a run did not ask for are open: the share
lies between two bounds then, and nothing is met, or missed, that they can still decide.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.checklist.document import Item
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Outcome, SkippedBy

_NOT_ASKED = frozenset({SkippedBy.STAGE, SkippedBy.ONLY, SkippedBy.PHASE})
_COUNTED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.PENDING})


@dataclass(frozen=True)
class Tally:
    """What became of some lines."""

    passed: int = 0
    counted: int = 0
    """Passed, failed, waiting or not to be told."""
    open: int = 0
    """Not asked for in this run."""
    waived: int = 0

    @property
    def least(self) -> int:
        """The share in percent, rounded down, if nothing that is open passes."""
        total = self.counted + self.open
        return 100 * self.passed // total if total else 0

    @property
    def most(self) -> int:
        """The same if all that is open passes."""
        total = self.counted + self.open
        return 100 * (self.passed + self.open) // total if total else 0

    def met(self, target: float) -> bool | None:
        """Return whether at least `target` percent passed, `None` where open lines decide it."""
        total = self.counted + self.open
        if not total:
            return None
        if 100 * self.passed >= target * total:
            return True
        return False if 100 * (self.passed + self.open) < target * total else None

    def told(self) -> str:
        """Return it in words: `26 % (5 of 19)`, `15 to 84 % (3 of 20, 14 not asked for)`."""
        total = self.counted + self.open
        if not total:
            return "nothing to count"
        if not self.open:
            return f"{self.least} % ({self.passed} of {total})"
        asked = f"{self.passed} of {total}, {self.open} not asked for"
        return f"{self.least} to {self.most} % ({asked})"


def tally(results: Iterable[ItemResult]) -> Tally:
    """Return what became of items."""
    outcomes = list(results)
    return Tally(
        passed=sum(one.outcome is Outcome.PASSED for one in outcomes),
        counted=sum(one.outcome in _COUNTED for one in outcomes),
        open=sum(one.skipped_by in _NOT_ASKED for one in outcomes),
        waived=sum(one.outcome is Outcome.WAIVED for one in outcomes),
    )


def up_to(results: Iterable[ItemResult], phase: str, phases: Sequence[str]) -> list[ItemResult]:
    """Return the items of a phase and those before it; an item without one is of the first."""
    order = {name: place for place, name in enumerate(phases)}
    last = order.get(phase, len(order))
    return [one for one in results if order.get(one.phase or "", 0) <= last]


def of_category(
    name: str, results: Sequence[ItemResult], lines: Mapping[str, Item]
) -> list[ItemResult]:
    """Return the items under a heading, whatever its case; a short name finds the longer heading.

    `Monitoring` is `Monitoring & Observability`, `Cost Mgmt` is `Cost Management`, where only one
    heading begins like it.
    """
    exact = name.casefold()
    found = [one for one in results if exact in _headings(one, lines)]
    if found:
        return found
    first = _words(name)[:1]
    near = {
        heading
        for one in results
        for heading in _headings(one, lines)
        if first and _words(heading)[:1] == first
    }
    declared = {lines[one.id].category.casefold() for one in results if one.id in lines}
    near = near & declared or near
    if len(near) != 1:
        return []
    (only,) = near
    return [one for one in results if only in _headings(one, lines)]


def _headings(item: ItemResult, lines: Mapping[str, Item]) -> set[str]:
    line = lines.get(item.id)
    names = {item.category, *((line.category, *line.section) if line is not None else ())}
    return {one.casefold() for one in names if one}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
