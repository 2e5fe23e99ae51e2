"""What hangs on orphans: rows whose parent, or whose parent's parent, is one.

Deleting the orphans deletes, empties or strands these too, so a clean-up has to know of them.
"""

# ruff: noqa: S608 - every name is quoted by `child`
from collections.abc import Iterable, Iterator
from functools import partial

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.orphans.plan import limited
from readiness_gate.database.orphans.queries import Condition, child, hanging_on, orphaned
from readiness_gate.database.session import Session, StatementFailed
from readiness_gate.doors.clock import Deadline

_DEEPEST = 4

Path = tuple[ForeignKey, ...]
"""Keys from the table of the orphans downwards."""


def below(key: ForeignKey, keys: Iterable[ForeignKey]) -> Iterator[Path]:
    """Yield every chain of keys that ends at the table which holds `key`, nearest first.

    A table that is already on the chain ends it: what refers to itself is counted once.
    """
    every = tuple(keys)
    level: list[Path] = [()]
    for _ in range(_DEEPEST):
        grown: list[Path] = []
        for path in level:
            parent = path[-1] if path else key
            seen = {_table(key), *map(_table, path)}
            grown += [
                (*path, one)
                for one in every
                if _referenced(one) == _table(parent) and _table(one) not in seen
            ]
        yield from grown
        level = grown


def hanging(
    session: Session,
    key: ForeignKey,
    keys: Iterable[ForeignKey],
    *,
    deadline: Deadline | None = None,
) -> dict[str, int]:
    """Return the rows that hang on the orphans of `key`, by the label of the last key.

    Chains that cannot be looked at in time are left out: the orphans themselves decide.
    """
    found: dict[str, int] = {}
    for path in below(key, keys):
        if deadline is not None and deadline.passed:
            break
        try:
            with session.guarded():
                if deadline is not None:
                    limited(session, deadline.remaining())
                rows = int(session.value(counting(key, path)))
        except StatementFailed:
            continue
        if rows:
            label = path[-1].label
            found[label] = found.get(label, 0) + rows
    return found


def counting(key: ForeignKey, path: Path) -> str:
    """Return the query for the rows at the end of a chain."""
    condition: Condition = partial(orphaned, key)
    for depth, one in enumerate(path):
        condition = hanging_on(one, condition, f"a{depth}")
    return f"SELECT count(*) FROM {child(path[-1])} c WHERE {condition('c')}"


def _table(key: ForeignKey) -> tuple[str, str]:
    return key.schema, key.table


def _referenced(key: ForeignKey) -> tuple[str, str]:
    return key.referenced_schema, key.referenced_table
