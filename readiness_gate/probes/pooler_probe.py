"""What lies between the application's engine and its PostgreSQL, seen on two connections.

Stands between `named_object.py` and `pool_probe.py`. The connections are opened as the application
opens its own, and tell process ids. PostgreSQL gives a connection one process, whose id it tells
when the connection is opened: another one is a pooler's, and two connections that meet in one
process are given a server's connection for a transaction only. No table is read. Of statements that
a driver prepares by itself, which would stay in the pooler, none is made.
"""

# One text with the probe behind it, for every old interpreter:
# ruff: noqa: SLF001
import contextlib
import os
import struct

NAME = "readiness_gate_" + os.urandom(8).hex()
TURNS = (0, 1, 0, 0, 1, 1, 0)
PROCESS = "SELECT pg_backend_pid(), CAST(pg_postmaster_start_time() AS text)"
CONSOLE = "pgbouncer"
SIZES = ("max_client_conn", "default_pool_size", "reserve_pool_size", "max_db_connections")
# A statement that is there already, and one that is not.
LOST = ("42P05", "26000")


def way_of(engine):
    """Return what is between; `error`: it cannot be seen."""
    try:
        if engine.dialect.driver == "asyncpg":
            import asyncio

            return asyncio.run(by_asyncpg(engine, *asked_of(engine)))
        if getattr(engine.dialect, "is_async", False):
            import asyncio

            from sqlalchemy.util import greenlet_spawn

            return asyncio.run(greenlet_spawn(by_connections, engine))
        return by_connections(engine)
    except Exception as error:
        told = (f"{type(error).__name__}: {error}".splitlines() or [""])[0][:300]
        return {"broken": told} if state_of(error) in LOST else {"error": told}


def state_of(error):
    """Return the SQLSTATE of an error, also of one that SQLAlchemy has wrapped."""
    while error is not None:
        for name in ("sqlstate", "pgcode"):
            if getattr(error, name, None):
                return str(getattr(error, name))
        error = getattr(error, "orig", None) or error.__cause__
    return ""


def seen(keys, processes):
    """Return what the processes of two connections say; `keys`: those told at the opening."""
    one, other = ([process for turn, process in processes if turn == each] for each in (0, 1))
    shared = bool(set(one) & set(other)) or len(set(one)) > 1 or len(set(other)) > 1
    first = (one[0][0], other[0][0])
    told = any(key and key != process for key, process in zip(keys, first))  # noqa: B905
    return {"between": told or shared, "shared": shared}


def by_connections(engine):
    """Return what two connections of a driver with the usual interface tell."""
    from sqlalchemy.pool import NullPool

    pool = NullPool(engine.pool._creator, _dispatch=engine.pool.dispatch, dialect=engine.dialect)
    opened = []
    try:
        opened.append(pool.connect())
        opened.append(pool.connect())
        plain = [getattr(one, "dbapi_connection", None) or one.connection for one in opened]
        drivers = [getattr(one, "driver_connection", None) or one for one in plain]
        named = named_by(engine.dialect.driver, drivers[0])
        for driver in drivers:
            if hasattr(driver, "prepare_threshold"):
                driver.prepare_threshold = None
        processes = [(turn, process_of(plain[turn])) for turn in TURNS]
        way = dict(seen([key_of(driver) for driver in drivers], processes), named=named)
        if way["shared"] and hasattr(drivers[0], "pgconn"):
            way["carried"] = by_psycopg([driver.pgconn for driver in drivers])
        if way["between"]:
            with contextlib.suppress(Exception):
                way["sizes"] = sizes_of(*asked_of(engine), driver=drivers[0])
        return way
    finally:
        for one in opened:
            one.close()


def process_of(connection):
    """Return the process that serves a transaction of its own."""
    cursor = connection.cursor()
    cursor.execute(PROCESS)
    process = tuple(cursor.fetchone())
    cursor.close()
    connection.rollback()
    return process


def key_of(driver):
    """Return the process that was told when the connection was opened, `None` if it is not kept."""
    data = getattr(driver, "_backend_key_data", None)  # pg8000
    if data:
        return struct.unpack("!i", data[:4])[0]
    return getattr(getattr(driver, "info", None), "backend_pid", None)


def named_by(name, driver):
    """Return why statements stay prepared under a name, empty if none does, `None`: unknown."""
    if hasattr(driver, "prepare_threshold"):
        threshold = driver.prepare_threshold
        if threshold is None:
            return ""
        return f"psycopg prepares what is executed more than {threshold} times (prepare_threshold)"
    if name in ("psycopg2", "psycopg2cffi") or hasattr(driver, "execute_unnamed"):
        return ""
    return None


