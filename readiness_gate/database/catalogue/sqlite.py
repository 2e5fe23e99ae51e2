"""Foreign keys of SQLite, from its pragmas: reflection by text misses inline references.

A malformed key ("foreign key mismatch") is told from the schema, since the pragma that would
find it gives up on the whole database (notes on databases 2.3).
"""

from dataclasses import dataclass

from readiness_gate.database.catalogue.affinity import affinity
from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.session import Session

_TABLES = "SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name"


@dataclass(frozen=True)
class _Column:
    name: str
    affinity: str
    required: bool
    default: bool
    key_place: int


@dataclass(frozen=True)
class _Table:
    name: str
    is_view: bool
    columns: tuple[_Column, ...]
    indexes: tuple[tuple[bool, tuple[str, ...], bool], ...]
    """Whether it is unique over all rows, its columns, whether all compare plainly."""

    def column(self, name: str) -> _Column | None:
        return next((each for each in self.columns if _same(each.name, name)), None)

    @property
    def primary_key(self) -> tuple[str, ...]:
        places = sorted((each for each in self.columns if each.key_place), key=_place)
        return tuple(each.name for each in places)

    @property
    def row_identity(self) -> tuple[str, ...]:
        if self.primary_key or self.is_view:
            return self.primary_key
        names = ("rowid", "_rowid_", "oid")
        return next(((name,) for name in names if self.column(name) is None), ())

    def is_unique(self, columns: tuple[str, ...]) -> bool:
        wanted = {name.lower() for name in columns}
        candidates = [names for unique, names, _ in self.indexes if unique]
        return any({name.lower() for name in names} == wanted for names in candidates) or (
            {name.lower() for name in self.primary_key} == wanted
        )

    def is_indexed(self, columns: tuple[str, ...]) -> bool:
        wanted = {name.lower() for name in columns}
        starts = [names[: len(columns)] for _, names, plain in self.indexes if plain]
        return any({name.lower() for name in names} == wanted for names in starts)


def foreign_keys(session: Session) -> tuple[ForeignKey, ...]:
    """Return the foreign keys of the main database."""
    tables = {
        name.lower(): _table(session, name, kind)
        for name, kind, _ in session.rows(_TABLES)
        if not name.lower().startswith("sqlite_")
    }
    found = [
        key
        for table in tables.values()
        if not table.is_view
        for key in _of_table(session, table, tables)
    ]
    return tuple(sorted(found, key=lambda key: (key.table, key.columns, key.referenced_table)))


def _table(session: Session, name: str, kind: str) -> _Table:
    columns = tuple(
        _Column(row[1], affinity(row[2]), bool(row[3]), row[4] is not None, row[5])
        for row in session.rows(f"PRAGMA table_xinfo({quoted(name)})")
    )
    return _Table(name, kind == "view", columns, _indexes(session, name))


def _indexes(session: Session, table: str) -> tuple[tuple[bool, tuple[str, ...], bool], ...]:
    found = []
    for row in session.rows(f"PRAGMA index_list({quoted(table)})"):
        if row[4]:  # a partial index covers only some rows
            continue
        parts = [part for part in session.rows(f"PRAGMA index_xinfo({quoted(row[1])})") if part[5]]
        if any(part[2] is None for part in parts):  # over an expression
            continue
        plain = all(part[4] == "BINARY" for part in parts)
        found.append((bool(row[2]), tuple(part[2] for part in parts), plain))
    return tuple(found)


def _of_table(session: Session, table: _Table, tables: dict[str, _Table]) -> list[ForeignKey]:
    grouped: dict[int, list[tuple[object, ...]]] = {}
    for row in session.rows(f"PRAGMA foreign_key_list({quoted(table.name)})"):
        grouped.setdefault(row[0], []).append(row)
    return [_foreign_key(table, rows, tables) for rows in grouped.values()]


def _foreign_key(
    table: _Table, rows: list[tuple[object, ...]], tables: dict[str, _Table]
) -> ForeignKey:
    rows = sorted(rows, key=lambda row: int(str(row[1])))
    columns = tuple(str(row[3]) for row in rows)
    own = [table.column(name) for name in columns]
    parent = tables.get(str(rows[0][2]).lower())
    explicit = tuple(str(row[4]) for row in rows if row[4] is not None)
    referenced = explicit or (parent.primary_key if parent else ())
    return ForeignKey(
        dialect="sqlite",
        schema="",
        table=table.name,
        name="",
        columns=columns,
        referenced_schema="",
        referenced_table=parent.name if parent else str(rows[0][2]),
        referenced_columns=referenced,
        on_update=str(rows[0][5]),
        on_delete=str(rows[0][6]),
        nullable=tuple(not (each and each.required) for each in own),
        has_default=tuple(bool(each and each.default) for each in own),
        primary_key=table.row_identity,
        operators=("=",) * len(columns),
        collations=("",) * len(columns),
        indexed=table.is_indexed(columns),
        untyped=any(each is None or each.affinity == "BLOB" for each in own),
        referenced_missing=parent is None,
        problem=_mismatch(columns, referenced, parent) if parent else "",
    )


def _mismatch(columns: tuple[str, ...], referenced: tuple[str, ...], parent: _Table) -> str:
    """Return why SQLite would say "foreign key mismatch", empty where it would not."""
    if parent.is_view:
        return f"malformed: {parent.name} is a view"
    missing = [name for name in referenced if parent.column(name) is None]
    if missing:
        return f"malformed: {parent.name} has no column {missing[0]}"
    if len(referenced) != len(columns):
        return f"malformed: {len(columns)} columns reference {len(referenced)} of {parent.name}"
    if not parent.is_unique(referenced):
        return f"malformed: {', '.join(referenced)} of {parent.name} is not unique"
    return ""


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _place(column: _Column) -> int:
    return column.key_place
