import json
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.schema import CHECK, SchemaOptions
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

Server = File | Database | MariaDatabase
SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(40) UNIQUE);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id));
"""


def run(database: Server, **given: Any) -> CheckResult:
    options = SchemaOptions.model_validate_json(json.dumps(given))
    return CHECK.run(context(access(database)), options)


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


def test_counts_as_claimed_pass_and_the_version_table_is_not_counted(database: Server) -> None:
    found = run(database, tables=2, **{"foreign-keys": 1})
    assert (found.outcome, found.summary) == (
        Outcome.PASSED,
        "2 tables, 1 foreign key, as claimed",
    )


def test_the_rules_alone(database: Server) -> None:
    assert run(database).summary == "2 tables, 1 foreign key, none broken"


def test_another_count_fails_with_both(database: Server) -> None:
    found = run(database, tables=88, **{"foreign-keys": {"ge": 99}})
    assert found.outcome is Outcome.FAILED
    assert found.summary == "tables: expected 88, got 2 (and 1 more)"
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[1][2].startswith("foreign keys: expected")


def test_a_table_that_has_to_be_there_and_one_that_has_to_be_gone(database: Server) -> None:
    assert run(database, has=["users"], **{"has-not": ["tmp_*"]}).outcome is Outcome.PASSED
    assert run(database, has=["payments"]).summary == "there is no table payments"
    assert run(database, **{"has-not": ["vis*"]}).summary == "visits is still there"


def test_a_table_without_a_primary_key_fails_unless_it_is_excepted(database: Server) -> None:
    database.execute("CREATE TABLE audit (at INTEGER)")
    assert run(database).summary == "audit: no primary key"
    assert run(database, **{"except": ["aud*"]}).outcome is Outcome.PASSED
    assert run(database, rules=["types"]).outcome is Outcome.PASSED


def test_an_exception_that_names_nothing_is_an_error(database: Server) -> None:
    with pytest.raises(ConfigurationError, match="names no table"):
        run(database, **{"except": ["adit"]})


def test_an_index_that_repeats_another_fails(database: Server) -> None:
    database.execute("CREATE INDEX again ON users (email)")
    assert "index again repeats" in run(database).summary


@pytest.mark.docker
def test_a_key_that_was_never_validated_fails(postgres: Database) -> None:
    postgres.execute(SCHEMA + "ALTER TABLE visits ADD FOREIGN KEY (id) REFERENCES users NOT VALID")
    assert run(postgres).summary == "visits(id) → users(id) is NOT VALID"


@pytest.mark.docker
def test_a_key_of_another_type_fails(postgres: Database) -> None:
    postgres.execute(SCHEMA + "ALTER TABLE visits ALTER user_id TYPE bigint")
    assert "bigint references integer" in run(postgres).summary


def test_an_empty_database_is_nothing_to_look_at(sqlite: File) -> None:
    found = run(sqlite, tables=0)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_database_that_is_not_there_is_an_error(sqlite: File) -> None:
    sqlite.path.unlink()
    with pytest.raises(DatabaseError):
        run(sqlite)


@pytest.mark.parametrize("options", [{"rules": []}, {"tables": {}}, {"rules": ["x"]}])
def test_what_asserts_nothing_is_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        SchemaOptions.model_validate_json(json.dumps(options))
