"""The plan of one statement, the same for every engine: scans of whole tables, cost, rows."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.database.catalogue.foreign_key import quoted
from readiness_gate.database.session import Session

_PARAMETER = re.compile(r"\$[0-9]+")


@dataclass(frozen=True)
class Scan:
    """A table that is read from its first row to its last."""

    table: str
    rows: int
    """Rows of the table, by the engine's own estimate; SQLite counts."""


@dataclass(frozen=True)
class Plan:
    """What the engine would do."""

    scans: tuple[Scan, ...]
    cost: float | None = None
    """In the planner's own units; `None` where the engine tells none."""
    rows: float | None = None
    """Rows that it expects to return."""


def explained(session: Session, statement: str, *, as_if_large: bool) -> Plan:
    """Return the plan of a statement; it is not run.

    With `as_if_large`, PostgreSQL's planner avoids scans, as it would on large tables: one that
    stays has no index that could serve it. Parameters (`$1`) are left open.

    Raises:
        StatementFailed: it cannot be planned.
    """
    if session.dialect == "postgresql":
        return _postgresql(session, statement, as_if_large)
    if session.dialect == "sqlite":
        return _sqlite(session, statement)
    return _mysql(session, statement)


def _postgresql(session: Session, statement: str, as_if_large: bool) -> Plan:
    generic = ", GENERIC_PLAN" if _PARAMETER.search(statement) else ""
    with session.guarded():
        if as_if_large:
            session.rows("SET LOCAL enable_seqscan = off")
        found = session.value(f"EXPLAIN (FORMAT JSON{generic}) {statement}")
        document = json.loads(found) if isinstance(found, str) else found
        top = document[0]["Plan"]
        tables = [one["Relation Name"] for one in _nodes(top) if one["Node Type"] == "Seq Scan"]
        schemas = {one.get("Relation Name"): one.get("Schema") for one in _nodes(top)}
        scans = [Scan(name, _estimate(session, name, schemas.get(name))) for name in tables]
    return Plan(tuple(scans), float(top["Total Cost"]), float(top["Plan Rows"]))


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _estimate(session: Session, table: str, schema: str | None) -> int:
    name = f"{quoted(schema)}.{quoted(table)}" if schema else quoted(table)
    estimate = session.value(
        "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", name
    )
    # A table that was never analysed has no estimate: it counts as what its pages can hold.
    if estimate is None or int(estimate) < 0:
        estimate = session.value(f"SELECT count(*) FROM {name}")  # noqa: S608 - quoted
    return int(estimate)


def _sqlite(session: Session, statement: str) -> Plan:
    """Return the plan out of SQLite's byte code: its summary names aliases, not tables.

    A cursor that is wound to an end and stepped through reads everything; an index that the
    statement builds for itself is built that way, too (The SQLite Bytecode Engine). One that only
    takes the first or the last entry stops at once, which the summary tells as a search.
    """
    summary = [str(row[-1]) for row in session.rows(f"EXPLAIN QUERY PLAN {statement}")]
    if not any(one.startswith("SCAN") or "AUTOMATIC" in one for one in summary):
        return Plan(())
    roots = {
        int(root): str(table)
        for root, table in session.rows("SELECT rootpage, tbl_name FROM sqlite_schema")
        if root
    }
    code = session.rows(f"EXPLAIN {statement}")
    opened = {row[2]: roots[row[3]] for row in code if row[1] == "OpenRead" and row[3] in roots}
    wound = {row[2] for row in code if row[1] in {"Rewind", "Last"}}
    stepped = {row[2] for row in code if row[1] in {"Next", "Prev"}}
    counted = {row[2] for row in code if row[1] == "Count"}
    tables = {opened[cursor] for cursor in (wound & stepped) | counted if cursor in opened}
    return Plan(
        tuple(
            Scan(name, int(session.value(f"SELECT count(*) FROM {quoted(name)}")))  # noqa: S608
            for name in sorted(tables)
        )
    )


def _mysql(session: Session, statement: str) -> Plan:
    document = json.loads(session.value(f"EXPLAIN FORMAT=JSON {statement}"))
    scans = [
        Scan(str(one["table_name"]), int(one.get("rows", one.get("rows_examined_per_scan", 0))))
        for one in _tables(document)
        if one.get("access_type") in {"ALL", "index"}
    ]
    block = document.get("query_block", {})
    cost = block.get("cost", block.get("cost_info", {}).get("query_cost"))
    return Plan(tuple(scans), float(cost) if cost is not None else None)


def _tables(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, dict):
        if "table_name" in node and "access_type" in node:
            yield node
        for value in node.values():
            yield from _tables(value)
    elif isinstance(node, list):
        for value in node:
            yield from _tables(value)
