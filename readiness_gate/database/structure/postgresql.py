"""Tables of PostgreSQL, from `pg_class`, `pg_attribute` and `pg_index`."""

from typing import Any

from readiness_gate.database.session import Session
from readiness_gate.database.structure.table import Column, Index, Table

_TABLES = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.reltuples::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attrelid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod)::text,
       NOT a.attnotnull, a.atthasdef OR a.attidentity <> '',
       a.attgenerated <> ''
FROM pg_attribute a WHERE a.attrelid = ANY (%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
# Columns that are only included are no key columns (`indnkeyatts`).
_INDEXES = """
SELECT i.indrelid::bigint, x.relname::text,
       ARRAY(SELECT a.attname::text
             FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
             LEFT JOIN pg_attribute a
               ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0
             WHERE k.place <= i.indnkeyatts ORDER BY k.place),
       i.indisunique, i.indisprimary, i.indpred IS NOT NULL, i.indisvalid AND i.indisready,
       m.amname::text
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
WHERE i.indrelid = ANY (%s::oid[]) ORDER BY i.indrelid, x.relname
"""


def tables(session: Session) -> tuple[Table, ...]:
    """Return the tables of every schema that belongs to the project."""
    found = session.rows(_TABLES)
    oids = [row[0] for row in found]
    columns: dict[int, list[Column]] = {}
    indexes: dict[int, list[Index]] = {}
    for row in session.rows(_COLUMNS, oids) if oids else ():
        columns.setdefault(row[0], []).append(Column(*row[1:]))
    for row in session.rows(_INDEXES, oids) if oids else ():
        indexes.setdefault(row[0], []).append(_index(row))
    return tuple(
        Table(schema, name, tuple(columns.get(oid, ())), tuple(indexes.get(oid, ())), max(rows, -1))
        for oid, schema, name, rows in found
    )


def _index(row: tuple[Any, ...]) -> Index:
    _, name, columns, unique, primary, partial, valid, method = row
    return Index(
        name=name,
        columns=tuple(columns),
        unique=unique,
        primary=primary,
        partial=partial,
        valid=valid,
        method=method,
    )
