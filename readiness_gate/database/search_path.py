"""Where a project's own statements look for tables: the gate's own read the catalogue alone."""

from readiness_gate.database.session import Session

_CONFIGURED = """
SELECT substr(s.setting, length('search_path=') + 1)
FROM pg_db_role_setting d CROSS JOIN LATERAL unnest(d.setconfig) AS s(setting)
WHERE s.setting LIKE 'search_path=%'
  AND d.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
  AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY d.setrole <> 0 DESC, d.setdatabase <> 0 DESC LIMIT 1
"""
_DEFAULT = '"$user", public'


def use_the_project_s(session: Session) -> None:
    """Let the transaction find tables as the application does, by PostgreSQL's precedence.

    That of the role in this database comes first, then the role's, the database's, and the
    default. Other engines have no such path.
    """
    if session.dialect == "postgresql":
        path = session.value(_CONFIGURED) or _DEFAULT
        session.rows("SELECT set_config('search_path', %s, true)", path)
