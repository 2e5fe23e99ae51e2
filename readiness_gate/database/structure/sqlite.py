"""Tables of SQLite, from its pragmas."""

from typing import Any

from readiness_gate.database.catalogue.foreign_key import quoted
from readiness_gate.database.session import Session
from readiness_gate.database.structure.table import Column, Index, Table

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"


def tables(session: Session) -> tuple[Table, ...]:
    """Return the tables of the main database; SQLite has no estimate of rows."""
    names = [row[0] for row in session.rows(_TABLES)]
    return tuple(_table(session, name) for name in names if not name.lower().startswith("sqlite_"))


def _table(session: Session, name: str) -> Table:
    rows = session.rows(f"PRAGMA table_xinfo({quoted(name)})")
    columns = tuple(
        Column(row[1], row[2], not row[3], row[4] is not None, row[6] in {2, 3}) for row in rows
    )
    indexes = [_index(session, row) for row in session.rows(f"PRAGMA index_list({quoted(name)})")]
    key = tuple(row[1] for row in sorted((row for row in rows if row[5]), key=lambda row: row[5]))
    if key and not any(index.primary for index in indexes):
        # The row's own number, or the order of a table without one: no index has to be kept.
        indexes.append(Index("", key, unique=True, primary=True))
    return Table("", name, columns, tuple(indexes), -1)


def _index(session: Session, row: tuple[Any, ...]) -> Index:
    _, name, unique, origin, partial = row[:5]
    parts = [part for part in session.rows(f"PRAGMA index_xinfo({quoted(name)})") if part[5]]
    return Index(
        name=name,
        columns=tuple(part[2] for part in parts),
        unique=bool(unique),
        primary=origin == "pk",
        partial=bool(partial),
        collations=tuple(part[4] for part in parts),
    )
