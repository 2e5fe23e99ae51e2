"""The engine and the sessions of the application."""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from shop.settings import settings


@cache
def engine() -> Engine:
    """Return the engine of this process; broken connections are noticed before they are used."""
    return create_engine(
        settings().database_url,
        pool_size=5,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 3},
    )


def session() -> Iterator[Session]:
    """Give a request its own session."""
    with Session(engine(), expire_on_commit=False) as opened:
        yield opened
