"""The section `databases`: where they are, how they are migrated and seeded."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.config.values import Duration, Name, Text, Texts
from readiness_gate.model.record import Record


class MigrationsConfig(Record):
    """The Alembic project that owns a database's schema."""

    service: Name | None = Field(
        default=None, description="Service whose image or interpreter runs the migrations."
    )
    config: Text = Field(
        default="alembic.ini", description="Alembic's configuration file, relative to directory."
    )
    directory: Text | None = Field(
        default=None, description="Folder inside the service to run in; default its own."
    )
    python: Text = Field(default="python3", description="Interpreter that has the project's code.")
    run: Literal["before-start", "after-start", "by-stack"] = Field(
        default="before-start",
        description="When the gate upgrades: before the services start, after, "
        "or by-stack where a service of the stack does it itself.",
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=600.0, description="How long an upgrade may take."
    )


class SeedConfig(Record):
    """One command that fills the database, at the base's head revision."""

    service: Name | None = Field(
        default=None, description="Service that runs the command; default that of migrations."
    )
    command: Annotated[Texts, Field(min_length=1)] = Field(
        description="Program and arguments; no shell reads them."
    )
    directory: Text | None = Field(
        default=None, description="Folder inside the service to run in; default its own."
    )


class DatabaseConfig(Record):
    """One database. With `service` it is the stack's own; with `url` alone it is only read."""

    service: Name | None = Field(
        default=None, description="Service of the stack that serves, or writes, this database."
    )
    url: Text | None = Field(
        default=None,
        description="SQLAlchemy URL; default derived from the service's image and environment.",
    )
    migrations: MigrationsConfig | None = Field(
        default=None, description="The Alembic project that owns the schema."
    )
    seed: tuple[SeedConfig, ...] = Field(
        default=(),
        description="Commands that fill the database before the pull request's revisions run.",
    )

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.service is None and self.url is None:
            raise ValueError("name the service of the stack, or a url")
        if self.service is None and self.seed:
            raise ValueError("a database without a service is only read: seed needs a service")
        return self
