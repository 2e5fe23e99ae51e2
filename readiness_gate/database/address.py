"""Where a database is: a URL out of a service's image and environment, or as it was written.

The variables are those of the official images (`POSTGRES_USER`, `MYSQL_DATABASE`, …).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}
_IMAGES = {
    "postgresql": re.compile(r"postgres|postgresql|postgis|timescaledb(-ha)?|pgvector|citus"),
    "mariadb": re.compile(r"mariadb|mariadb-galera"),
    "mysql": re.compile(r"mysql|mysql-server|percona"),
}
# Set by the images themselves, so that an image built on top of one is recognised too.
_MARKS = {"PG_MAJOR": "postgresql", "MARIADB_VERSION": "mariadb", "MYSQL_MAJOR": "mysql"}
_SECRET = re.compile(r"pass|secret|token|key", re.IGNORECASE)


def dialect_of_image(image: str, environment: Mapping[str, str]) -> str | None:
    """Return SQLAlchemy's backend name for a service, `None` where it is no known database."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    for dialect, pattern in _IMAGES.items():
        if pattern.fullmatch(name):
            return dialect
    return next((dialect for mark, dialect in _MARKS.items() if mark in environment), None)


def derive(
    service: str, image: str, environment: Mapping[str, str], *, host: str, port: int
) -> str:
    """Return the URL of a service's database, reached at `host` and `port`.

    Raises:
        ConfigurationError: the image is not known, or its password is only in a file.
    """
    dialect = dialect_of_image(image, environment)
    if dialect is None:
        raise ConfigurationError(
            f"service {service} runs {image}, which is no database that the gate knows",
            advice="write its address as databases.NAME.url",
        )
    of = _postgresql if dialect == "postgresql" else _mysql
    user, password, database = of(service, environment)
    secret = f":{quote(password, safe='')}" if password else ""
    where = f"[{host}]" if ":" in host else host
    return (
        f"{_DRIVERS[dialect]}://{quote(user, safe='')}{secret}@{where}:{port}"
        f"/{quote(database, safe='')}"
    )


def _postgresql(service: str, environment: Mapping[str, str]) -> tuple[str, str, str]:
    user = _value(service, environment, "POSTGRES_USER", "POSTGRESQL_USERNAME") or "postgres"
    password = _value(service, environment, "POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD")
    database = _value(service, environment, "POSTGRES_DB", "POSTGRESQL_DATABASE")
    return user, password, database or user


def _mysql(service: str, environment: Mapping[str, str]) -> tuple[str, str, str]:
    user = _value(service, environment, "MARIADB_USER", "MYSQL_USER")
    if user:
        password = _value(service, environment, "MARIADB_PASSWORD", "MYSQL_PASSWORD")
    else:
        password = _value(service, environment, "MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD")
    database = _value(service, environment, "MARIADB_DATABASE", "MYSQL_DATABASE")
    return user or "root", password, database


def _value(service: str, environment: Mapping[str, str], *names: str) -> str:
    for name in names:
        if environment.get(name):
            return environment[name]
    for name in names:
        if environment.get(f"{name}_FILE"):
            raise ConfigurationError(
                f"service {service} reads {name} from a file, which the gate cannot",
                advice="write its address as databases.NAME.url",
            )
    return ""


def resolve(url: str, workspace: Workspace) -> str:
    """Return a configured URL with our drivers, and a SQLite file as an absolute path.

    Raises:
        ConfigurationError: it is no URL, its database is of another kind, or its file leaves
            the workspace or is in memory.
    """
    parsed = _parse(url)
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise ConfigurationError(f"{shown(url)} is no database that the gate knows")
    parsed = parsed.set(drivername=_DRIVERS[backend])
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or "mode=memory" in url:
            raise ConfigurationError(f"{shown(url)} is in memory: only its own process sees it")
        try:
            path = workspace.root / parsed.database
            if not parsed.database.startswith("/"):
                path = workspace.path(parsed.database)
        except PathRefused as error:
            raise ConfigurationError(f"{shown(url)}: {error}") from error
        parsed = parsed.set(database=str(path), query={})
    return parsed.render_as_string(hide_password=False)


def at(url: str, *, host: str, port: int) -> str:
    """Return a URL that was written for the inside of the stack, reached from where we are."""
    return _parse(url).set(host=host, port=port).render_as_string(hide_password=False)


def renamed(url: str, database: str) -> str:
    """Return the URL of another database of the same server."""
    return _parse(url).set(database=database).render_as_string(hide_password=False)


def dialect(url: str) -> str:
    """Return SQLAlchemy's backend name of a URL.

    Raises:
        ConfigurationError: it is no URL.
    """
    return _parse(url).get_backend_name()


def sqlite_file(url: str) -> Path | None:
    """Return the file of a resolved SQLite URL, in which a path is written with escapes.

    `None` where the database is not a SQLite file.
    """
    parsed = _parse(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    return Path(parsed.database) if is_file and parsed.database else None


def shown(url: str) -> str:
    """Return a URL for people: passwords, in their place or in the query, are masked."""
    try:
        parsed = _parse(url)
    except ConfigurationError:
        return "(not a database URL)"
    masked = {key: "***" if _SECRET.search(key) else each for key, each in parsed.query.items()}
    return parsed.set(query=masked).render_as_string(hide_password=True)


def _parse(url: str) -> "URL":
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - a cold command must not wait for it
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415

    try:
        parsed = make_url(re.sub(r"^postgres(?=://|\+)", "postgresql", url))
        parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # The cause would repeat the text, and with it a password.
        raise ConfigurationError(
            "databases.NAME.url is not a URL such as postgresql://user@host:5432/name"
        ) from error
    return parsed
