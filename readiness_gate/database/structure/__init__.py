"""Tables with their columns and indexes, the same for every engine, from the raw catalogues."""

from readiness_gate.database.session import Session
from readiness_gate.database.structure import mysql, postgresql, sqlite
from readiness_gate.database.structure.table import Table

_READERS = {
    "postgresql": postgresql.tables,
    "sqlite": sqlite.tables,
    "mariadb": mysql.tables,
    "mysql": mysql.tables,
}


def tables(session: Session) -> tuple[Table, ...]:
    """Return the project's tables, sorted by name.

    Those of the engine itself, of extensions, and copies that are partitions are left out.

    Raises:
        StatementFailed: the catalogue could not be read.
    """
    return _READERS[session.dialect](session)
