"""The engines' own tools, as commands for the database's container; no secret stands in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

Script = tuple[str, ...]


@dataclass(frozen=True)
class Tools:
    """Commands that run inside the database's container, with the variables that they need."""

    environment: Mapping[str, str]
    secret: str
    """The password, which no output may show."""
    dump: Script
    create: Script
    restore: Script
    drop: Script
    clean: Script
    """Removes the dump."""


def tools(url: str, *, scratch: str, file: str, snapshot: str = "") -> Tools:
    """Return the tools for a server's database.

    Args:
        url: SQLAlchemy URL of the database; user and password come from it.
        scratch: name of the database to restore into; letters, digits and underscores.
        file: path of the dump inside the container.
        snapshot: PostgreSQL: an exported snapshot to dump, so that it can be compared.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme.startswith("postgresql"):
        return _postgresql(user or "postgres", password, name, scratch, file, snapshot)
    return _mariadb(user or "root", password, name, scratch, file)


def _postgresql(
    user: str, password: str, name: str, scratch: str, file: str, snapshot: str
) -> Tools:
    by = ("--username", user, "--no-password")
    psql = ("psql", *by, "--dbname", "postgres", "--no-psqlrc", "--quiet", "--command")
    same = (f"--snapshot={snapshot}",) if snapshot else ()
    return Tools(
        environment={"PGPASSWORD": password},
        secret=password,
        dump=("pg_dump", *by, "--format=custom", *same, "--file", file, "--dbname", name),
        create=(*psql, f"CREATE DATABASE {scratch} TEMPLATE template0"),
        # What it cannot restore ends it: an ignored error is a lost constraint.
        restore=("pg_restore", *by, "--exit-on-error", "--dbname", scratch, file),
        drop=(*psql, f"DROP DATABASE IF EXISTS {scratch} WITH (FORCE)"),
        clean=("rm", "-f", file),
    )


def _mariadb(user: str, password: str, name: str, scratch: str, file: str) -> Tools:
    client = 'c=$(command -v mariadb || command -v mysql) && "$c" --user="$0" '
    dumper = 'd=$(command -v mariadb-dump || command -v mysqldump) && "$d" --user="$0" '
    options = "--single-transaction --routines --triggers --hex-blob"
    return Tools(
        environment={"MYSQL_PWD": password},
        secret=password,
        dump=("sh", "-c", f'{dumper} {options} --result-file="$1" "$2"', user, file, name),
        create=("sh", "-c", f'{client} --execute="CREATE DATABASE {scratch}"', user),
        restore=("sh", "-c", f'{client} "$1" < "$2"', user, scratch, file),
        drop=("sh", "-c", f'{client} --execute="DROP DATABASE IF EXISTS {scratch}"', user),
        clean=("rm", "-f", file),
    )
