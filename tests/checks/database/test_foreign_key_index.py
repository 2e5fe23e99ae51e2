import json
from typing import Any

import pytest

from readiness_gate.checks.database.foreign_key_index import CHECK, ForeignKeyIndexOptions
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
CREATE TABLE rooms (room INTEGER, place INTEGER, PRIMARY KEY (room, place));
CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER, room INTEGER, place INTEGER,
    FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (room, place) REFERENCES rooms (room, place));
"""
INDEXES = """
CREATE INDEX by_user ON visits (user_id, id);
CREATE INDEX by_place ON visits (place, room);
"""


def run(database: Server, **given: Any) -> CheckResult:
    options = ForeignKeyIndexOptions.model_validate_json(json.dumps(given))
    return CHECK.run(context(access(database)), options)


def why(found: CheckResult) -> dict[str, str]:
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    return {row[0].partition(" ")[0]: row[1] for row in table.rows}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.docker)])
def database(request: pytest.FixtureRequest) -> File | Database:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, File | Database)
    made.execute(SCHEMA)
    return made


def test_an_index_that_begins_with_the_columns_in_any_order_serves(
    database: File | Database,
) -> None:
    database.execute(INDEXES)
    found = run(database)
    assert (found.outcome, found.summary) == (
        Outcome.PASSED,
        "2 foreign keys served by an index",
    )


def test_keys_without_an_index_fail_and_are_named(database: File | Database) -> None:
    found = run(database)
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("2 of 2 foreign keys without a usable index: visits(")
    assert set(why(found).values()) == {"no index begins with its columns"}


def test_half_of_a_composite_key_is_not_enough(database: File | Database) -> None:
    database.execute("CREATE INDEX a ON visits (user_id); CREATE INDEX b ON visits (room)")
    database.execute("CREATE INDEX c ON visits (place)")
    found = run(database)
    assert found.outcome is Outcome.FAILED
    assert why(found) == {"visits(room,": "no index begins with its columns"}


def test_columns_further_behind_do_not_count(database: File | Database) -> None:
    database.execute("CREATE INDEX a ON visits (id, user_id)")
    assert run(database).outcome is Outcome.FAILED


def test_a_partial_index_does_not_count(database: File | Database) -> None:
    database.execute("CREATE INDEX a ON visits (user_id) WHERE user_id > 5")
    assert why(run(database))["visits(user_id)"] == "its index a covers only some rows"


def test_an_expression_does_not_count(database: File | Database) -> None:
    database.execute("CREATE INDEX a ON visits (abs(user_id))")
    assert "visits(user_id)" in why(run(database))


def test_a_primary_key_and_a_unique_constraint_count(database: File | Database) -> None:
    database.execute(
        "CREATE TABLE profiles (user_id INTEGER PRIMARY KEY REFERENCES users (id));"
        "CREATE TABLE cards (user_id INTEGER UNIQUE REFERENCES users (id))"
    )
    assert set(why(run(database))) == {"visits(user_id)", "visits(room,"}


def test_a_second_key_over_the_same_columns_is_named(database: File | Database) -> None:
    database.execute(
        INDEXES + "CREATE TABLE twice (user_id INTEGER PRIMARY KEY REFERENCES users (id),"
        " FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE)"
    )
    assert set(why(run(database)).values()) == {"a second key says the same"}


def test_an_exception_needs_no_index(database: File | Database) -> None:
    database.execute("CREATE INDEX by_place ON visits (room, place)")
    found = run(database, **{"except": ["visits.user_id"]})
    assert found.outcome is Outcome.PASSED


def test_an_exception_that_names_nothing_is_an_error(database: File | Database) -> None:
    with pytest.raises(ConfigurationError, match="names no foreign key"):
        run(database, **{"except": ["visits.usr_id"]})


def test_without_an_estimate_a_table_counts_as_large(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    assert run(sqlite, **{"rows-above": 1000}).outcome is Outcome.FAILED


@pytest.mark.docker
def test_small_tables_are_left_out_where_that_is_asked_for(postgres: Database) -> None:
    postgres.execute(SCHEMA + "INSERT INTO users VALUES (1); INSERT INTO visits VALUES (1, 1)")
    postgres.execute("ANALYZE visits")
    found = run(postgres, **{"rows-above": 1000})
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert run(postgres).outcome is Outcome.FAILED


@pytest.mark.docker
def test_an_invalid_index_does_not_count(postgres: Database) -> None:
    postgres.execute(SCHEMA + INDEXES)
    postgres.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_user'::regclass"
    )
    assert why(run(postgres)) == {"visits(user_id)": "its index by_user is invalid: build it again"}


@pytest.mark.docker
def test_columns_that_are_only_included_do_not_count(postgres: Database) -> None:
    postgres.execute(SCHEMA + "CREATE INDEX a ON visits (room) INCLUDE (place)")
    assert "visits(room," in why(run(postgres))


@pytest.mark.docker
def test_another_kind_of_index_does_not_count(postgres: Database) -> None:
    postgres.execute(SCHEMA + "CREATE INDEX a ON visits USING brin (user_id)")
    assert "visits(user_id)" in why(run(postgres))


@pytest.mark.docker
def test_mariadb_makes_them_by_itself(mariadb: MariaDatabase) -> None:
    mariadb.execute(SCHEMA)
    assert run(mariadb).outcome is Outcome.PASSED


def test_an_index_that_compares_otherwise_does_not_count(sqlite: File) -> None:
    sqlite.execute(
        "CREATE TABLE p (code TEXT PRIMARY KEY); CREATE TABLE c (code TEXT REFERENCES p (code));"
        "CREATE INDEX a ON c (code COLLATE NOCASE)"
    )
    assert run(sqlite).outcome is Outcome.FAILED


def test_no_key_is_nothing_to_look_at(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a)")
    found = run(sqlite)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_database_that_is_not_there_is_an_error(sqlite: File) -> None:
    sqlite.path.unlink()
    with pytest.raises(DatabaseError):
        run(sqlite)
