import json
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.sql import CHECK, SqlOptions
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

Server = File | Database | MariaDatabase
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(40) UNIQUE, paid DECIMAL(8, 2));
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id));
INSERT INTO users VALUES (1, 'a@example.com', 10.5), (2, '100%', NULL);
INSERT INTO visits VALUES (1, 1);
"""


def run(database: Server, query: str, *, owned: bool = True, **expected: Any) -> CheckResult:
    options = SqlOptions.model_validate_json(json.dumps({"query": query, **expected}))
    return CHECK.run(context(access(database, owned=owned)), options)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.docker),
        pytest.param("mariadb", marks=pytest.mark.docker),
    ]
)
def database(request: pytest.FixtureRequest) -> Server:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Server)
    made.execute(SCHEMA)
    return made


def test_a_value_that_is_as_expected_passes(database: Server) -> None:
    found = run(database, "SELECT count(*) FROM users WHERE email LIKE '%\\%'", value={"ge": 0})
    assert (found.outcome, found.summary) == (Outcome.PASSED, "the value as expected")
    assert run(database, "SELECT count(*) FROM users;", value=2).outcome is Outcome.PASSED


def test_another_value_fails_with_both(database: Server) -> None:
    found = run(database, "SELECT count(*) FROM users WHERE email IS NOT NULL", value=0)
    assert (found.outcome, found.summary) == (Outcome.FAILED, "expected 0, got 2")


def test_rows_are_mappings_by_column(database: Server) -> None:
    query = "SELECT id, email, paid FROM users ORDER BY id"
    first = {"id": 1, "email": "a@example.com", "paid": 10.5}
    assert (
        run(database, query, rows={"contain-element": {"equal": first}}).outcome is Outcome.PASSED
    )
    assert run(database, query, rows={"have-len": 2}).outcome is Outcome.PASSED
    assert run(database, query, rows={"have-len": 3}).outcome is Outcome.FAILED


def test_no_row_has_no_value(database: Server) -> None:
    found = run(database, "SELECT id FROM users WHERE id = 9", value=0)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "0 rows of 0 came back" in found.summary


def test_several_values_are_no_value(database: Server) -> None:
    assert run(database, "SELECT id FROM users", value=1).outcome is Outcome.ERROR
    assert run(database, "SELECT 1, 2", value=1).outcome is Outcome.ERROR


def test_a_refusal_that_is_expected_passes_and_leaves_nothing(database: Server) -> None:
    if isinstance(database, File):
        # SQLite checks keys where a connection turns that on; uniqueness it always checks.
        query, code = "INSERT INTO users VALUES (3, 'a@example.com', 1)", "UNIQUE"
    else:
        query = "INSERT INTO visits VALUES (2, 77)"
        code = "23503" if isinstance(database, Database) else "1452"
    found = run(database, query, error={"contain-substring": code})
    assert found.outcome is Outcome.PASSED, found.summary
    assert database.value("SELECT count(*) FROM visits") == 1


def test_a_refusal_for_another_reason_fails(database: Server) -> None:
    query = "INSERT INTO users VALUES (1, 'b@example.com', 1)"
    found = run(database, query, error={"contain-substring": "visits"})
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("expected ")


def test_what_is_accepted_against_expectation_fails_and_is_undone(database: Server) -> None:
    found = run(database, "INSERT INTO visits VALUES (2, 1)", error={"contain-substring": "key"})
    assert (found.outcome, found.summary) == (
        Outcome.FAILED,
        "the statement was accepted; it has to be refused",
    )
    assert database.value("SELECT count(*) FROM visits") == 1


def test_a_statement_that_is_wrong_cannot_tell(database: Server) -> None:
    found = run(database, "SELECT nothing FROM nowhere", value=0)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary.startswith("the statement failed: ")


def test_writing_is_refused_where_values_are_read(database: Server) -> None:
    found = run(database, "DELETE FROM visits", rows={"have-len": 0})
    assert found.outcome is Outcome.ERROR
    assert database.value("SELECT count(*) FROM visits") == 1


def test_more_rows_than_a_report_holds_cannot_tell(sqlite: File) -> None:
    query = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1001) SELECT i FROM n"
    )
    found = run(sqlite, query, rows={"have-len": {"gt": 1}})
    assert found.outcome is Outcome.ERROR
    assert "more than 1000 rows" in found.summary


@pytest.mark.docker
def test_a_deferred_key_is_tried_at_once(postgres: Database) -> None:
    postgres.execute(
        "CREATE TABLE p (id int PRIMARY KEY);"
        "CREATE TABLE c (p_id int REFERENCES p DEFERRABLE INITIALLY DEFERRED)"
    )
    query = "INSERT INTO c VALUES (1)"
    found = run(postgres, query, error={"contain-substring": "23503"})
    assert found.outcome is Outcome.PASSED


@pytest.mark.docker
def test_tables_are_found_as_the_application_finds_them(postgres: Database) -> None:
    postgres.execute(
        "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int);"
        f"ALTER DATABASE {postgres.name} SET search_path = shop, public"
    )
    assert run(postgres, "SELECT count(*) FROM orders", value=0).outcome is Outcome.PASSED


def test_nothing_is_tried_on_somebody_else_s(sqlite: File) -> None:
    with pytest.raises(ConfigurationError, match="somebody else's"):
        run(sqlite, "INSERT INTO t VALUES (1)", owned=False, error="x")


def test_a_database_that_is_not_there_is_an_error(sqlite: File) -> None:
    sqlite.path.unlink()
    with pytest.raises(DatabaseError):
        run(sqlite, "SELECT 1", value=1)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"query": "SELECT 1"},
        {"query": "", "value": 1},
        {"query": "SELECT 1", "value": 1, "rows": [1]},
        {"query": "SELECT 1", "value": {}},
        {"query": "SELECT 1", "rows": []},
        {"query": "COMMIT; DROP TABLE users", "value": 1},
    ],
)
def test_what_asserts_nothing_or_too_much_is_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        SqlOptions.model_validate_json(json.dumps(options))
