"""What all tables share."""

from datetime import datetime

from sqlalchemy import DateTime, MetaData, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The registry of all tables, with names for every constraint."""

    metadata = MetaData(naming_convention=NAMES)


class Recorded:
    """A row that knows when it was written."""

    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
