"""The steps of a clean-up, in the order in which they can be done. Pure, but for what it is told.

Before rows leave a table, whatever refers to them is dealt with, deepest first: a delete that left
orphans behind would only move the problem, and one that cascades would take rows without a copy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.cleanup.action import Action, Decision
from readiness_gate.database.orphans import Orphans
from readiness_gate.database.orphans.queries import Condition, child, hanging_on, orphaned, parent
from readiness_gate.database.structure.table import Table
from readiness_gate.errors import ConfigurationError

_DEEPEST = 4


@dataclass(frozen=True)
class Step:
    """One statement's worth of work on one table."""

    key: ForeignKey
    decision: Decision
    rows: int
    """Orphans as they were counted; 0 for what hangs on the orphans of another step."""
    where: str
    """Condition on a row `c` of the key's table."""
    columns: tuple[str, ...]
    """Columns to copy: all of the table that are not computed."""
    cause: str = ""
    """Label of the key whose orphans these rows hang on."""

    def as_data(self, number: int, suffix: str) -> dict[str, object]:
        """Return what the revision holds of it."""
        identity = self.key.primary_key
        emptied = self.key.delete_sets if self.decision.action is Action.SET_NULL else ()
        copied = (*identity, *emptied) if emptied else self.columns
        return {
            "key": self.key.label,
            "because": self.decision.reason,
            "rows": self.rows,
            "action": self.decision.action.value,
            "table": child(self.key),
            "parent": parent(self.key),
            "kept": quoted(f"_orphans_{suffix}_{number}"),
            "columns": [quoted(name) for name in copied],
            "identity": [quoted(name) for name in identity],
            "emptied": [quoted(name) for name in emptied],
            "own": [quoted(name) for name in self.key.columns],
            "referenced": [quoted(name) for name in self.key.referenced_columns],
            "where": self.where,
        }


def steps(
    found: Iterable[Orphans],
    keys: Sequence[ForeignKey],
    tables: Iterable[Table],
    decided: Mapping[str, Decision],
) -> tuple[Step, ...]:
    """Return the steps for every key with orphans.

    `decided` holds the decision of every key, by its label. Keys of the upper tables come first, so
    that what a step strands is met by a later one.

    Raises:
        ConfigurationError: a table has no primary key, so that its rows cannot be told apart.
    """
    by_name = {(table.schema, table.name): table for table in tables}
    broken = [one for one in found if one.rows]
    order = _parents_first(keys)
    made: list[Step] = []
    for one in sorted(broken, key=lambda each: order[each.key.child]):
        decision = decided[one.key.label]
        if decision.action.removes:
            made += _below(one.key, keys, by_name, decided)
        where = orphaned(one.key)
        made.append(Step(one.key, decision, one.rows, where, _columns(one.key, by_name)))
    return tuple(made)


def _below(
    key: ForeignKey,
    keys: Sequence[ForeignKey],
    by_name: Mapping[tuple[str, str], Table],
    decided: Mapping[str, Decision],
) -> Iterator[Step]:
    """Yield the steps for what refers to the orphans of `key`, deepest first."""

    def walk(above: ForeignKey, broken: Condition, seen: frozenset[str]) -> Iterator[Step]:
        for one in keys:
            if one.parent != above.child or len(seen) > _DEEPEST:
                continue
            decision = decided[one.label]
            if one.child in seen and decision.action.removes:
                continue  # a circle: the next pass meets what is left
            condition = hanging_on(one, broken, f"a{len(seen)}")
            if decision.action.removes:
                yield from walk(one, condition, seen | {one.child})
            yield Step(one, decision, 0, condition("c"), _columns(one, by_name), cause=key.label)

    yield from walk(key, partial(orphaned, key), frozenset({key.child}))


def _columns(key: ForeignKey, by_name: Mapping[tuple[str, str], Table]) -> tuple[str, ...]:
    table = by_name.get((key.schema, key.table))
    if table is None or not key.primary_key:
        raise ConfigurationError(
            f"{key.child} has no primary key: its rows cannot be set aside one by one",
            advice="give the table a primary key first, or repair it by hand",
        )
    return tuple(column.name for column in table.columns if not column.computed)


def _parents_first(keys: Sequence[ForeignKey]) -> dict[str, int]:
    """Return a rank for every table: one above all that refer to it, where there is no circle."""
    rank = {name: 0 for key in keys for name in (key.child, key.parent)}
    for _ in range(len(rank)):
        changed = False
        for key in keys:
            if key.child != key.parent and rank[key.child] <= rank[key.parent] < len(rank):
                rank[key.child] = rank[key.parent] + 1
                changed = True
        if not changed:
            break
    return rank
