"""How a project's own statements are read: the gate's own have settings of their own."""

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
    """Let the transaction read statements as the application's sessions do.

    PostgreSQL finds tables by the path of the role in this database, else the role's, the
    database's, or the default. MariaDB and MySQL take quotes as the server's mode has it; what
    follows on this connection can no longer quote names as the standard does.
    """
    if session.dialect == "postgresql":
        path = session.value(_CONFIGURED) or _DEFAULT
        session.rows("SELECT set_config('search_path', %s, true)", path)
    elif session.dialect != "sqlite":
        session.rows("SET SESSION sql_mode = @@GLOBAL.sql_mode")
