"""Runs the revisions on the database of the application."""

from alembic import context
from sqlalchemy import create_engine

from clinic.models import Base
from clinic.settings import Settings

settings = Settings.from_environment()


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
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
