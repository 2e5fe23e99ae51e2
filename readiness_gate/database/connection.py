"""The only place that opens connections: explicit values, read-only, bounded in time.

Nothing is taken from libpq's environment (`PGHOST`, `PGOPTIONS`, `PGPASSFILE`, …): what libpq
would read there is given here.
"""

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from readiness_gate.database import mysql_connection
from readiness_gate.database.address import shown
from readiness_gate.database.session import Session, StatementFailed, failure
from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.errors import ConfigurationError, DatabaseError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

_CONNECT_TIMEOUT = 5
# Wrong password, no such role, no such database: waiting does not help.
_FINAL = frozenset({"28P01", "28000", "3D000", "1044", "1045", "1049", "1698"})
_PROGRESS_STEPS = 10_000


@contextmanager
def reading(url: str, *, seconds: float = 60.0, lock_seconds: float = 1.0) -> Iterator[Session]:
    """Open one read-only transaction that sees one state of the database.

    `seconds` bounds each statement (SQLite: all of them together).

    Raises:
        DatabaseError: no connection came about.
        ConfigurationError: the dialect is none of those that can be read.
    """
    with _opened(url, seconds=seconds, lock_seconds=lock_seconds, writable=False) as session:
        yield session


@contextmanager
def rolled_back(url: str, *, seconds: float = 30.0, lock_seconds: float = 1.0) -> Iterator[Session]:
    """Open a transaction that may write and is always rolled back.

    Raises:
        DatabaseError: no connection came about.
        ConfigurationError: the dialect is none of those that can be read.
    """
    with _opened(url, seconds=seconds, lock_seconds=lock_seconds, writable=True) as session:
        yield session


@contextmanager
def autocommit(url: str, *, seconds: float = 60.0, lock_seconds: float = 5.0) -> Iterator[Session]:
    """Open a connection to a server whose statements count at once: for `CREATE DATABASE`.

    Raises:
        DatabaseError: no connection came about.
        ConfigurationError: the dialect has no server.
    """
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    parsed = make_url(url)
    dialect = parsed.get_backend_name()
    if dialect == "postgresql":
        engine = _postgresql(parsed, seconds=seconds, lock_seconds=lock_seconds, writable=True)
    elif dialect in {"mariadb", "mysql"}:
        engine = mysql_connection.engine(parsed, seconds=seconds, lock_seconds=lock_seconds)
    else:
        raise ConfigurationError(f"{dialect} has no server")
    try:
        connection = engine.execution_options(isolation_level="AUTOCOMMIT").connect()
    except (DBAPIError, OSError) as error:
        refused = failure(error)
        raise StatementFailed(
            f"{shown(url)}: {refused.message}", sqlstate=refused.sqlstate
        ) from error
    try:
        yield Session(connection, dialect)
    finally:
        connection.close()
        engine.dispose()


def wait_until_accepting(url: str, *, clock: Clock, seconds: float) -> None:
    """Return once the database answers a query.

    Raises:
        DatabaseError: it refuses for good (password, role, database), or time is up.
    """
    deadline = Deadline(clock, seconds)
    while True:
        try:
            with reading(url, seconds=max(1.0, deadline.remaining(at_most=5.0))) as session:
                session.value("SELECT 1")
                return
        except StatementFailed as error:
            if error.sqlstate in _FINAL:
                raise
            cause = error.message
        if deadline.passed:
            raise DatabaseError(f"{shown(url)} did not accept a query in {seconds:.0f} s: {cause}")
        clock.sleep(min(0.2, deadline.remaining()))


@contextmanager
def _opened(url: str, *, seconds: float, lock_seconds: float, writable: bool) -> Iterator[Session]:
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    parsed = make_url(url)
    dialect = parsed.get_backend_name()
    if dialect == "postgresql":
        engine = _postgresql(parsed, seconds=seconds, lock_seconds=lock_seconds, writable=writable)
    elif dialect == "sqlite":
        engine = _sqlite(parsed, seconds=seconds, lock_seconds=lock_seconds, writable=writable)
    elif dialect in {"mariadb", "mysql"}:
        engine = mysql_connection.engine(parsed, seconds=seconds, lock_seconds=lock_seconds)
    else:
        raise ConfigurationError(f"{dialect} is no database that the gate can read")
    try:
        connection = engine.connect()
    except (DBAPIError, OSError) as error:
        refused = failure(error)
        raise StatementFailed(
            f"{shown(url)}: {refused.message}", sqlstate=refused.sqlstate
        ) from error
    try:
        if dialect == "sqlite":
            connection.exec_driver_sql("BEGIN")
        elif dialect != "postgresql":
            dialect = mysql_connection.begin(connection, seconds=seconds, writable=writable)
        yield Session(connection, dialect)
    finally:
        # Whatever was done is undone, also where a COMMIT was never meant.
        connection.rollback()
        connection.close()
        engine.dispose()


def _postgresql(url: "URL", *, seconds: float, lock_seconds: float, writable: bool) -> "Engine":
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    settings = {
        "statement_timeout": f"{max(1, int(seconds * 1000))}ms",
        "lock_timeout": f"{max(1, int(lock_seconds * 1000))}ms",
        "idle_in_transaction_session_timeout": f"{max(1, int(seconds * 1000)) + 60_000}ms",
        "row_security": "off",  # it raises then, where it would hide rows
        "search_path": "pg_catalog",
        "jit": "off",
    }
    if not writable:
        settings["default_transaction_read_only"] = "on"
    host = url.host or "localhost"
    query = {key: value for key, value in url.query.items() if key.startswith("ssl")}
    return create_engine(
        url.set(drivername="postgresql+psycopg", query=query),
        poolclass=NullPool,
        execution_options={"no_parameters": True},
        isolation_level="REPEATABLE READ",
        connect_args={
            "host": host,
            "hostaddr": _ip_address(host, url.port or 5432),
            "port": url.port or 5432,
            "user": url.username or "postgres",
            "dbname": url.database or url.username or "postgres",
            # libpq takes an empty password for none and looks into PGPASSWORD then.
            "password": url.password or "none",
            "passfile": "/dev/null",
            "options": " ".join(f"-c {key}={value}" for key, value in settings.items()),
            "sslmode": query.get("sslmode", "prefer"),
            "gssencmode": "disable",
            "target_session_attrs": "any",
            "client_encoding": "utf8",
            "application_name": "readiness-gate",
            "connect_timeout": _CONNECT_TIMEOUT,
        },
    )


def _ip_address(host: str, port: int) -> str:
    """Return one address of the host, since `PGHOSTADDR` would win over a name."""
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise StatementFailed(f"host {host} has no address: {error}") from error


def _sqlite(url: "URL", *, seconds: float, lock_seconds: float, writable: bool) -> "Engine":
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    mode = "rw" if writable else "ro"
    location = f"file:{quote(url.database or '', safe='/')}?mode={mode}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            location, uri=True, timeout=lock_seconds, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = _text
        end = time.monotonic() + seconds
        connection.set_progress_handler(lambda: int(time.monotonic() > end), _PROGRESS_STEPS)
        if not writable:
            connection.execute("PRAGMA query_only = ON")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _text(raw: bytes) -> str:
    # SQLite keeps what it is given as text, valid or not; a count must not fail on it.
    return raw.decode("utf-8", errors="replace")
