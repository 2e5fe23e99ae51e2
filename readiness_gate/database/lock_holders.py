"""Who holds a lock that was not given in time, so that somebody can be asked to let go."""

from readiness_gate.database.session import Session, StatementFailed

_NOT_AVAILABLE = "55P03"
_HOLDERS = """
SELECT a.pid, coalesce(a.usename, '?')::text, coalesce(nullif(a.application_name, ''), '?'),
       coalesce(a.state, '?')
FROM pg_locks l
JOIN pg_stat_activity a ON a.pid = l.pid
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND a.pid <> pg_backend_pid()
  AND n.nspname = %s AND c.relname = ANY (%s) ORDER BY a.backend_start
"""


def named(session: Session, error: StatementFailed, schema: str, tables: list[str]) -> str:
    """Return the error's message; where a lock was not given, with those who hold it.

    PostgreSQL alone tells; the session has to be usable again (out of the failed savepoint).
    """
    if session.dialect != "postgresql" or error.sqlstate != _NOT_AVAILABLE:
        return error.message
    try:
        with session.guarded():
            rows = session.rows(_HOLDERS, schema, tables)
    except StatementFailed:
        return error.message
    held = "; ".join(
        f"process {pid} of {user} ({program}, {state})" for pid, user, program, state in rows
    )
    return f"{error.message}: held by {held}" if held else error.message
