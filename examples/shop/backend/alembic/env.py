"""Runs the revisions on the database of the shop."""

import os
from logging.config import fileConfig

from sqlalchemy import create_engine

from alembic import context
from shop.models import Base

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

URL = os.environ["DATABASE_URL"]


def run_offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(url=URL, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the revisions over a connection of their own, each in its transaction."""
    engine = create_engine(URL, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
