"""Rows for every table of a database that nobody knows: values by the types of the columns."""

import datetime
import re
import uuid
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

ROWS = 3
_MADE: dict[type, Callable[[int], Any]] = {
    bool: lambda number: bool(number % 2),
    bytes: lambda number: bytes([number]),
    datetime.datetime: lambda number: datetime.datetime(2026, 1, 1 + number, tzinfo=datetime.UTC),
    datetime.timedelta: lambda number: datetime.timedelta(seconds=number),
    Decimal: lambda number: Decimal(number + 1),
    dict: lambda number: {"number": number},
    float: lambda number: number + 0.5,
    int: lambda number: number + 1,
    uuid.UUID: lambda _: uuid.uuid4(),
}


def fill(url: str, rows: int = ROWS, *, leave: tuple[str, ...] = ()) -> tuple[int, tuple[str, ...]]:
    """Fill every empty table, parents first, but those that are to be left.

    Returns:
        How many rows there are, and the tables that stayed empty: the database refuses such rows.
    """
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    metadata = sa.MetaData()
    total, empty = 0, []
    made: dict[sa.Column[Any], list[Any]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is reflected in part: it is only filled here
        metadata.reflect(engine)
        for table in metadata.sorted_tables:
            if table.name in {"alembic_version", *leave}:
                continue
            with engine.connect() as connection:
                found = _rows(connection, table, rows, made)
            for column in table.columns:
                made[column] = [one[column.name] for one in found]
            total += len(found)
            empty += [] if found else [table.name]
    engine.dispose()
    return total, tuple(empty)


def _rows(
    connection: sa.Connection, table: sa.Table, count: int, made: dict[sa.Column[Any], list[Any]]
) -> list[Any]:
    """Return the rows of a table, filled where it was empty."""
    read = sa.select(*(one for one in table.columns if not isinstance(one.type, sa.types.NullType)))
    found = list(connection.execute(read).mappings())
    if found:
        return found
    checks = sa.inspect(connection).get_check_constraints(table.name)
    allowed = _allowed([str(one["sqltext"]) for one in checks])
    try:
        for number in range(count):
            connection.execute(table.insert(), _row(table, number, made, allowed))
        connection.commit()
    except (sa.exc.DBAPIError, sa.exc.CompileError):
        connection.rollback()
        return []
    return list(connection.execute(read).mappings())


def _allowed(checks: list[str]) -> dict[str, list[str]]:
    """Return column → the words that a CHECK allows, where it lists some."""
    found = {}
    for text in checks:
        name = re.search(r"\w+", text.replace("(", " "))
        words = re.findall(r"'([^']*)'", text)
        if name and words:
            found[name[0]] = words
    return found


def _row(
    table: sa.Table,
    number: int,
    made: dict[sa.Column[Any], list[Any]],
    allowed: dict[str, list[str]],
) -> dict[str, Any]:
    row = {}
    for column in table.columns:
        if column.computed is not None or isinstance(column.type, sa.types.NullType):
            continue
        parents = next(
            (made[key.column] for key in column.foreign_keys if made.get(key.column)), []
        )
        if parents:
            row[column.name] = parents[number % len(parents)]
        elif column.name in allowed:
            row[column.name] = allowed[column.name][number % len(allowed[column.name])]
        elif not column.foreign_keys:
            row[column.name] = _value(column, number)
    return row


def _value(column: sa.Column[Any], number: int) -> Any:
    if isinstance(column.type, sa.Enum):
        return column.type.enums[number % len(column.type.enums)]
    try:
        kind = column.type.python_type
    except NotImplementedError:
        kind = str
    length = getattr(column.type, "length", None)
    words = f"{number} {column.table.name} {column.name}"
    value = _MADE[kind](number) if kind in _MADE else words
    if isinstance(value, datetime.datetime) and not getattr(column.type, "timezone", False):
        return value.replace(tzinfo=None)
    return value[:length] if isinstance(value, str) else value
