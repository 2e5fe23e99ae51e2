"""Runs a clean-up revision through Alembic itself, on any engine, and takes it back."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_ENV = """
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
_FIRST = """
revision = "first"
down_revision = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
"""


class Project:
    """An Alembic project of one empty revision, and of what is written into it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.versions = folder / "versions"
        self.versions.mkdir(parents=True)
        (folder / "env.py").write_text(_ENV, "utf-8")
        (self.versions / "first.py").write_text(_FIRST, "utf-8")
        self.config = Config()
        self.config.set_main_option("script_location", str(folder))
        self.config.set_main_option("url", url.replace("%", "%%"))
        self.upgrade("first")

    def upgrade(self, to: str = "head") -> None:
        command.upgrade(self.config, to)

    def downgrade(self, to: str = "first") -> None:
        command.downgrade(self.config, to)