def by_psycopg(connections):
    """Return whether a prepared statement is there for its own client, and only for it."""
    executed, prepared = {0: set(), 1: set()}, set()
    for turn in TURNS:
        results = []
        if turn not in prepared:
            text = f"SELECT pg_backend_pid(), {turn}".encode()
            results.append(connections[turn].prepare(NAME.encode(), text))
            prepared.add(turn)
        results.append(connections[turn].exec_prepared(NAME.encode(), None))
        for result in results:
            state = (result.error_field(ord("C")) or b"").decode()
            if state:
                for one in connections if state in LOST else ():
                    one.exec_(b"DEALLOCATE " + NAME.encode())
                return False if state in LOST else None
        if int(results[-1].get_value(0, 1)) != turn:
            return False
        executed[turn].add(results[-1].get_value(0, 0))
    return True if executed[0] & executed[1] else None


def sizes_of(arguments, options, driver):
    """Return what PgBouncer's console tells of its sizes, to those that it lets in."""
    module = __import__(type(driver).__module__.partition(".")[0])
    options = {key: one for key, one in options.items() if not key.startswith("async_")}
    options.pop("database", None)  # as SQLAlchemy 1.4 calls it for psycopg2
    options["dbname"] = CONSOLE
    with contextlib.closing(module.connect(*arguments, **options)) as connection:
        connection.autocommit = True
        config = {row["key"]: row["value"] for row in rows_of(connection, "SHOW CONFIG")}
        sizes = {name: int(config[name]) for name in SIZES}
        name = driver.info.dbname
        for row in rows_of(connection, "SHOW DATABASES"):
            if row["name"] == name:
                reserve = row.get("reserve_pool_size", row.get("reserve_pool"))
                own = (None, row["pool_size"], reserve, row["max_connections"])
                sizes.update({key: int(one) for key, one in zip(SIZES, own) if one})  # noqa: B905
        return sizes


def rows_of(connection, statement):
    """Return the rows of a command of the console, by the names of its columns."""
    cursor = connection.cursor()
    cursor.execute(statement)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]  # noqa: B905


class Asked(Exception):  # noqa: N818
    """The driver is about to be called."""


def asked_of(engine):
    """Return what the driver is called with; nothing is opened."""
    kept = []

    def connect(*arguments, **options):
        kept.append((arguments, options))
        raise Asked

    engine.dialect.connect = connect
    try:
        with contextlib.suppress(Asked):
            engine.pool._invoke_creator(None)
    finally:
        del engine.dialect.connect
    if not kept:
        raise ValueError("its connections come from a creator of its own")
    return kept[0]


async def by_asyncpg(engine, arguments, options):
    """Return what two connections of asyncpg tell, none of whose statements has a name."""
    import asyncpg

    options = dict(options)
    options.pop("async_fallback", None)
    kept = int(options.pop("prepared_statement_cache_size", 100))
    names = options.pop("prepared_statement_name_func", None)
    creator = options.pop("async_creator_fn", None)
    cache = int(options.get("statement_cache_size", 100))
    if creator is None:
        creator, options["statement_cache_size"] = asyncpg.connect, 0
    opened = []
    try:
        opened.append(await creator(*arguments, **options))
        opened.append(await creator(*arguments, **options))
        if creator is not asyncpg.connect:
            cache = opened[0]._config.statement_cache_size
        processes = [(turn, tuple(await opened[turn].fetchrow(PROCESS))) for turn in TURNS]
        way = seen([one.get_server_pid() for one in opened], processes)
        # As of 0.29 a statement has no name where asyncpg keeps none.
        numbered = cache > 0 or not hasattr(opened[0], "_stmt_cache_enabled")
        passing = type(engine.pool).__name__ == "NullPool"
        way["named"] = asyncpg_names(numbered, names, 0 if passing else kept)
        if way["shared"]:
            way["carried"] = await carried_by_asyncpg(opened)
        return way
    finally:
        for one in opened:
            await one.close()


def asyncpg_names(numbered, names, kept):
    """Return why a statement of asyncpg is not there, or there already; empty: it is neither."""
    if names is not None and kept:
        setting = f"prepared_statement_cache_size={kept}"
        return f"SQLAlchemy keeps statements of asyncpg beyond the transaction ({setting})"
    if names is None and numbered:
        return "asyncpg numbers its statements, in every process from 1 (statement_cache_size)"
    return ""


async def carried_by_asyncpg(connections):
    """Return whether a prepared statement is there for its own client, and only for it."""
    executed, prepared = {0: set(), 1: set()}, {}
    try:
        for turn in TURNS:
            if turn not in prepared:
                text = f"SELECT pg_backend_pid(), {turn}"
                prepared[turn] = await connections[turn].prepare(text, name=NAME)
            process, whose = await prepared[turn].fetchrow()
            if whose != turn:
                return False
            executed[turn].add(process)
    except Exception as error:
        if state_of(error) not in LOST:
            return None
        for one in connections:
            with contextlib.suppress(Exception):
                await one.execute(f"DEALLOCATE {NAME}")
        return False
    return True if executed[0] & executed[1] else None
