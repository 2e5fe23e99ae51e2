"""Copies to work on: made beside the stack's own database, and removed afterwards.

PostgreSQL copies by `TEMPLATE`, which needs that nobody is connected to the original; MariaDB and
MySQL table by table; SQLite by its backup, into the folder of the original.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from readiness_gate.database import address
from readiness_gate.database.backup.sqlite import copied
from readiness_gate.database.catalogue.foreign_key import quoted
from readiness_gate.database.connection import autocommit
from readiness_gate.database.session import Session, StatementFailed
from readiness_gate.errors import ConfigurationError, DatabaseError

_PREFIX = "readiness_gate_"
_REFUSED = frozenset({"1044", "1045", "1142", "1227", "42501"})
_ROOT = ("MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD")


@dataclass(frozen=True)
class Scratch:
    """A copy: where it is, and the name that its original has for programs of the target."""

    url: str
    original: str
    """Name of the original database, or of its file."""
    name: str
    """Name of the copy, or of its file, in the same place."""


@contextmanager
def scratch(
    url: str,
    *,
    source: str | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 600.0,
) -> Iterator[Scratch]:
    """Make a database beside the one of `url`, and remove it afterwards, whatever happens.

    Args:
        url: SQLAlchemy URL of the original; user and password come from it.
        source: URL of the database to copy; empty where none is given.
        environment: of the database's service, for the password of root where the user may not
            create a database.
        seconds: bounds each statement.

    Raises:
        DatabaseError: it could not be made.
    """
    made = make(url, source=source, environment=environment, seconds=seconds)
    try:
        yield made
    finally:
        remove(made, environment=environment)


def make(
    url: str,
    *,
    source: str | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 600.0,
) -> Scratch:
    """Make a copy as `scratch` does, for somebody who removes it later.

    Raises:
        DatabaseError: it could not be made.
    """
    name = f"{_PREFIX}{secrets.token_hex(6)}"
    dialect = address.dialect(url)
    if dialect == "sqlite":
        return _file(url, source, name, seconds)
    original = unquote(urlsplit(url).path.removeprefix("/"))
    made = Scratch(address.renamed(url, name), original, name)
    try:
        if dialect == "postgresql":
            _postgresql(url, made, source, seconds)
        else:
            _mysql(url, made, source, environment or {}, seconds)
    except BaseException:
        with suppress(DatabaseError):
            remove(made, environment=environment)
        raise
    return made


def remove(made: Scratch, *, environment: Mapping[str, str] | None = None) -> None:
    """Remove a copy with everything in it, also while somebody is connected.

    Raises:
        DatabaseError: it could not be removed.
    """
    dialect = address.dialect(made.url)
    if not _PREFIX_NAME.search(made.name):
        raise ConfigurationError(f"{made.name} is no copy of the gate's")
    if dialect == "sqlite":
        path = address.sqlite_file(made.url)
        for suffix in ("", "-wal", "-shm", "-journal"):
            if path is not None:
                Path(f"{path}{suffix}").unlink(missing_ok=True)
        return
    if dialect == "postgresql":
        with autocommit(address.renamed(made.url, "postgres")) as session:
            session.rows(f"DROP DATABASE IF EXISTS {quoted(made.name)} WITH (FORCE)")
        return
    with _administering(address.renamed(made.url, made.original), environment or {}, 60.0) as one:
        one.rows(f"DROP DATABASE IF EXISTS {quoted(made.name)}")


_PREFIX_NAME = re.compile(_PREFIX)


def _file(url: str, source: str | None, name: str, seconds: float) -> Scratch:
    original = address.sqlite_file(url)
    if original is None:
        raise DatabaseError(f"{address.shown(url)} is no SQLite file")
    copy = original.with_name(f".{name}.db")
    origin = address.sqlite_file(source) if source is not None else None
    try:
        if origin is not None and origin.exists():
            copied(origin, copy, seconds=seconds)
        else:
            copy.touch()
        # Whoever may write the original may write its copy.
        copy.chmod(original.stat().st_mode & 0o777 if original.exists() else 0o666)
    except (OSError, ValueError) as error:
        copy.unlink(missing_ok=True)
        raise DatabaseError(f"{original.name} could not be copied: {error}") from error
    return Scratch(f"sqlite:///{quote(str(copy), safe='/')}", original.name, copy.name)


def _postgresql(url: str, made: Scratch, source: str | None, seconds: float) -> None:
    template = f" TEMPLATE {quoted(_name(source))}" if source is not None else ""
    with autocommit(address.renamed(url, "postgres"), seconds=seconds) as session:
        owner = session.value(
            "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s",
            made.original,
        )
        owned = f" OWNER {quoted(owner)}" if owner else ""
        session.rows(f"CREATE DATABASE {quoted(made.name)}{owned}{template}")
        _settings(session, made)


def _settings(session: Session, made: Scratch) -> None:
    """Give the copy the settings of its original, such as a search path."""
    rows = session.rows(
        "SELECT unnest(setconfig)::text FROM pg_db_role_setting s "
        "JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = %s AND s.setrole = 0",
        made.original,
    )
    for (setting,) in rows:
        key, _, value = str(setting).partition("=")
        # A list such as search_path stands there as it has to be written.
        text = value if key == "search_path" else "'" + value.replace("'", "''") + "'"
        session.rows(f"ALTER DATABASE {quoted(made.name)} SET {quoted(key)} TO {text}")


def _mysql(
    url: str, made: Scratch, source: str | None, environment: Mapping[str, str], seconds: float
) -> None:
    user = unquote(urlsplit(url).username or "root")
    with _administering(url, environment, seconds) as session:
        words = session.rows(
            "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME "
            "FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s",
            made.original,
        )
        kind = f" CHARACTER SET {words[0][0]} COLLATE {words[0][1]}" if words else ""
        session.rows(f"CREATE DATABASE {quoted(made.name)}{kind}")
        if user != "root":
            name = user.replace("'", "''")
            session.rows(f"GRANT ALL ON {quoted(made.name)}.* TO '{name}'@'%'")
        if source is not None:
            _copy_tables(session, _name(source), made.name)


@contextmanager
def _administering(url: str, environment: Mapping[str, str], seconds: float) -> Iterator[Session]:
    """Open a connection that may create databases: root's where the service tells its password."""
    password = next((environment[name] for name in _ROOT if environment.get(name)), None)
    if password is not None:
        parts = urlsplit(url)
        where = parts.netloc.rpartition("@")[2]
        root = f"{parts.scheme}://root:{quote(password, safe='')}@{where}{parts.path}"
        try:
            opened = autocommit(root, seconds=seconds)
            session = opened.__enter__()
        except StatementFailed as error:
            if error.sqlstate not in _REFUSED | {"1698"}:
                raise
        else:
            try:
                yield session
            finally:
                opened.__exit__(None, None, None)
            return
    with autocommit(url, seconds=seconds) as session:
        yield session


