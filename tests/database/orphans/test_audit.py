from contextlib import AbstractContextManager

import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans import Audit, Orphans, audit
from readiness_gate.database.session import Session
from readiness_gate.doors.clock import Deadline, SystemClock
from tests.database.postgres import PASSWORD, Database
from tests.database.sqlite import File
from tests.database.traps import POSTGRESQL, SQLITE


def audited(database: File | Database, url: str = "") -> Audit:
    with reading(url or database.url) as session:
        return audit(session, foreign_keys(session))


def by_name(found: Audit) -> dict[str, Orphans]:
    return {each.key.name or each.key.table: each for each in found.found}


def counts(found: Audit) -> dict[str, tuple[int, int, int]]:
    return {
        name: (each.rows, each.missing, each.partial)
        for name, each in by_name(found).items()
        if each.rows or each.partial
    }


def test_sqlite_s_traps_are_counted_right(sqlite: File) -> None:
    sqlite.execute(SQLITE)
    found = audited(sqlite)
    assert counts(found) == {
        "orders": (3, 2, 0),
        "notes": (1, 1, 0),
        "books": (1, 1, 0),
        "cities": (1, 1, 0),
        "uses": (1, 1, 0),
        "tokens": (1, 1, 0),
        "lost": (1, 1, 0),
        'we"ird ü%?': (1, 1, 0),
    }
    assert {each.key.table for each in found.errors} == {"tied", "viewing"}
    assert found.empty == ("viewing",)
    assert by_name(found)["orders"].samples[0] == "id=2: customer_id=7"
    assert by_name(found)["tokens"].samples == ("name=t2: customer_id=44",)


def test_sqlite_s_own_check_agrees_table_by_table(sqlite: File) -> None:
    sqlite.execute(SQLITE)
    for table, each in by_name(audited(sqlite)).items():
        if each.error or each.key.referenced_missing:
            continue
        name = table.replace('"', '""')
        with reading(sqlite.url) as session:
            theirs = session.rows(f'PRAGMA foreign_key_check("{name}")')
        assert each.rows == len(theirs), table


def test_sqlite_s_check_of_the_whole_database_gives_up_where_ours_does_not(sqlite: File) -> None:
    sqlite.execute(SQLITE)
    with reading(sqlite.url) as session, pytest.raises(Exception, match="foreign key mismatch"):
        session.rows("PRAGMA foreign_key_check")


def test_an_index_changes_nothing_but_the_plan(sqlite: File) -> None:
    sqlite.execute(SQLITE)
    before = counts(audited(sqlite))
    sqlite.execute("DROP INDEX orders_customer; CREATE INDEX i ON notes(order_id)")
    assert counts(audited(sqlite)) == before


def test_an_empty_database_has_only_empty_tables(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x REFERENCES p)")
    found = audited(sqlite)
    assert (found.rows, found.tables, found.empty) == (0, ("c",), ("c",))


