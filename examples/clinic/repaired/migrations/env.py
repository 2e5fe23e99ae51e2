"""Runs the revisions on the database of the application.

On SQLite a changed table is written anew and the old one dropped: with enforced foreign keys that
would cascade into the rows of other tables. So the revisions run without, and what an upgrade
leaves behind is checked at its end.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, text

from clinic.models import Base
from clinic.settings import Settings

settings = Settings.from_environment()
directions: set[str] = set()


def note_direction(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    """Remember whether revisions went up or down; a downgrade may bring orphans back."""
    directions.add("up" if step.is_upgrade else "down")


def is_modelled(_object: object, name: str | None, *_: object) -> bool:
    """Whether the models should know a table: the quarantine belongs to the revisions alone."""
    return name != "orphan_quarantine"


def refuse_orphans(connection: Connection) -> None:
    """Raise when a row points at a parent that is not there."""
    if connection.dialect.name != "sqlite":
        return
    orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    if orphans:
        tables = ", ".join(sorted({orphan[0] for orphan in orphans}))
        raise RuntimeError(f"{len(orphans)} rows without a parent in {tables}")


def run_offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(
        url=settings.database_url,
        target_metadata=Base.metadata,
        literal_binds=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the revisions over a connection of their own."""
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            include_object=is_modelled,
            on_version_apply=note_direction,
        )
        with context.begin_transaction():
            context.run_migrations()
            if "up" in directions:
                refuse_orphans(connection)
    engine.dispose()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
