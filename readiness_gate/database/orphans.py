"""Rows whose parent is gone, for every foreign key, validated or not (notes on databases 2.3).

A validated constraint proves nothing: rows that were written while triggers were off stay. Keys
never leave the server; only counts and a few samples do.
"""

# ruff: noqa: S608 - every name is quoted by `quoted`, and there are no values
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.session import Session, StatementFailed

SAMPLES = 5
_VALUE_CAP = 60


@dataclass(frozen=True)
class Orphans:
    """What the audit of one key found."""

    key: ForeignKey
    rows: int = 0
    """Rows without their parent."""
    missing: int = 0
    """Distinct values that point nowhere."""
    partial: int = 0
    """Under MATCH FULL, rows with some columns NULL and others not."""
    samples: tuple[str, ...] = ()
    """A few rows by primary key, with the value that points nowhere."""
    error: str = ""
    """Why it could not be looked at; such a key is never clean."""


@dataclass(frozen=True)
class Audit:
    """What was found, key by key, and which tables had nothing in them."""

    found: tuple[Orphans, ...]
    tables: tuple[str, ...]
    """The tables that hold foreign keys."""
    empty: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return how many broken references there are; a row counts once per key."""
        return sum(each.rows + each.partial for each in self.found)

    @property
    def errors(self) -> tuple[Orphans, ...]:
        """Return the keys that could not be looked at."""
        return tuple(each for each in self.found if each.error)


def audit(session: Session, keys: Iterable[ForeignKey], *, samples: int = SAMPLES) -> Audit:
    """Count the orphans of every key inside the session's one transaction.

    Raises:
        StatementFailed: only where the transaction itself is lost.
    """
    keys = tuple(keys)
    tables = {key.child: key for key in sorted(keys, key=lambda key: (key.schema, key.table))}
    found = tuple(count(session, key, samples=samples) for key in keys)
    empty = [name for name, key in tables.items() if _is_empty(session, key)]
    return Audit(found, tuple(tables), tuple(empty))


def count(session: Session, key: ForeignKey, *, samples: int = SAMPLES) -> Orphans:
    """Return what one key's table holds that points nowhere; a refusal is in `error`."""
    if key.problem:
        return Orphans(key, error=key.problem)
    try:
        with session.guarded():
            rows, missing = session.rows(counting(key))[0]
            partial = session.value(_partial(key)) if key.match == "FULL" else 0
            seen = session.rows(sampling(key, samples)) if rows and samples else []
    except StatementFailed as error:
        return Orphans(key, error=error.message)
    return Orphans(
        key, int(rows), int(missing), int(partial), tuple(_sample(key, row) for row in seen)
    )


def counting(key: ForeignKey) -> str:
    """Return the query for broken rows and distinct missing values, in one row."""
    own = [f"c.{quoted(name)}" for name in key.columns]
    if _is_sqlite(key) and len(own) == 1 and key.indexed and not key.referenced_missing:
        return _distinct_first(key)
    return (
        "SELECT coalesce(sum(n), 0), count(*) FROM (SELECT count(*) AS n "
        f"FROM {_orphans(key)} GROUP BY {', '.join(own)}) AS missing"
    )


def _orphans(key: ForeignKey) -> str:
    """Return what follows FROM: the broken rows, as `c`."""
    if key.dialect != "mysql" or key.referenced_missing:
        return f"{_child(key)} c WHERE {orphaned(key)}"
    # MariaDB writes the whole parent down for NOT EXISTS, and is several times as slow (notes 3).
    parent = _table(key, key.referenced_schema, key.referenced_table, key.referenced_partitioned)
    return (
        f"{_child(key)} c LEFT JOIN {parent} p ON {_same(key)} "
        f"WHERE {_present(key)} AND p.{quoted(key.referenced_columns[0])} IS NULL"
    )


