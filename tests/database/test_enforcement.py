import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.connection import reading, rolled_back
from readiness_gate.database.enforcement import (
    Attempt,
    Attempted,
    attempt,
    state,
    switched_off,
)
from tests.database.postgres import Database
from tests.database.traps import POSTGRESQL

pytestmark = pytest.mark.docker


def keys(database: Database) -> dict[str, ForeignKey]:
    with reading(database.url) as session:
        return {key.name: key for key in foreign_keys(session)}


def attempts(database: Database) -> dict[str, Attempted]:
    known = keys(database)
    with rolled_back(database.url) as session:
        return {name: attempt(session, key) for name, key in known.items()}


def snapshot(database: Database) -> object:
    tables = ("orders", "notes", "books", "discs", "children", "tags", "towns")
    dumps = [
        f"SELECT '{table}' || coalesce(string_agg(x::text, ';' ORDER BY x), '') AS d FROM {table} x"
        for table in tables
    ]
    return database.value(f"SELECT string_agg(d, ',') FROM ({' UNION ALL '.join(dumps)}) s")


def test_every_kind_of_key_rejects_a_violation(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    found = attempts(postgres)
    assert {name: each.attempt for name, each in found.items()} == dict.fromkeys(
        found, Attempt.REJECTED
    )
    assert 'the"key' in found  # deferred: accepted until SET CONSTRAINTS ALL IMMEDIATE


def test_an_attempt_leaves_nothing_behind(postgres: Database) -> None:
    postgres.execute(POSTGRESQL + "ALTER TABLE orders DISABLE TRIGGER ALL")
    before = snapshot(postgres)
    assert attempts(postgres)["orders_customer"].attempt is Attempt.ACCEPTED
    assert snapshot(postgres) == before


def test_disabled_triggers_are_seen_by_state_and_by_attempt(postgres: Database) -> None:
    postgres.execute(POSTGRESQL + "ALTER TABLE books DISABLE TRIGGER ALL")
    known = keys(postgres)
    assert known["books_shelf"].validated
    assert state(known["books_shelf"]).startswith("its triggers are disabled (books: RI_")
    assert attempts(postgres)["books_shelf"].attempt is Attempt.ACCEPTED
    assert state(known["orders_customer"]) == ""
    assert state(known["notes_order"]).startswith("NOT VALID")


def test_a_role_that_runs_without_triggers_is_told(postgres: Database) -> None:
    with reading(postgres.url) as session:
        assert switched_off(session) == ()
    postgres.execute(f"ALTER DATABASE {postgres.name} SET session_replication_role = replica")
    with reading(postgres.url) as session:
        assert switched_off(session) == (
            "every session: session_replication_role=replica",
            "every role: session_replication_role=replica",
        )


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("x uuid", Attempt.REJECTED),
        ("x varchar(3)", Attempt.REJECTED),
        ("x char(2)", Attempt.REJECTED),
        ("x smallint", Attempt.REJECTED),
        ("x numeric(4,1)", Attempt.REJECTED),
        ("x date", Attempt.NOT_MADE),
        ("x int CHECK (x > 0)", Attempt.NOT_MADE),
    ],
)
def test_what_cannot_be_tried_is_told_and_never_rejected(
    postgres: Database, schema: str, expected: Attempt
) -> None:
    kind = schema.removeprefix("x ").partition(" CHECK")[0]
    value = {"uuid": "gen_random_uuid()", "date": "'2020-01-01'"}.get(kind, "'1'")
    postgres.execute(
        f"CREATE TABLE p (id {kind} PRIMARY KEY); INSERT INTO p VALUES ({value});"
        f"CREATE TABLE c ({schema} REFERENCES p); INSERT INTO c SELECT id FROM p"
    )
    found = attempts(postgres)["c_x_fkey"]
    assert found.attempt is expected
    assert bool(found.reason) == (expected is Attempt.NOT_MADE)


def test_an_empty_table_is_not_tried(postgres: Database) -> None:
    postgres.execute("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (x int REFERENCES p)")
    assert attempts(postgres)["c_x_fkey"].reason == "there is no row to try it on"
