"""How many connections a server takes, and which are open now."""

from dataclasses import dataclass

from readiness_gate.database.session import Session
from readiness_gate.errors import ConfigurationError

_POSTGRESQL = """
SELECT current_setting('max_connections')::int,
       current_setting('superuser_reserved_connections')::int,
       coalesce(current_setting('reserved_connections', true), '0')::int,
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
"""
_ROLE = "SELECT rolconnlimit FROM pg_roles WHERE rolname = %s"
_POSTGRESQL_SESSIONS = """
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND coalesce(backend_type, 'client backend') = 'client backend'
"""
_POSTGRESQL_OPEN = """
SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
       count(*) FILTER (WHERE state IS NULL AND query = '<insufficient privilege>')
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND coalesce(backend_type, 'client backend') = 'client backend'
"""
"""A session that is being opened has no state yet: only one whose text is withheld is hidden."""
_MYSQL_LIMITS = "SELECT @@GLOBAL.max_connections, @@GLOBAL.max_user_connections"
_MYSQL_SESSIONS = """
SELECT count(*)
FROM information_schema.PROCESSLIST p
WHERE p.DB = database() AND p.ID <> connection_id()
"""
_MYSQL_OPEN = """
SELECT count(*),
       sum(p.COMMAND = 'Sleep' AND p.ID IN (SELECT trx_mysql_thread_id
                                            FROM information_schema.INNODB_TRX))
FROM information_schema.PROCESSLIST p
WHERE p.DB = database() AND p.ID <> connection_id()
"""
FRESH_AFTER = 0.15
"""Seconds between two looks at what is open. InnoDB answers from the copy of its transactions
that it made for the last reader until nobody has read for 0.1 s (`CACHE_MIN_IDLE_TIME_NS`): who
looks more often sees for ever what held when it looked first."""


@dataclass(frozen=True)
class Limit:
    """What bounds the connections of an application."""

    usable: int
    """Connections for everybody who is no superuser."""
    words: str
    """How it comes about."""
    wait_timeout: int | None = None
    """Seconds after which an idle connection is closed (MariaDB, MySQL)."""


@dataclass(frozen=True)
class Open:
    """The connections of others to this database now."""

    sessions: int
    holding: int
    """Idle inside a transaction: given out by a pool, and not given back."""


def limit_of(session: Session, role: str | None = None) -> Limit:
    """Return what bounds the connections of `role`, the narrowest of server, database and role.

    Raises:
        StatementFailed: the server does not tell.
    """
    if session.dialect == "postgresql":
        return _postgresql(session, role)
    most, per_user = session.rows(_MYSQL_LIMITS)[0]
    usable, words = int(most), f"max_connections {most}"
    if 0 < int(per_user) < usable:
        usable, words = int(per_user), f"max_user_connections {per_user}"
    return Limit(usable, words, int(session.value("SELECT @@GLOBAL.wait_timeout")))


def _postgresql(session: Session, role: str | None) -> Limit:
    most, superusers, reserved, database = (int(one) for one in session.rows(_POSTGRESQL)[0])
    usable = most - superusers - reserved
    words = f"max_connections {most} - {superusers + reserved} reserved"
    of_role = session.value(_ROLE, role) if role is not None else None
    for name, bound in (("the database", database), (f"the role {role}", of_role)):
        if bound is not None and 0 <= int(bound) < usable:
            usable, words = int(bound), f"connection limit {bound} of {name}"
    return Limit(usable, words)


def sessions_now(session: Session) -> int:
    """Return the number of connections of others to this database, also of roles that hide theirs.

    Raises:
        StatementFailed: the server does not tell.
    """
    postgresql = session.dialect == "postgresql"
    return int(session.value(_POSTGRESQL_SESSIONS if postgresql else _MYSQL_SESSIONS))


def open_now(session: Session) -> Open:
    """Return the connections of others to this database.

    Raises:
        ConfigurationError: the role may not see what others do.
        StatementFailed: the server does not tell.
    """
    if session.dialect == "postgresql":
        sessions, holding, hidden = session.rows(_POSTGRESQL_OPEN)[0]
        if hidden:
            raise ConfigurationError(
                "the state of other sessions is hidden from this role",
                advice="GRANT pg_read_all_stats TO it",
            )
        return Open(int(sessions), int(holding))
    sessions, holding = session.rows(_MYSQL_OPEN)[0]
    return Open(int(sessions), int(holding or 0))
