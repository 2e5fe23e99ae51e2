"""Opens connections to MariaDB and MySQL, with explicit values like those of the other engines."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine

_CONNECT_TIMEOUT = 5


def engine(url: "URL", *, seconds: float, lock_seconds: float) -> "Engine":
    """Return an engine of one connection at a time; `seconds` bounds each answer.

    Names are quoted as the standard has it (`ANSI_QUOTES`), so that a query reads the same on
    every engine.
    """
    from sqlalchemy import create_engine  # noqa: PLC0415 - a cold command must not wait for it
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    wait = max(1, int(lock_seconds))
    query = {key: value for key, value in url.query.items() if key.startswith("ssl")}
    return create_engine(
        url.set(drivername=f"{url.get_backend_name()}+pymysql", query=query),
        poolclass=NullPool,
        execution_options={"no_parameters": True},  # a % in a name is no parameter
        isolation_level="REPEATABLE READ",
        connect_args={
            "host": url.host or "localhost",
            "port": url.port or 3306,
            "user": url.username or "root",
            "password": url.password or "",
            "database": url.database,
            "charset": "utf8mb4",
            "connect_timeout": _CONNECT_TIMEOUT,
            # The server ends a statement first; this is for one that does not answer at all.
            "read_timeout": seconds + 10,
            "write_timeout": seconds + 10,
            "local_infile": False,
            "init_command": "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', "
            f"lock_wait_timeout = {wait}, innodb_lock_wait_timeout = {wait}",
        },
    )


def begin(connection: "Connection", *, seconds: float, writable: bool) -> str:
    """Bound the statements, begin the transaction, and return `mariadb` or `mysql`."""
    version = str(connection.exec_driver_sql("SELECT version()").scalar())
    is_mariadb = "mariadb" in version.lower()
    bound = f"max_statement_time = {seconds:.3f}"
    if not is_mariadb:
        bound = f"max_execution_time = {max(1, int(seconds * 1000))}"
    connection.exec_driver_sql(f"SET SESSION {bound}")
    access = "READ WRITE" if writable else "READ ONLY"
    connection.exec_driver_sql("ROLLBACK")
    connection.exec_driver_sql(f"START TRANSACTION WITH CONSISTENT SNAPSHOT, {access}")
    return "mariadb" if is_mariadb else "mysql"
