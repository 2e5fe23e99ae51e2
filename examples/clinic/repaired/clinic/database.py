"""The engine and the sessions of the application."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from clinic.settings import Settings

engine = create_engine(Settings.from_environment().database_url)


@event.listens_for(engine, "connect")
def enforce_foreign_keys(connection: Any, _record: object) -> None:
    """SQLite forgets the setting with every connection, so each one sets it again."""
    if engine.dialect.name != "sqlite":
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    enabled = cursor.execute("PRAGMA foreign_keys").fetchone()
    cursor.close()
    if enabled != (1,):
        raise RuntimeError("this SQLite does not enforce foreign keys")


new_session = sessionmaker(engine, expire_on_commit=False)


def session() -> Iterator[Session]:
    """Give a request its own session."""
    with new_session() as opened:
        yield opened
