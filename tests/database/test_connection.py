import socket

import pytest

from readiness_gate.database.connection import (
    reading,
    rolled_back,
    wait_until_accepting,
)
from readiness_gate.database.session import StatementFailed
from readiness_gate.doors.clock import SystemClock
from readiness_gate.errors import ConfigurationError, DatabaseError
from tests.database.postgres import PASSWORD, Database
from tests.database.sqlite import File


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_sqlite_is_read_and_not_written(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a); INSERT INTO t VALUES ('50%')")
    with reading(sqlite.url) as session:
        assert session.rows("SELECT * FROM t WHERE a LIKE '50%'") == [("50%",)]
        with pytest.raises(StatementFailed, match="readonly"):
            session.rows("INSERT INTO t VALUES (1)")


def test_a_sqlite_file_that_is_not_there_is_not_created(sqlite: File) -> None:
    sqlite.path.unlink()
    with pytest.raises(DatabaseError, match="unable to open"), reading(sqlite.url):
        pass
    assert not sqlite.path.exists()


def test_a_sqlite_statement_ends_in_time(sqlite: File) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    with reading(sqlite.url, seconds=0.2) as session, pytest.raises(StatementFailed, match="inter"):
        session.rows(endless)


def test_a_file_that_is_no_database_is_an_error(sqlite: File) -> None:
    sqlite.path.write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseError, match="not a database"), reading(sqlite.url) as session:
        session.rows("SELECT * FROM sqlite_schema")


def test_what_is_written_in_a_rolled_back_session_is_gone(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a)")
    with rolled_back(sqlite.url) as session:
        session.rows("INSERT INTO t VALUES (1)")
        assert session.value("SELECT count(*) FROM t") == 1
    assert sqlite.value("SELECT count(*) FROM t") == 0


def test_a_dialect_without_an_audit_says_so() -> None:
    with (
        pytest.raises(ConfigurationError, match="oracle is no database"),
        reading("oracle://u@h/d"),
    ):
        pass


def test_a_server_that_never_answers_is_named_without_its_password() -> None:
    url = f"postgresql://u:hunter2@127.0.0.1:{free_port()}/d"
    with pytest.raises(DatabaseError) as caught:
        wait_until_accepting(url, clock=SystemClock(), seconds=0.5)
    assert "did not accept a query" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_a_host_without_an_address_is_an_error() -> None:
    with (
        pytest.raises(DatabaseError, match="has no address"),
        reading("postgresql://u@a.invalid/d"),
    ):
        pass


@pytest.mark.docker
def test_postgresql_is_read_and_not_written(postgres: Database) -> None:
    postgres.execute("CREATE TABLE t (a int)")
    with reading(postgres.url) as session:
        assert session.value("SELECT count(*) FROM public.t WHERE 'a' LIKE 'a%'") == 0
        with session.guarded(), pytest.raises(StatementFailed) as caught:
            session.rows("INSERT INTO public.t VALUES (1)")
        assert caught.value.sqlstate == "25006"
        assert session.value("SHOW search_path") == "pg_catalog"


@pytest.mark.docker
def test_the_environment_of_libpq_is_not_used(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGHOST": "192.0.2.1",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGUSER": "nobody",
        "PGDATABASE": "nothing",
        "PGOPTIONS": "-c default_transaction_read_only=off -c row_security=on",
        "PGPASSFILE": "/nonexistent",
        "PGSSLMODE": "verify-full",
        "PGTARGETSESSIONATTRS": "standby",
        "PGAPPNAME": "leaked",
        "PGCLIENTENCODING": "LATIN1",
    }.items():
        monkeypatch.setenv(name, value)
    with reading(postgres.url) as session:
        assert session.value("SELECT current_database()::text") == postgres.name
        assert session.value("SHOW transaction_read_only") == "on"
        assert session.value("SHOW row_security") == "off"
        assert session.value("SHOW application_name") == "readiness-gate"
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    bare = postgres.url.replace(postgres.url.split("@")[0], "postgresql://postgres")
    with pytest.raises(DatabaseError, match="password authentication failed"), reading(bare):
        pass


@pytest.mark.docker
def test_a_statement_ends_in_time(postgres: Database) -> None:
    with reading(postgres.url, seconds=0.2) as session:
        with session.guarded(), pytest.raises(StatementFailed) as caught:
            session.rows("SELECT pg_sleep(20)")
        assert caught.value.sqlstate == "57014"


@pytest.mark.docker
def test_a_wrong_password_is_final(postgres: Database) -> None:
    wrong = postgres.url.replace("pass%25w", "wrong")
    with pytest.raises(StatementFailed, match="password authentication failed") as caught:
        wait_until_accepting(wrong, clock=SystemClock(), seconds=30)
    assert "wrong" not in caught.value.message.replace("wrong password", "")
    wait_until_accepting(postgres.url, clock=SystemClock(), seconds=30)
    with pytest.raises(StatementFailed, match="does not exist"):
        wait_until_accepting(postgres.url + "x", clock=SystemClock(), seconds=30)
