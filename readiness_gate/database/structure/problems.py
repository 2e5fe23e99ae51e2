"""What is wrong with a schema whatever the project claims: keys, types and indexes. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from readiness_gate.database.catalogue.affinity import affinity
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.structure.table import Index, Table

_LENGTH = re.compile(
    r"\b((?:var)?char|character(?: varying)?|(?:tiny|small|medium|big)?int)\(\d+\)"
)


@dataclass(frozen=True)
class Problem:
    """One finding about a table: which rule, and what is there."""

    rule: str
    """`primary-key`, `validated`, `types`, `valid-indexes` or `duplicate-indexes`."""
    table: str
    message: str


def without_primary_key(tables: Iterable[Table]) -> Iterator[Problem]:
    """Yield the tables that have none: their rows cannot be told apart."""
    for table in tables:
        if not table.primary_key:
            yield Problem("primary-key", table.label, "no primary key")


def not_validated(keys: Iterable[ForeignKey]) -> Iterator[Problem]:
    """Yield the keys that the engine holds for unproven, or does not enforce."""
    for key in keys:
        if not key.enforced:
            yield Problem("validated", key.child, f"{key.label} is NOT ENFORCED")
        elif not key.validated:
            yield Problem("validated", key.child, f"{key.label} is NOT VALID")


def mismatched_types(tables: Iterable[Table], keys: Iterable[ForeignKey]) -> Iterator[Problem]:
    """Yield the keys whose columns are of another type than what they reference.

    An `integer` that references a `bigint` overflows before its parent does, and a comparison of
    two types may not use the index.
    """
    by_name = {(table.schema, table.name): table for table in tables}
    for key in keys:
        child = by_name.get((key.schema, key.table))
        parent = by_name.get((key.referenced_schema, key.referenced_table))
        if child is None or parent is None:
            continue
        for own, other in zip(key.columns, key.referenced_columns, strict=False):
            one, two = child.column(own), parent.column(other)
            if one is None or two is None:
                continue
            if _comparable(key.dialect, one.type) != _comparable(key.dialect, two.type):
                message = f"{key.label}: {one.type or 'no type'} references {two.type or 'no type'}"
                yield Problem("types", key.child, message)


def _comparable(dialect: str, type_: str) -> str:
    """Return what has to be equal of two types: lengths of texts and widths shown do not matter."""
    if dialect == "sqlite":
        return affinity(type_)
    return _LENGTH.sub(r"\1", type_.lower())


def invalid_indexes(tables: Iterable[Table]) -> Iterator[Problem]:
    """Yield the indexes that cost every write and serve no query."""
    for table in tables:
        for index in table.indexes:
            if not index.valid:
                yield Problem("valid-indexes", table.label, f"index {index.name} is invalid")


def duplicate_indexes(tables: Iterable[Table]) -> Iterator[Problem]:
    """Yield the indexes that another one of the same table makes superfluous.

    Only where both cover whole columns of all rows; one that keeps values unique is needed as it
    is.
    """
    for table in tables:
        whole = [one for one in table.indexes if None not in one.columns and not one.partial]
        by_definition: dict[object, Index] = {}
        for index in sorted(whole, key=lambda one: (not one.primary, not one.unique, one.name)):
            kept = by_definition.setdefault(index.definition, index)
            if kept is not index:
                message = f"index {index.name} repeats {kept.name or 'the primary key'}"
                yield Problem("duplicate-indexes", table.label, message)


RULES: Mapping[str, str] = {
    "primary-key": "every table has a primary key",
    "validated": "every foreign key is validated and enforced",
    "types": "every foreign key has the type of what it references",
    "valid-indexes": "every index is valid",
    "duplicate-indexes": "no index repeats another",
}
"""What each rule asks for."""


def problems(tables: Iterable[Table], keys: Iterable[ForeignKey]) -> tuple[Problem, ...]:
    """Return every finding of every rule."""
    known, bound = tuple(tables), tuple(keys)
    return (
        *without_primary_key(known),
        *not_validated(bound),
        *mismatched_types(known, bound),
        *invalid_indexes(known),
        *duplicate_indexes(known),
    )
