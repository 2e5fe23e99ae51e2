"""One catalogue of foreign keys from the raw catalogues; every audit is fed by it."""

from readiness_gate.database.catalogue import postgresql, sqlite
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.session import Session
from readiness_gate.errors import ConfigurationError


def foreign_keys(session: Session) -> tuple[ForeignKey, ...]:
    """Return every foreign key of the database, sorted by table and name.

    Raises:
        StatementFailed: the catalogue could not be read.
        ConfigurationError: the dialect has no catalogue here yet.
    """
    if session.dialect == "postgresql":
        return postgresql.foreign_keys(session)
    if session.dialect == "sqlite":
        return sqlite.foreign_keys(session)
    raise ConfigurationError(f"{session.dialect} is recognised but cannot be audited yet")
