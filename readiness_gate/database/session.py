"""One connection inside one transaction, and the one error that a statement can end with."""

from collections.abc import Iterator
from contextlib import contextmanager
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


def failure(error: BaseException) -> StatementFailed:
    """Return what a driver's error says, in the server's words."""
    cause = getattr(error, "orig", None) or error
    diagnosis = getattr(cause, "diag", None)
    sqlstate = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    message = str(cause).strip()
    if not sqlstate and len(cause.args) == 2 and isinstance(cause.args[0], int):
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
