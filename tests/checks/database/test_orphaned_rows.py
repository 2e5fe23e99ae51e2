import json

import pytest

from readiness_gate.checks.database.orphaned_rows import CHECK, OrphanedRowsOptions
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context
from tests.database.postgres import Database
from tests.database.sqlite import File
from tests.database.traps import POSTGRESQL

SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p(id));
CREATE TABLE d (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p(id));
INSERT INTO p VALUES (1);
"""


def run(database: File | Database, **options: object) -> CheckResult:
    chosen = OrphanedRowsOptions.model_validate_json(json.dumps(options))
    return CHECK.run(context(access(database)), chosen)


def test_a_clean_database_passes_and_names_what_was_empty(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO c VALUES (1, 1)")
    found = run(sqlite)
    assert found.outcome is Outcome.PASSED
    assert found.summary == "no orphaned row under 2 foreign keys of 2 tables, 1 of them empty"
    assert found.details == "empty tables: d"


def test_orphans_fail_key_by_key_with_samples(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO c VALUES (1, 7), (2, 7), (3, 1)")
    sqlite.execute("INSERT INTO d VALUES (1, 9)")
    found = run(sqlite)
    assert found.outcome is Outcome.FAILED
    assert found.summary == "3 orphaned rows under 2 foreign keys, most under c(p_id) → p(id)"
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[0] == (
        "c(p_id) → p(id)", "2", "1", "66.7%", "0", "yes", "id=1: p_id=7; id=2: p_id=7"
    )  # fmt: skip


def test_what_hangs_on_orphans_is_told(sqlite: File) -> None:
    sqlite.execute(
        SCHEMA + "CREATE TABLE e (id INTEGER PRIMARY KEY, c_id INTEGER REFERENCES c (id))"
    )
    sqlite.execute("INSERT INTO c VALUES (1, 7); INSERT INTO e VALUES (1, 1), (2, 1)")
    found = run(sqlite)
    assert "2 rows of e(c_id) → c(id) hang on the orphans of c(p_id) → p(id)" in found.details


def test_columns_that_look_like_references_are_named_and_do_not_fail(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "CREATE TABLE users (id INTEGER PRIMARY KEY, note TEXT)")
    sqlite.execute("CREATE TABLE logs (id INTEGER PRIMARY KEY, user_id INTEGER)")
    sqlite.execute("INSERT INTO c VALUES (1, 1); INSERT INTO logs VALUES (1, 77)")
    found = run(sqlite)
    assert found.outcome is Outcome.PASSED
    assert found.details.endswith(
        "not audited, since no foreign key says what they refer to: logs.user_id (of users?)"
    )


def test_the_number_of_orphans_is_there_for_a_checklist_that_states_it(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO c VALUES (1, 7); INSERT INTO c VALUES (2, 8)")
    assert run(sqlite).figures == {"orphaned-rows": 2, "foreign-keys": 2}


def test_samples_can_be_left_out(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO c VALUES (1, 7)")
    (table,) = run(sqlite, samples=0).evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[0][-1] == ""


def test_a_key_can_be_left_out_and_the_pass_says_so(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO c VALUES (1, 7); INSERT INTO d VALUES (1, 1)")
    found = run(sqlite, **{"except": ["c.p_id"]})
    assert found.outcome is Outcome.PASSED
    assert "left out by `except`: 1 key" in found.details
    assert found.figures == {}
    with pytest.raises(ConfigurationError, match=r"except: c\.x names no foreign key"):
        run(sqlite, **{"except": ["c.x"]})


def test_leaving_out_every_key_is_not_a_pass(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "INSERT INTO c VALUES (1, 1)")
    assert run(sqlite, **{"except": ["c.p_id", "d.p_id"]}).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (SCHEMA, "all 2 audited tables are empty: nothing to look at, set seed"),
        ("CREATE TABLE t (a); INSERT INTO t VALUES (1)", "has no foreign key"),
        (
            "CREATE TABLE p (id); CREATE TABLE c (x REFERENCES p(id)); INSERT INTO c VALUES (1)",
            "1 foreign key of 1 could not be looked at: c(x) → p(id): malformed",
        ),
    ],
)
def test_nothing_to_look_at_is_never_clean(sqlite: File, schema: str, message: str) -> None:
    sqlite.execute(schema)
    found = run(sqlite)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert message in found.summary


def test_orphans_beside_a_key_that_could_not_be_looked_at_fail(sqlite: File) -> None:
    sqlite.execute(SCHEMA + "CREATE TABLE q (x REFERENCES v(id)); CREATE VIEW v AS SELECT 1 AS id")
    sqlite.execute("INSERT INTO c VALUES (1, 7)")
    found = run(sqlite)
    assert found.outcome is Outcome.FAILED
    assert "could not be looked at: q(x) → v(id): malformed: v is a view" in found.details


def test_a_database_that_cannot_be_reached_is_an_error() -> None:
    with pytest.raises(DatabaseError, match="unable to open"):
        CHECK.run(context(access()), OrphanedRowsOptions())


@pytest.mark.docker
def test_orphans_behind_valid_constraints_of_postgresql_fail(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    found = run(postgres)
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("7 orphaned rows under 4 foreign keys")
    keys = ["orders_customer", "notes_order", "discs_shelf", "tags_item"]
    assert run(postgres, **{"except": keys}).outcome is Outcome.PASSED
