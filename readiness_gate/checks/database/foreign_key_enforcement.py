"""`foreign-key-enforcement`: a row without its parent is refused, by the database as it runs.

SQLite decides per connection, so the application's own connections are opened inside the target,
and those that its programs open are watched there. Without either the source alone can accuse.
PostgreSQL, MariaDB and MySQL are asked for settings, state and engines; then one violation per key
is tried and rolled back.
"""

from typing import Annotated

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Name, Text
from readiness_gate.model.outcome import CheckClass, Family, Need

Program = Annotated[tuple[Text, ...], Field(min_length=1)]


class ForeignKeyEnforcementOptions(CheckOptions):
    """Which database; for SQLite, where the application's engine is."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    engine: Text | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$",
        description="For SQLite: the application's engine as module:attribute; also a session "
        "factory, or a function that returns a connection.",
    )
    observe: tuple[Program, ...] = Field(
        default=(),
        description="For SQLite: programs of the application that end by themselves, each a list "
        "of arguments. Every connection that they open to a database with foreign keys has to "
        "refuse a row without its parent.",
    )
    alembic: Text | None = Field(
        default=None,
        description="For SQLite: Alembic's configuration file; the connections that its env.py "
        "opens have to enforce too.",
    )
    service: Name | None = Field(
        default=None, description="Service that has the application; default the database's own."
    )
    python: Text = Field(default="python3", description="Interpreter of the service.")
    directory: Text | None = Field(
        default=None, description="Folder inside the service to run in; default its own."
    )


def programs_of(options: ForeignKeyEnforcementOptions) -> tuple[tuple[str, ...], ...]:
    """Return the commands whose connections are observed, Alembic's among them if named."""
    if options.alembic is None:
        return options.observe
    current = (options.python, "-m", "alembic", "-c", options.alembic, "current")
    return (*options.observe, current)


def _needs(options: ForeignKeyEnforcementOptions) -> frozenset[Need]:
    needs = frozenset({Need.DATABASE})
    return needs | {Need.STACK} if options.engine is not None or programs_of(options) else needs


CHECK = Check(
    id="foreign-key-enforcement",
    title="A row without its parent is refused",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=ForeignKeyEnforcementOptions,
    remediation="Enable and validate the key, keep its tables in an engine that has keys (InnoDB), "
    "and take back settings that turn keys off.",
    refine_needs=_needs,
)
