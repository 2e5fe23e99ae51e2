"""The engine and the sessions of the application."""

from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from clinic.settings import Settings

engine = create_engine(Settings.from_environment().database_url)
new_session = sessionmaker(engine, expire_on_commit=False)


def session() -> Iterator[Session]:
    """Give a request its own session."""
    with new_session() as opened:
        yield opened
