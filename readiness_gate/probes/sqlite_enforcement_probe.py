"""Run inside the target as `python - REQUEST`: does SQLite refuse orphans on its connections?

SQLite enforces foreign keys per connection, so only the application's own connections tell.
Standard library and the target's packages only; Python 3.8 and newer.
REQUEST is a JSON object: `nonce` and `engine` (`module:attribute`: an engine, an async engine, a
session factory, or a function that returns one of them or a DB-API connection).
All connections are opened at once, for a setting that is made once leaves the next one without.
The violation is tried in TEMP tables, which only this connection sees.
"""

# One file without packages of its own, for every old interpreter:
# ruff: noqa: PTH109
import asyncio
import importlib
import json
import os
import sys
import traceback

MOST = 20
FEW = 5
PARENT, CHILD = "readiness_gate_parent", "readiness_gate_child"


class SetupProblem(Exception):  # noqa: N818
    """The engine cannot be asked: not there, another dialect, no connection."""


def main():
    """Open the connections, look at each, print the one line."""
    asked = json.loads(sys.argv[1])
    nonce = asked.pop("nonce")
    sys.argv[:] = ["readiness-gate"]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer = {"connections": [], "error": ""}
    try:
        answer["connections"] = look(find(asked["engine"]))
    except SetupProblem as problem:
        answer["error"] = str(problem)
    except BaseException as error:  # an application may exit when it is imported
        traceback.print_tb(error.__traceback__)
        answer["error"] = f"{type(error).__name__}: {error}"[:2000]
    answer["complete"] = True
    sys.stdout.flush()
    sys.stderr.flush()
    answers.write(f"\nreadiness-gate:{nonce} {json.dumps(answer)}\n")
    answers.flush()
    os._exit(1 if answer["error"] else 0)


def find(name):
    """Return what `module:attribute` names; the attribute may have dots."""
    module, _, path = name.partition(":")
    if not path:
        raise SetupProblem(f"{name} is not written module:attribute")
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise SetupProblem(f"{module} cannot be imported in the target: {error}") from error
    for part in path.split("."):
        if not hasattr(found, part):
            raise SetupProblem(f"{module} has no {path}")
        found = getattr(found, part)
    return found


def look(found):
    """Return what each of the connections says."""
    options = getattr(found, "kw", None)  # of a session factory
    target = options.get("bind") or found if isinstance(options, dict) else found
    if not is_engine(target):
        if not callable(target):
            raise SetupProblem(f"a {type(target).__name__} opens no connections")
        made = target()
        if not is_engine(made):
            return look_raw([made] + [target() for _ in range(FEW - 1)])
        target = made
    if target.dialect.name != "sqlite":
        raise SetupProblem(f"the engine is one of {target.dialect.name}, not of sqlite")
    if hasattr(target, "sync_engine"):
        return asyncio.run(look_async(target))
    return look_engine(target)


def is_engine(found):
    """Return whether it is an engine of SQLAlchemy, sync or async."""
    return hasattr(found, "dialect") and hasattr(found, "connect")


def look_engine(engine):
    """Open all connections of the pool at once, then look at each."""
    opened = []
    try:
        opened.extend(engine.connect() for _ in range(how_many(engine.pool)))
        return [look_sqlalchemy(connection) for connection in opened]
    finally:
        for connection in opened:
            connection.close()


async def look_async(engine):
    """Do the same on an async engine."""
    opened = []
    try:
        for _ in range(how_many(engine.sync_engine.pool)):
            opened.append(await engine.connect())  # noqa: PERF401 - what was opened gets closed
        return [await connection.run_sync(look_sqlalchemy) for connection in opened]
    finally:
        for connection in opened:
            await connection.close()


def how_many(pool):
    """Return how many connections the pool gives out at once, within reason."""
    size, overflow = getattr(pool, "size", None), getattr(pool, "_max_overflow", None)
    if not callable(size) or not isinstance(overflow, int):
        return FEW if type(pool).__name__ == "NullPool" else 1
    return max(1, min(MOST, size() + (overflow if overflow >= 0 else FEW)))


def look_sqlalchemy(connection):
    """Look at a connection after it has begun, as the application would have it."""
    connection.exec_driver_sql("SELECT 1")
    return look_one(connection.connection)


def look_raw(connections):
    """Look at DB-API connections."""
    return [look_one(each.__enter__() if is_manager(each) else each) for each in connections]


def is_manager(found):
    """Return whether it has to be entered to give a connection."""
    return hasattr(found, "__enter__") and not hasattr(found, "cursor")


def look_one(connection):
    """Return the pragma, how a violation ended, and the file."""
    rows = run(connection, "PRAGMA foreign_keys")
    files = [row[2] for row in run(connection, "PRAGMA database_list") if row[1] == "main"]
    return {
        "pragma": rows[0][0] if rows else None,
        "violation": violate(connection),
        "file": files[0] if files else "",
    }


def violate(connection):
    """Return `rejected` or `accepted`; leaves no table and no row."""
    try:
        run(connection, f"CREATE TEMP TABLE {PARENT} (id INTEGER PRIMARY KEY)")
        run(connection, f"CREATE TEMP TABLE {CHILD} (id INTEGER REFERENCES {PARENT}(id))")
        try:
            run(connection, f"INSERT INTO temp.{CHILD} VALUES (1)")
        except Exception as error:
            if "FOREIGN KEY" not in str(error).upper():
                raise
            return "rejected"
        return "accepted"
    finally:
        connection.rollback()
        run(connection, f"DROP TABLE IF EXISTS temp.{CHILD}")
        run(connection, f"DROP TABLE IF EXISTS temp.{PARENT}")
        connection.rollback()


def run(connection, statement):
    """Return the rows of a statement."""
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
    finally:
        cursor.close()


main()
