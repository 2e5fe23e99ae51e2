"""Where a configured database is, and how the gate reaches it from where it runs."""

from dataclasses import dataclass
from pathlib import Path

from readiness_gate.checks.context import DatabaseAccess
from readiness_gate.config.schema import DatabaseConfig, MigrationsConfig
from readiness_gate.database import address
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.location import find_versions
from readiness_gate.migrations.run import AlembicProject
from readiness_gate.stack.base import Stack


@dataclass(frozen=True)
class Place:
    """What an address is derived from."""

    stack: Stack | None
    compose: bool
    workspace: Workspace


def reach(name: str, database: DatabaseConfig, place: Place) -> DatabaseAccess:
    """Return how a database is reached; nothing is connected.

    Raises:
        ConfigurationError: an address cannot be derived.
        StackError: the stack does not know the service or its port.
    """
    url = _url(database, place)
    return DatabaseAccess(
        name=name,
        dialect=address.dialect(url),
        url=url,
        owned=database.service is not None,
        service=database.service,
        migrations_directory=_versions(database.migrations, place.workspace),
        run=None,
        alembic=_alembic(database),
    )


def _alembic(database: DatabaseConfig) -> AlembicProject | None:
    migrations = database.migrations
    service = (migrations.service or database.service) if migrations is not None else None
    if migrations is None or service is None:
        return None
    return AlembicProject(service, migrations.config, migrations.directory, migrations.python)


def is_file(database: DatabaseConfig) -> bool:
    """Return whether a database is a file, which needs no service to be read."""
    return database.url is not None and database.url.startswith("sqlite")


def file_of(url: str) -> Path:
    """Return the file of a resolved SQLite URL.

    Raises:
        ConfigurationError: it is the URL of something else.
    """
    found = address.sqlite_file(url)
    if found is None:
        raise ConfigurationError(f"{address.shown(url)} is no SQLite file")
    return found


def _url(database: DatabaseConfig, place: Place) -> str:
    service, stack = database.service, place.stack
    if database.url is not None:
        url = address.resolve(database.url, place.workspace)
        port = address.PORTS.get(address.dialect(url))
        if service is None or port is None or stack is None or not place.compose:
            return url
        reached = stack.address(service, port)
        return address.at(url, host=reached.host, port=reached.port)
    if service is None or stack is None:
        raise ConfigurationError("a database without a url needs a service of the stack")
    image, environment = stack.image(service), stack.environment(service)
    dialect = address.dialect_of_image(image, environment)
    reached = stack.address(service, address.PORTS.get(dialect or "", 0))
    return address.derive(service, image, environment, host=reached.host, port=reached.port)


def _versions(migrations: MigrationsConfig | None, workspace: Workspace) -> str | None:
    if migrations is None:
        return None
    folders = find_versions(workspace, migrations.config)
    return folders[0] if len(folders) == 1 else str(Path(folders[0]).parent)
