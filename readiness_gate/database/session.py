"""One connection inside one transaction, and the one error that a statement can end with."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from readiness_gate.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class StatementFailed(DatabaseError):  # noqa: N818
    """A statement was refused; `sqlstate` and `constraint` are the server's own words."""

    def __init__(self, message: str, *, sqlstate: str = "", constraint: str = "") -> None:
        """Keep the server's message without the statement's parameters."""
        super().__init__(message)
        self.sqlstate = sqlstate
        self.constraint = constraint


class Session:
    """One connection inside one transaction."""

    def __init__(self, connection: "Connection", dialect: str) -> None:
        """Wrap a connection that its opener closes."""
        self._connection = connection
        self.dialect = dialect

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; parameters in the driver's own style.

        Raises:
            StatementFailed: the server refused it, or time ran out.
        """
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        try:
            result = self._connection.exec_driver_sql(statement, tuple(parameters) or None)
            return [tuple(row) for row in result] if result.returns_rows else []
        except DBAPIError as error:
            raise failure(error) from error

    def records(self, statement: str, *, at_most: int) -> list[dict[str, Any]]:
        """Return the rows of a statement by column, values as JSON has them.

        Raises:
            StatementFailed: the server refused it, time ran out, there are more rows, or two
                columns have one name.
        """
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        try:
            result = self._connection.exec_driver_sql(statement)
            if not result.returns_rows:
                return []
            names = list(result.keys())
            rows = result.fetchmany(at_most + 1)
        except DBAPIError as error:
            raise failure(error) from error
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise StatementFailed(f"two columns are called {twice}: name them")
        if len(rows) > at_most:
            raise StatementFailed(f"more than {at_most} rows came back")
        return [dict(zip(names, map(plain, row), strict=True)) for row in rows]

    def value(self, statement: str, *parameters: object) -> Any:
        """Return the first column of the first row, `None` where there is no row."""
        rows = self.rows(statement, *parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Keep the transaction usable when a statement inside fails, and undo what it did."""
        name = "readiness_gate"
        self.rows(f"SAVEPOINT {name}")
        try:
            yield
        finally:
            self.rows(f"ROLLBACK TO SAVEPOINT {name}")
            self.rows(f"RELEASE SAVEPOINT {name}")


def plain(value: Any) -> Any:
    """Return a driver's value as JSON has it: numbers as they are, the rest as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def failure(error: BaseException) -> StatementFailed:
    """Return what a driver's error says, in the server's words."""
    cause = getattr(error, "orig", None) or error
    diagnosis = getattr(cause, "diag", None)
    sqlstate = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    # The rest of it repeats the statement, with a caret under it.
    primary = getattr(diagnosis, "message_primary", None)
    message = str(primary or cause).strip()
    if len(cause.args) >= 2 and isinstance(cause.args[0], int):
        # PyMySQL: the server's own number, and its words.
        sqlstate, message = str(cause.args[0]), str(cause.args[1]).strip()
    if not sqlstate and "password authentication failed" in message:
        sqlstate = "28P01"
    elif not sqlstate and 'database "' in message and "does not exist" in message:
        sqlstate = "3D000"
    return StatementFailed(
        message or type(cause).__name__,
        sqlstate=str(sqlstate),
        constraint=getattr(diagnosis, "constraint_name", None) or "",
    )
