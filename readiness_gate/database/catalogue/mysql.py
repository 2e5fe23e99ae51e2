"""Foreign keys of MariaDB and MySQL, from `information_schema` (notes on databases 2.1).

Reflection hides RESTRICT and NO ACTION; a table of an engine without foreign keys drops them when
it is created, and no row of the catalogue tells. `REFERENTIAL_CONSTRAINTS` is empty for a role that
may only SELECT, so what is missing there is read out of `SHOW CREATE TABLE`. Names of the
connection's own database come without a schema.
"""

import re
from itertools import groupby
from typing import Any

from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.session import Session, StatementFailed

_KEYS = """
SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME,
       k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME,
       r.DELETE_RULE, r.UPDATE_RULE, c.IS_NULLABLE = 'YES', c.COLUMN_DEFAULT IS NOT NULL,
       p.TABLE_NAME IS NULL, k.REFERENCED_TABLE_SCHEMA = DATABASE()
FROM information_schema.KEY_COLUMN_USAGE k
LEFT JOIN information_schema.REFERENTIAL_CONSTRAINTS r
  ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
 AND r.TABLE_NAME = k.TABLE_NAME
JOIN information_schema.COLUMNS c
  ON c.TABLE_SCHEMA = k.TABLE_SCHEMA AND c.TABLE_NAME = k.TABLE_NAME
 AND c.COLUMN_NAME = k.COLUMN_NAME
LEFT JOIN information_schema.TABLES p
  ON p.TABLE_SCHEMA = k.REFERENCED_TABLE_SCHEMA AND p.TABLE_NAME = k.REFERENCED_TABLE_NAME
WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION
"""
_INDEXES = """
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
# Every table of the database: without it, tables are left out of the catalogue and nobody is told.
_SEES_ALL = """
SELECT EXISTS (
    SELECT 1 FROM information_schema.USER_PRIVILEGES
    WHERE PRIVILEGE_TYPE = 'SELECT' AND ({own}))
OR EXISTS (
    SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES
    WHERE PRIVILEGE_TYPE = 'SELECT' AND ({own}) AND DATABASE() LIKE TABLE_SCHEMA ESCAPE '\\')
"""
_OWN = """
GRANTEE = concat(quote(substring_index(current_user(), '@', 1)), '@',
                 quote(substring_index(current_user(), '@', -1)))
OR EXISTS (SELECT 1 FROM information_schema.ENABLED_ROLES e
           WHERE GRANTEE LIKE concat(quote(e.ROLE_NAME), '@%'))
"""
_ACTION = "CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION"

Indexes = dict[str, dict[str, tuple[str, ...]]]
"""Columns of every index, by table and name; one over a prefix or an expression has none."""


def foreign_keys(session: Session) -> tuple[ForeignKey, ...]:
    """Return the foreign keys of the connection's own database.

    Raises:
        StatementFailed: the role does not see every table of it.
    """
    if not session.value(_SEES_ALL.format(own=_OWN)):
        raise StatementFailed("the role may not SELECT from every table of the database")
    indexes = _indexes(session)
    keys = [list(parts) for _, parts in groupby(session.rows(_KEYS), key=lambda row: row[:2])]
    written = {row[0][0]: "" for row in keys if row[0][6] is None}
    for table in written:
        written[table] = str(session.rows(f"SHOW CREATE TABLE {quoted(table)}")[0][1])
    return tuple(_foreign_key(rows, indexes, written.get(rows[0][0], "")) for rows in keys)


def _rule(definition: str, name: str, when: str) -> str:
    """Return the action that a table's definition has for a key; left out is RESTRICT."""
    (line,) = (
        one for one in definition.splitlines() if one.startswith(f"  CONSTRAINT {quoted(name)} ")
    )
    found = re.search(rf" {when} ({_ACTION})(?= ON |,|$)", line)
    return found[1] if found else "RESTRICT"


def _indexes(session: Session) -> Indexes:
    found: Indexes = {}
    for (table, name), parts in groupby(session.rows(_INDEXES), key=lambda row: (row[0], row[1])):
        columns = [(part[2], part[3]) for part in parts]
        whole = all(column is not None and cut is None for column, cut in columns)
        names = tuple(str(column) for column, _ in columns) if whole else ()
        found.setdefault(table, {})[name] = names
    return found


def _foreign_key(rows: list[tuple[Any, ...]], indexes: Indexes, definition: str) -> ForeignKey:
    table, name = rows[0][:2]
    columns = tuple(row[2] for row in rows)
    mine = indexes.get(table, {})
    starts = [{one.lower() for one in names[: len(columns)]} for names in mine.values()]
    return ForeignKey(
        dialect="mysql",
        schema="",
        table=table,
        name=name,
        columns=columns,
        referenced_schema="" if rows[0][11] else rows[0][3],
        referenced_table=rows[0][4],
        referenced_columns=tuple(row[5] for row in rows),
        on_delete=rows[0][6] or _rule(definition, name, "ON DELETE"),
        on_update=rows[0][7] or _rule(definition, name, "ON UPDATE"),
        nullable=tuple(bool(row[8]) for row in rows),
        has_default=tuple(bool(row[9]) for row in rows),
        primary_key=mine.get("PRIMARY", ()),
        operators=("=",) * len(columns),
        collations=("",) * len(columns),
        indexed={one.lower() for one in columns} in starts,
        referenced_missing=bool(rows[0][10]),
    )
