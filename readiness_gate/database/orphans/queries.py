"""The queries of the audit: broken rows of one key, their number, a few of them.

A validated constraint proves nothing: rows that were written while triggers were off stay. Keys
never leave the server; only counts and a few samples do (notes on databases 2.3).
"""

# ruff: noqa: S608 - every name is quoted by `quoted`, and there are no values
from collections.abc import Callable

from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted

Condition = Callable[[str], str]
"""A condition on a row of a table, of the alias that the row has."""


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
        return f"{child(key)} c WHERE {orphaned(key)}"
    # MariaDB writes the whole parent down for NOT EXISTS, and is several times as slow (notes 3).
    return (
        f"{child(key)} c LEFT JOIN {parent(key)} p ON {same(key)} "
        f"WHERE {_present(key)} AND p.{quoted(key.referenced_columns[0])} IS NULL"
    )


def _distinct_first(key: ForeignKey) -> str:
    # Many times as fast as row by row where an index has the values in order (notes 3). DISTINCT
    # takes 0 and 0.0 for one, and a parent of texts does not: a column that may hold both has its
    # types kept apart, which costs the walk from value to value.
    name = quoted(key.columns[0])
    kind, alike = (f", typeof({name}) AS kind", f" AND typeof(r.{name}) = c.kind")
    if not key.untyped:
        kind = alike = ""
    return (
        "SELECT coalesce(sum(n), 0), count(*) FROM (SELECT "
        f"(SELECT count(*) FROM {child(key)} r WHERE r.{name} = c.{name}{alike}) AS n "
        f"FROM (SELECT DISTINCT {name}{kind} FROM {child(key)} WHERE {name} IS NOT NULL) c "
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


def orphaned(key: ForeignKey, row: str = "c") -> str:
    """Return the condition on a row of the table: all columns set, and no parent."""
    if key.referenced_missing:
        return _present(key, row)
    return f"{_present(key, row)} AND {_no_parent(key, row)}"


def hanging_on(key: ForeignKey, above: Condition, alias: str) -> Condition:
    """Return the condition that a row's parent under `key` meets `above`; `alias` names it."""
    return lambda row: (
        f"EXISTS (SELECT 1 FROM {parent(key)} {alias} "
        f"WHERE {same(key, child=row, parent=alias)} AND {above(alias)})"
    )


def _present(key: ForeignKey, row: str = "c") -> str:
    return " AND ".join(f"{row}.{quoted(name)} IS NOT NULL" for name in key.columns)


def _no_parent(key: ForeignKey, row: str = "c") -> str:
    return f"NOT EXISTS (SELECT 1 FROM {parent(key)} p WHERE {same(key, child=row)})"


def same(key: ForeignKey, *, child: str = "c", parent: str = "p") -> str:
    """Return the condition that row `child` has row `parent` as its parent."""
    # The unary plus takes the child's affinity away, so that the parent's is applied to it, as
    # SQLite does it for a foreign key; the parent on the left gives its collation.
    plain = "+" if _is_sqlite(key) else ""
    return " AND ".join(
        f"{parent}.{quoted(other)} {operator} {plain}{child}.{quoted(own)}{collation}"
        for own, other, operator, collation in zip(
            key.columns, key.referenced_columns, key.operators, key.collations, strict=True
        )
    )


def with_value(key: ForeignKey) -> str:
    """Return the query for the rows that the key speaks of."""
    return f"SELECT count(*) FROM {child(key)} c WHERE {_present(key)}"


def partly_null(key: ForeignKey) -> str:
    """Return the query for rows that MATCH FULL refuses: some columns NULL, others not."""
    nulls = [f"c.{quoted(name)} IS NULL" for name in key.columns]
    some, every = " OR ".join(nulls), " AND ".join(nulls)
    return f"SELECT count(*) FROM {child(key)} c WHERE ({some}) AND NOT ({every})"


def child(key: ForeignKey) -> str:
    """Return the table that holds the key, as it stands after FROM."""
    return _table(key, key.schema, key.table, key.partitioned)


def parent(key: ForeignKey) -> str:
    """Return the table that the key refers to, as it stands after FROM."""
    return _table(key, key.referenced_schema, key.referenced_table, key.referenced_partitioned)


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
