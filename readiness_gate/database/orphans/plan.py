"""How PostgreSQL is to count, where its own choice is several times slower (notes on databases 3).

Its planner takes a hash join, which waits for memory at random keys. Where an index has the child's
values in order and is all but free of dead rows, a merge over the two indexes reads little more
than the index; without such an index, sorting both sides still beats the hash, unless the child
lies in the parent's order or the parent is small.
"""

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.session import Session

_LARGE = 1_000_000
"""Rows of a child below which every plan is quick."""
_SMALL_PARENT = 50_000
_IN_ORDER = 0.5
_VISIBLE = 0.9
_STATISTICS = """
SELECT c.reltuples::bigint, p.reltuples::bigint,
       CASE WHEN c.relpages > 0 THEN c.relallvisible::float8 / c.relpages ELSE 0 END,
       (SELECT abs(s.correlation)::float8 FROM pg_stats s
        WHERE s.schemaname = %s AND s.tablename = %s AND s.attname = %s AND NOT s.inherited)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
     pg_class p JOIN pg_namespace m ON m.oid = p.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND m.nspname = %s AND p.relname = %s
"""
_MERGE = {"enable_hashjoin": "off", "enable_nestloop": "off"}
_SORT = {**_MERGE, "work_mem": "256MB"}


def planned(session: Session, key: ForeignKey) -> None:
    """Set what the planner may not choose, up to the end of the savepoint that we are in."""
    if session.dialect != "postgresql" or key.partitioned or key.referenced_partitioned:
        return
    rows = session.rows(
        _STATISTICS, key.schema, key.table, key.columns[0], key.schema, key.table,
        key.referenced_schema, key.referenced_table,
    )  # fmt: skip
    child, parent, visible, correlation = rows[0]
    for name, value in chosen(
        int(child), int(parent), float(visible), correlation, indexed=key.indexed
    ).items():
        session.rows(f"SET LOCAL {name} = '{value}'")


def chosen(
    child: int, parent: int, visible: float, correlation: float | None, *, indexed: bool
) -> dict[str, str]:
    """Return the planner's settings for tables of these estimated sizes; empty leaves it free."""
    if child < _LARGE:
        return {}
    if indexed and visible > _VISIBLE:
        return {**_MERGE, "enable_seqscan": "off"}
    if parent < _SMALL_PARENT or (correlation is not None and correlation > _IN_ORDER):
        return {}
    return _SORT


def limited(session: Session, seconds: float) -> None:
    """Let the server end each further statement after `seconds`; SQLite has its own limit."""
    if session.dialect == "postgresql":
        session.rows(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
    elif session.dialect == "mariadb":
        session.rows(f"SET SESSION max_statement_time = {max(0.001, seconds):.3f}")
    elif session.dialect == "mysql":
        session.rows(f"SET SESSION max_execution_time = {max(1, int(seconds * 1000))}")
