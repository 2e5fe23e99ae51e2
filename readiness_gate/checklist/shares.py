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

NOT_ASKED = frozenset({SkippedBy.STAGE, SkippedBy.ONLY, SkippedBy.PHASE})
"""Why an item is open: this run does not say what it would be."""
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
        open=sum(one.skipped_by in NOT_ASKED for one in outcomes),
        waived=sum(one.outcome is Outcome.WAIVED for one in outcomes),
    )


def up_to(results: Iterable[ItemResult], phase: str, phases: Sequence[str]) -> list[ItemResult]:
    """Return the items of a phase and those before it; an item without one is of the first."""
    order = {name: place for place, name in enumerate(phases)}
    last = order.get(phase, len(order))
    return [one for one in results if order.get(one.phase or "", 0) <= last]


class Categories:
    """The items under each heading, sorted once for all who ask."""

    def __init__(self, results: Iterable[ItemResult], lines: Mapping[str, Item]) -> None:
        """Sort `results`; `lines` are the checklist's by id, with the headings above them."""
        self._under: dict[str, list[ItemResult]] = {}
        self._beginning: dict[str, set[str]] = {}
        self._declared: set[str] = set()
        for one in results:
            line = lines.get(one.id)
            above = (line.category, *line.section) if line is not None else ()
            for name in {heading.casefold() for heading in (one.category, *above) if heading}:
                self._under.setdefault(name, []).append(one)
            if line is not None and line.category:
                self._declared.add(line.category.casefold())
        for name in self._under:
            self._beginning.setdefault(_first(name), set()).add(name)

    def under(self, name: str) -> list[ItemResult]:
        """Return the items under a heading, whatever its case; a short name finds a longer one.

        `Monitoring` is `Monitoring & Observability`, `Cost Mgmt` is `Cost Management`, where only
        one heading begins like it.
        """
        exact = self._under.get(name.casefold())
        if exact is not None:
            return exact
        near = self._beginning.get(_first(name), set()) if _first(name) else set()
        near = near & self._declared or near
        return self._under[next(iter(near))] if len(near) == 1 else []


def meant(name: str, headings: Iterable[str], *, declared: Sequence[str] = ()) -> str | None:
    """Return the one heading that a name stands for, by the rule of `Categories.under`.

    `declared` are those that carry percentages of their own; they come before the others.
    """
    first, own = _first(name), {one.casefold() for one in declared}
    known = {one.casefold(): one for one in reversed([*declared, *headings])}
    if name.casefold() in known:
        return known[name.casefold()]
    near = {one for one in known if first and _first(one) == first}
    near = near & own or near
    return known[near.pop()] if len(near) == 1 else None


def _first(text: str) -> str:
    found = re.search(r"\w+", text.casefold())
    return found[0] if found else ""
