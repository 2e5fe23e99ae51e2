"""Who has to move: the items of a half, sorted into what a reader looks for. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import ErrorClass, Half, Outcome, Severity
from readiness_gate.model.report import Report

_SEVERITIES = tuple(Severity)


@dataclass(frozen=True)
class Row:
    """An item that is not ready, with the items that could not run because of it.

    `same` are further items that say the same: several lines of a checklist, one finding.
    """

    item: ItemResult
    consequences: tuple[ItemResult, ...] = ()
    same: tuple[ItemResult, ...] = ()

    @property
    def items(self) -> tuple[ItemResult, ...]:
        """Every item that the row stands for, its consequences left out."""
        return (self.item, *self.same)


@dataclass(frozen=True)
class Groups:
    """The items of one half; every item stands in exactly one place."""

    fixes: tuple[Row, ...]
    waiting: tuple[Row, ...]
    unknown: tuple[Row, ...]
    not_blocking: tuple[ItemResult, ...]
    waived: tuple[ItemResult, ...]
    skipped: tuple[ItemResult, ...]
    passed: tuple[ItemResult, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing that blocks is open."""
        return not (self.fixes or self.waiting or self.unknown)


def of_half(report: Report, half: Half) -> tuple[ItemResult, ...]:
    """Return the items of one half in the report's order."""
    return tuple(item for item in report.items if item.half is half)


def grouped(items: Sequence[ItemResult]) -> Groups:
    """Return the items by whose move it is, worst severity first, then in their own order."""
    rows = _rows(items)
    blocking = [row for row in rows if row.item.blocking]

    def group(outcome: Outcome) -> tuple[Row, ...]:
        return _joined(_worst_first(row for row in blocking if row.item.outcome is outcome))

    def plainly(outcome: Outcome) -> tuple[ItemResult, ...]:
        return tuple(item for item in items if item.outcome is outcome)

    return Groups(
        fixes=group(Outcome.FAILED),
        waiting=group(Outcome.PENDING),
        unknown=group(Outcome.ERROR),
        not_blocking=tuple(
            one for row in rows if not row.item.blocking for one in (row.item, *row.consequences)
        ),
        waived=plainly(Outcome.WAIVED),
        skipped=plainly(Outcome.SKIPPED),
        passed=plainly(Outcome.PASSED),
    )


def _rows(items: Sequence[ItemResult]) -> list[Row]:
    open_ones = [item for item in items if item.outcome in _OPEN]
    known = {item.id: item for item in open_ones}
    behind: dict[str, list[ItemResult]] = {}
    heads = []
    for item in open_ones:
        root = _root(item, known)
        if root is None:
            heads.append(item)
        else:
            behind.setdefault(root.id, []).append(item)
    return [Row(item, tuple(behind.get(item.id, ()))) for item in heads]


_OPEN = frozenset({Outcome.FAILED, Outcome.PENDING, Outcome.ERROR})


def _root(item: ItemResult, known: dict[str, ItemResult]) -> ItemResult | None:
    seen = {item.id}
    at = item
    while at.error_class is ErrorClass.PREREQUISITE and at.cause in known:
        if at.cause in seen:
            # Causes in a circle: none of them is the first, so each stands for itself.
            return None
        at = known[at.cause]
        seen.add(at.id)
    # A consequence that blocks is never hidden under a cause that does not.
    if at is item or (item.blocking and not at.blocking):
        return None
    return at


def _worst_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: _SEVERITIES.index(row.item.severity))


def _joined(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows, those with one finding as one row under the worst of them."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        item = row.item
        said = (item.check, item.summary, item.details, item.remediation, item.waiting_for)
        found.setdefault((*said, item.error_class, item.evidence), []).append(row)
    return tuple(
        Row(
            first.item,
            tuple(one for row in (first, *others) for one in row.consequences),
            tuple(row.item for row in others),
        )
        for first, *others in found.values()
    )


@dataclass(frozen=True)
class Counts:
    """How many items came to which outcome (DESIGN 1.1, outputs)."""

    passed: int
    failed: int
    errors: int
    pending: int
    waived: int
    skipped: int


def counts(items: Iterable[ItemResult]) -> Counts:
    """Return the number of items per outcome, those that do not block included."""
    outcomes = [item.outcome for item in items]
    return Counts(
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED),
        errors=outcomes.count(Outcome.ERROR),
        pending=outcomes.count(Outcome.PENDING),
        waived=outcomes.count(Outcome.WAIVED),
        skipped=outcomes.count(Outcome.SKIPPED),
    )