@pytest.mark.docker
def test_postgresql_s_traps_are_counted_right(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    found = audited(postgres)
    assert found.errors == ()
    assert counts(found) == {
        "orders_customer": (3, 2, 0),
        "notes_order": (1, 1, 0),
        "discs_shelf": (1, 1, 1),
        "tags_item": (1, 1, 0),
    }
    assert by_name(found)["orders_customer"].samples[0] == "id=2: customer_id=7"
    assert found.rows == 7


@pytest.mark.docker
def test_validating_a_constraint_that_is_valid_finds_nothing(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    postgres.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_customer")
    assert counts(audited(postgres))["orders_customer"] == (3, 2, 0)


@pytest.mark.docker
def test_a_naive_anti_join_is_wrong_on_a_composite_key(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    naive = (
        "SELECT count(*) FROM books b LEFT JOIN shelves s USING (room, place) WHERE s.room IS NULL"
    )
    assert postgres.value(naive) != 0
    assert "books_shelf" not in counts(audited(postgres))


@pytest.mark.docker
def test_rows_that_a_policy_hides_are_an_error_and_not_clean(postgres: Database) -> None:
    postgres.execute(
        POSTGRESQL + "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;"
        f"DO $$ BEGIN CREATE ROLE limited LOGIN PASSWORD '{PASSWORD}';"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        "GRANT SELECT ON orders, customers, notes TO limited"
    )
    found = by_name(audited(postgres, postgres.url_of("limited")))
    assert "row-level security" in found["orders_customer"].error
    assert "permission denied" in found["discs_shelf"].error
    postgres.execute("DROP OWNED BY limited")


@pytest.mark.docker
def test_one_key_that_cannot_be_looked_at_leaves_the_others(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    connection = postgres.server.connect(postgres.name)
    connection.autocommit = False
    connection.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
    found = by_name(audited(postgres))
    connection.rollback()
    connection.close()
    assert "lock timeout" in found["notes_order"].error
    assert found["orders_customer"].rows == 3


@pytest.mark.docker
def test_an_equality_outside_of_the_search_path_is_the_key_s_own(postgres: Database) -> None:
    # A type of an extension compares by its own operator: the server's would see text.
    postgres.execute(
        "CREATE SCHEMA ext; CREATE EXTENSION IF NOT EXISTS citext SCHEMA ext;"
        "CREATE TABLE p (code ext.citext PRIMARY KEY); INSERT INTO p VALUES ('SE');"
        "CREATE TABLE c (id int PRIMARY KEY, code ext.citext REFERENCES p);"
        "INSERT INTO c VALUES (1, 'se')"
    )
    found = audited(postgres)
    assert (found.rows, found.errors) == (0, ())


class Counted:
    """Opens connections beside the first, and counts them."""

    def __init__(self, url: str, *, refuses: bool = False) -> None:
        self.url = url
        self.refuses = refuses
        self.opened = 0

    def __call__(self) -> AbstractContextManager[Session]:
        self.opened += 1
        return reading("postgresql://nobody@127.0.0.1:1/x" if self.refuses else self.url)


def large(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    postgres.execute("UPDATE pg_class SET reltuples = 300000 WHERE relname = 'orders'")


@pytest.mark.docker
@pytest.mark.parametrize("refuses", [False, True])
def test_several_connections_find_what_one_finds(postgres: Database, refuses: bool) -> None:
    large(postgres)
    beside = Counted(postgres.url, refuses=refuses)
    with reading(postgres.url) as session:
        keys = foreign_keys(session)
        assert audit(session, keys, another=beside) == audit(session, keys)
    assert beside.opened == 2


@pytest.mark.docker
def test_several_connections_see_one_state(postgres: Database) -> None:
    large(postgres)
    with reading(postgres.url) as session:
        keys = foreign_keys(session)
        before = audit(session, keys).rows
        postgres.execute(
            "SET session_replication_role = replica; INSERT INTO orders VALUES (99, 99)"
        )
        assert audit(session, keys, another=Counted(postgres.url)).rows == before


@pytest.mark.docker
def test_a_small_database_needs_one_connection(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    beside = Counted(postgres.url)
    with reading(postgres.url) as session:
        audit(session, foreign_keys(session), another=beside)
    assert beside.opened == 0


def test_what_no_time_was_left_for_is_an_error(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x REFERENCES p (id))")
    with reading(sqlite.url) as session:
        keys = foreign_keys(session)
        found = audit(session, keys, deadline=Deadline(SystemClock(), 0.0))
    assert [each.error for each in found.errors] == ["not looked at: no time was left"]


@pytest.mark.docker
def test_who_holds_a_lock_is_named(postgres: Database) -> None:
    postgres.execute("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (x int REFERENCES p)")
    with postgres.server.connect(postgres.name) as other:
        other.execute("SET application_name = 'nightly import'")
        other.execute("BEGIN")
        other.execute("LOCK TABLE c IN ACCESS EXCLUSIVE MODE")
        with reading(postgres.url, lock_seconds=0.2) as session:
            (found,) = audit(session, foreign_keys(session)).errors
        other.execute("ROLLBACK")
    assert "lock timeout: held by process " in found.error
    assert found.error.endswith("of postgres (nightly import, idle in transaction)")
