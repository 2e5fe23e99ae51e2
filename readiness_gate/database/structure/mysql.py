"""Tables of MariaDB and MySQL, from `information_schema`."""

from itertools import groupby
from typing import Any

from readiness_gate.database.session import Session
from readiness_gate.database.structure.table import Column, Index, Table

_TABLES = """
SELECT TABLE_NAME, TABLE_ROWS, ENGINE FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME
"""
_COLUMNS = """
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'YES',
       COLUMN_DEFAULT IS NOT NULL OR EXTRA LIKE '%auto_increment%', EXTRA LIKE '%GENERATED%'
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, ORDINAL_POSITION
"""
_INDEXES = """
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART, NON_UNIQUE, INDEX_TYPE
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""


def tables(session: Session) -> tuple[Table, ...]:
    """Return the tables of the connection's own database."""
    columns: dict[str, list[Column]] = {}
    indexes: dict[str, list[Index]] = {}
    for row in session.rows(_COLUMNS):
        columns.setdefault(row[0], []).append(Column(row[1], row[2], *map(bool, row[3:])))
    for (table, _), parts in groupby(session.rows(_INDEXES), key=lambda row: (row[0], row[1])):
        indexes.setdefault(table, []).append(_index(list(parts)))
    return tuple(
        Table(
            schema="",
            name=name,
            columns=tuple(columns.get(name, ())),
            indexes=tuple(indexes.get(name, ())),
            rows=-1 if rows is None else int(rows),
            engine=engine or "",
        )
        for name, rows, engine in session.rows(_TABLES)
    )


def _index(parts: list[tuple[Any, ...]]) -> Index:
    _, name, _, _, repeated, method = parts[0]
    return Index(
        name=name,
        columns=tuple(None if cut is not None else column for _, _, column, cut, _, _ in parts),
        unique=not repeated,
        primary=name == "PRIMARY",
        method=method.lower(),
    )
