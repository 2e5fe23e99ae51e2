"""Columns that look like references and have no foreign key: nobody checks what they point at.

The name is `x_id` (or `xId`) where a table `x`, `xs`, `xes` or `ies` for `y` has a primary key of
one column and the same type. A column beside a `x_type` is polymorphic and points at several
tables (notes on databases 2.3).
"""

import re
from collections.abc import Iterable, Iterator

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.structure.table import Column, Table

_NAME = re.compile(r"(.+?)(?:_id|_uuid|(?<=[a-z])(?:Id|ID))")
_SIZES = re.compile(r"\s*\(\d+(,\s*\d+)?\)|\s+unsigned")


def reference_like(
    tables: Iterable[Table], keys: Iterable[ForeignKey]
) -> Iterator[tuple[Table, Column, Table]]:
    """Yield the table, the column, and the table that it seems to point at."""
    known = tuple(tables)
    bound = {(key.schema, key.table, name) for key in keys for name in key.columns}
    by_name = {table.name.lower(): table for table in known}
    for table in known:
        names = {column.name.lower() for column in table.columns}
        for column in table.columns:
            found = _NAME.fullmatch(column.name)
            if found is None or (table.schema, table.name, column.name) in bound:
                continue
            word = _snake(found[1])
            target = next((by_name[one] for one in _tables(word) if one in by_name), None)
            if target is None or f"{word}_type" in names or not _alike(column, target):
                continue
            yield table, column, target


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()


def _tables(word: str) -> tuple[str, ...]:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}es"
    return word, f"{word}s", plural


def _alike(column: Column, target: Table) -> bool:
    if len(target.primary_key) != 1:
        return False
    key = target.column(target.primary_key[0])
    return key is not None and _plain(key.type) == _plain(column.type)


def _plain(type_: str) -> str:
    return _SIZES.sub("", type_.lower())