def _copy_tables(session: Session, source: str, name: str) -> None:
    """Copy tables with keys, rows, views and triggers; the server has no statement for it."""
    session.rows("SET SESSION foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
    session.rows(f"USE `{name}`")
    tables = session.rows(
        "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s "
        "ORDER BY TABLE_NAME",
        source,
    )
    for table, kind in tables:
        if kind == "BASE TABLE":
            one = f"`{source}`.`{_doubled(table)}`"
            session.rows(str(session.rows(f"SHOW CREATE TABLE {one}")[0][1]))
            columns = ", ".join(
                f"`{_doubled(row[0])}`"
                for row in session.rows(
                    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s "
                    "AND TABLE_NAME = %s AND EXTRA NOT LIKE %s ORDER BY ORDINAL_POSITION",
                    source,
                    table,
                    "%GENERATED%",
                )
            )
            session.rows(
                f"INSERT INTO `{_doubled(table)}` ({columns}) SELECT {columns} FROM {one}"  # noqa: S608
            )
    for table, kind in tables:
        if kind == "VIEW":
            text = str(session.rows(f"SHOW CREATE VIEW `{source}`.`{_doubled(table)}`")[0][1])
            session.rows(text.replace(f"`{source}`.", f"`{name}`."))
    for row in session.rows(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = %s "
        "ORDER BY EVENT_OBJECT_TABLE, ACTION_ORDER",
        source,
    ):
        text = str(session.rows(f"SHOW CREATE TRIGGER `{source}`.`{_doubled(row[0])}`")[0][2])
        session.rows(text.replace(f"`{source}`.", f"`{name}`."))


def _doubled(name: str) -> str:
    return name.replace("`", "``")


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))
