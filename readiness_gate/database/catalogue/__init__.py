"""One catalogue of foreign keys from the raw catalogues; every audit is fed by it."""

from readiness_gate.database.catalogue import mysql, postgresql, sqlite
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.session import Session

_READERS = {
    "postgresql": postgresql.foreign_keys,
    "sqlite": sqlite.foreign_keys,
    "mariadb": mysql.foreign_keys,
    "mysql": mysql.foreign_keys,
}


def foreign_keys(session: Session) -> tuple[ForeignKey, ...]:
    """Return every foreign key of the database, sorted by table and name.

    Raises:
        StatementFailed: the catalogue could not be read.
    """
    return _READERS[session.dialect](session)