def _distinct_first(key: ForeignKey) -> str:
    # Many times as fast as row by row where an index has the values in order (notes 3). The type
    # is kept apart: DISTINCT takes 0 and 0.0 for one, and a parent of texts does not.
    name = quoted(key.columns[0])
    return (
        "SELECT coalesce(sum(n), 0), count(*) FROM (SELECT "
        f"(SELECT count(*) FROM {_child(key)} r "
        f"WHERE r.{name} = c.{name} AND typeof(r.{name}) = c.kind) AS n "
        f"FROM (SELECT DISTINCT {name}, typeof({name}) AS kind "
        f"FROM {_child(key)} WHERE {name} IS NOT NULL) c "
        f"WHERE {_no_parent(key)}) AS missing"
    )


def sampling(key: ForeignKey, limit: int) -> str:
    """Return the query for a few broken rows: primary key, then the key's own columns."""
    columns = [*key.primary_key, *key.columns]
    shown = ", ".join(_shown(key, f"c.{quoted(name)}") for name in columns)
    return f"SELECT {shown} FROM {_orphans(key)} LIMIT {int(limit)}"


def _shown(key: ForeignKey, column: str) -> str:
    if key.dialect == "mysql":
        return f"CAST({column} AS char)"
    text = f"CAST({column} AS text)"
    return f"iif(typeof({column}) = 'blob', hex({column}), {text})" if _is_sqlite(key) else text


def orphaned(key: ForeignKey) -> str:
    """Return the condition on a row `c` of the table: all columns set, and no parent."""
    return _present(key) if key.referenced_missing else f"{_present(key)} AND {_no_parent(key)}"


def _present(key: ForeignKey) -> str:
    return " AND ".join(f"c.{quoted(name)} IS NOT NULL" for name in key.columns)


def _no_parent(key: ForeignKey) -> str:
    parent = _table(key, key.referenced_schema, key.referenced_table, key.referenced_partitioned)
    return f"NOT EXISTS (SELECT 1 FROM {parent} p WHERE {_same(key)})"


def _same(key: ForeignKey) -> str:
    # The unary plus takes the child's affinity away, so that the parent's is applied to it, as
    # SQLite does it for a foreign key; the parent on the left gives its collation.
    plain = "+" if _is_sqlite(key) else ""
    return " AND ".join(
        f"p.{quoted(other)} {operator} {plain}c.{quoted(own)}{collation}"
        for own, other, operator, collation in zip(
            key.columns, key.referenced_columns, key.operators, key.collations, strict=True
        )
    )


def _partial(key: ForeignKey) -> str:
    nulls = [f"c.{quoted(name)} IS NULL" for name in key.columns]
    some, every = " OR ".join(nulls), " AND ".join(nulls)
    return f"SELECT count(*) FROM {_child(key)} c WHERE ({some}) AND NOT ({every})"


def _child(key: ForeignKey) -> str:
    return _table(key, key.schema, key.table, key.partitioned)


def _table(key: ForeignKey, schema: str, table: str, partitioned: bool) -> str:
    if _is_sqlite(key):
        return f"main.{quoted(table)}"
    if key.dialect == "mysql":
        return f"{quoted(schema)}.{quoted(table)}" if schema else quoted(table)
    # A key does not reach tables that inherit, so neither does the audit; partitions it reaches.
    only = "" if partitioned else "ONLY "
    return f"{only}{quoted(schema)}.{quoted(table)}"


def _is_sqlite(key: ForeignKey) -> bool:
    return key.dialect == "sqlite"


def _is_empty(session: Session, key: ForeignKey) -> bool:
    try:
        with session.guarded():
            return not session.value(f"SELECT EXISTS (SELECT 1 FROM {_child(key)})")
    except StatementFailed:
        return False  # its keys carry the error


def _sample(key: ForeignKey, row: Sequence[object]) -> str:
    split = len(key.primary_key)
    names = [*key.primary_key, *key.columns]
    parts = [f"{name}={_cut(value)}" for name, value in zip(names, row, strict=True)]
    identity, reference = ", ".join(parts[:split]), ", ".join(parts[split:])
    return f"{identity}: {reference}" if identity else reference


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= _VALUE_CAP else f"{text[:_VALUE_CAP]}…"
