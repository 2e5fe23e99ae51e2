import json

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.foreign_key_policy import CHECK, ForeignKeyPolicyOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context
from tests.database.postgres import Database
from tests.database.sqlite import File

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE user_sessions (id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE);
CREATE TABLE files (id INTEGER PRIMARY KEY,
    owner_id INTEGER REFERENCES users(id) ON DELETE SET NULL);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id));
"""
SESSIONS = {"tables": ["user_*"], "on-delete": ["CASCADE"]}
FILES = {"tables": ["files"], "on-delete": ["SET NULL"]}
VISITS = {"tables": ["visits"], "on-delete": ["RESTRICT", "SET NULL"]}


def run(database: File | Database, *rules: object, explicit: bool = False) -> CheckResult:
    options = ForeignKeyPolicyOptions.model_validate_json(
        json.dumps({"rules": rules, "require-explicit": explicit})
    )
    return CHECK.run(context(access(database)), options)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.docker)])
def database(request: pytest.FixtureRequest) -> File | Database:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, File | Database)
    made.execute(SCHEMA)
    return made


def test_keys_within_their_class_pass_and_are_counted(database: File | Database) -> None:
    found = run(database, SESSIONS, FILES)
    assert found.outcome is Outcome.PASSED
    assert found.summary == "3 foreign keys within the policy: 1 CASCADE, 1 NO ACTION, 1 SET NULL"
    assert found.details == "1 key under no rule"


def test_a_key_outside_of_its_class_fails(database: File | Database) -> None:
    found = run(database, SESSIONS, FILES, VISITS)
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        "1 of 3 foreign keys against the policy: visits(user_id) → users(id): "
        "ON DELETE NO ACTION, allowed is SET NULL or RESTRICT"
    )
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    assert len(table.rows) == 1


def test_an_action_that_nobody_wrote_fails_where_it_has_to_be_written(
    database: File | Database,
) -> None:
    assert run(database, explicit=True).outcome is Outcome.FAILED
    kept = {"tables": ["visits"], "on-delete": ["NO ACTION"]}
    assert run(database, kept, explicit=True).outcome is Outcome.PASSED


def test_null_into_a_column_that_must_not_be_null_fails_under_every_policy(
    database: File | Database,
) -> None:
    database.execute(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY,"
        " user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE SET NULL)"
    )
    found = run(database, SESSIONS)
    assert found.outcome is Outcome.FAILED
    assert "SET NULL, but user_id is NOT NULL" in found.summary


def test_a_rule_that_decides_about_nothing_is_an_error(database: File | Database) -> None:
    with pytest.raises(ConfigurationError, match="rule for paymnets decides about no foreign key"):
        run(database, SESSIONS, {"tables": ["paymnets"], "on-delete": ["RESTRICT"]})


def test_a_database_without_foreign_keys_is_not_a_pass(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a)")
    found = run(sqlite, explicit=True)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rules": []},
        {"rules": [{"tables": [], "on-delete": ["CASCADE"]}]},
        {"rules": [{"tables": ["t"], "on-delete": []}]},
        {"rules": [{"tables": ["t"], "on-delete": ["cascade"]}]},
        {"rules": [{"tables": ["t"], "on_delete": ["CASCADE"], "x": 1}]},
        {"require-explicit": "yes"},
    ],
)
def test_a_policy_that_asserts_nothing_or_is_misspelt_is_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        ForeignKeyPolicyOptions.model_validate_json(json.dumps(options))
