"""The audit of orphans beside what the engines themselves offer, on large tables."""

import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import told
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans import audit
from tests.database.postgres import Database, running_server

ROWS = 20_000_000
PARENTS = 2_000_000
SQLITE_ROWS = 10_000_000
SQLITE_PARENTS = 1_000_000
TIMES = 3
# A stride that shares no factor with the number of parents: references in no order.
_FILL = f"""
CREATE TABLE parent (id bigint PRIMARY KEY);
INSERT INTO parent SELECT generate_series(0, {PARENTS - 1});
CREATE TABLE child (id bigint, parent_id bigint);
INSERT INTO child
  SELECT i, (i * 1299709) % {PARENTS} FROM generate_series(1, {ROWS}::bigint) AS s(i);
ALTER TABLE child ADD CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent NOT VALID;
"""
_PLAIN = (
    "SELECT count(*) FROM public.child c WHERE c.parent_id IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM public.parent p WHERE p.id = c.parent_id)"
)


def run() -> None:
    """Print PostgreSQL with and without an index, many small keys, and SQLite."""
    told.heading(f"orphaned-rows: PostgreSQL, {ROWS / 1e6:.0f} M rows, best of {TIMES}")
    server = running_server()
    try:
        database = Database(server)
        _postgresql(database)
        database.drop()
        many = Database(server)
        _many(many)
        many.drop()
    finally:
        server.container.remove(force=True)
        running_server.cache_clear()
    _sqlite()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told.figure("memory of the process, rows or not", f"{peak:.0f} MB")


def _postgresql(database: Database) -> None:
    database.execute(_FILL)
    database.execute("VACUUM ANALYZE child")
    database.execute("VACUUM ANALYZE parent")
    plain = min(
        _best(lambda: _asked(database, _PLAIN)),
        _best(
            lambda: _asked(
                database, _PLAIN, enable_hashjoin="off", enable_nestloop="off", work_mem="256MB"
            )
        ),
    )
    ours = _best(lambda: _audited(database.url))
    told.figure("without an index", f"{ours:.2f} s", f"{ours / plain:.2f} x the best plain plan "
                f"({plain:.2f} s), {told.budget(ours / plain, 1.2, 'x')}")  # fmt: skip
    began = time.perf_counter()
    database.execute("ALTER TABLE child VALIDATE CONSTRAINT child_parent")
    validate = time.perf_counter() - began
    database.execute("CREATE INDEX child_parent_id ON child (parent_id)")
    database.execute("VACUUM ANALYZE child")
    scan = "SELECT count(parent_id) FROM child WHERE parent_id >= 0"
    floor = _best(lambda: _asked(database, scan, enable_seqscan="off"))
    ours = _best(lambda: _audited(database.url))
    told.figure("with an index", f"{ours:.2f} s", f"{ours / floor:.2f} x an index-only scan "
                f"({floor:.2f} s), {told.budget(ours / floor, 2.0, 'x')}")  # fmt: skip
    told.figure("beside VALIDATE CONSTRAINT", f"{ours / validate:.2f}", f"of {validate:.2f} s, "
                f"{told.budget(ours / validate, 0.2, 'of it')}")  # fmt: skip


def _asked(database: Database, query: str, **settings: str) -> object:
    connection = database.server.connect(database.name)
    try:
        for name, value in settings.items():
            connection.execute(f"SET {name} = '{value}'".encode())
        return connection.execute(query.encode()).fetchone()
    finally:
        connection.close()


def _many(database: Database) -> None:
    statements = []
    for table in range(100):
        columns = "".join(f", r{key} int REFERENCES t{(table * key) % (table or 1)}"
                          for key in range(1, 4 if table else 1))  # fmt: skip
        statements.append(f"CREATE TABLE t{table} (id int PRIMARY KEY{columns});")
        values = ", 1" * (3 if table else 0)
        statements.append(f"INSERT INTO t{table} VALUES (1{values});")
    database.execute("".join(statements))
    took = _best(lambda: _audited(database.url))
    told.figure("100 tables, 297 small keys", f"{took:.2f} s", told.budget(took, 3.0, "s"))


def _sqlite() -> None:
    told.heading(f"orphaned-rows: SQLite, {SQLITE_ROWS / 1e6:.0f} M rows with an index")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.db"
        connection = sqlite3.connect(file, isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id));"
            f"{_numbers(0, SQLITE_PARENTS)} INSERT INTO parent SELECT i FROM n;"
            f"{_numbers(1, SQLITE_ROWS)} "
            f"INSERT INTO child SELECT i, (i * 1299709) % {SQLITE_PARENTS} FROM n;"
            "CREATE INDEX child_parent_id ON child (parent_id);"
        )
        check = _best(lambda: connection.execute("PRAGMA foreign_key_check").fetchall(), times=1)
        connection.close()
        ours = _best(lambda: _audited(f"sqlite:///{file}"))
        told.figure("beside PRAGMA foreign_key_check", f"{ours / check:.3f}", f"{ours:.2f} s of "
                    f"{check:.2f} s, {told.budget(ours / check, 0.1, 'of it')}")  # fmt: skip


def _numbers(first: int, count: int) -> str:
    steps = f"SELECT {first} UNION ALL SELECT i + 1 FROM n LIMIT {count}"
    return f"WITH RECURSIVE n(i) AS ({steps})"


def _audited(url: str) -> None:
    with reading(url, seconds=600) as session:
        found = audit(session, foreign_keys(session), another=lambda: reading(url, seconds=600))
    if found.rows or found.errors:
        raise RuntimeError(f"{found.rows} orphans, {[one.error for one in found.errors]}")


def _best(work: Callable[[], object], times: int = TIMES) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
