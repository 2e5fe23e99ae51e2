"""MariaDB: what reflection hides, what its own check does not look at, and what bounds a query."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.connection import reading, rolled_back
from readiness_gate.database.enforcement import Attempt
from readiness_gate.database.mysql_enforcement import attempts, problems, switched_off
from readiness_gate.database.orphans import Audit, audit
from readiness_gate.database.session import StatementFailed
from readiness_gate.errors import DatabaseError
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import PASSWORD
from tests.database.traps import MARIADB

pytestmark = pytest.mark.docker


def read(database: MariaDatabase) -> dict[str, ForeignKey]:
    with reading(database.url) as session:
        keys = foreign_keys(session)
    return {key.table: key for key in keys}


def audited(database: MariaDatabase, url: str = "") -> Audit:
    with reading(url or database.url) as session:
        return audit(session, foreign_keys(session))


def test_inline_references_and_restrict_are_told(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    keys = read(mariadb)
    assert keys["orders"].label == "orders(customer_id) → customers(id)"
    assert (keys["orders"].on_delete, keys["orders"].nullable) == ("CASCADE", (True,))
    assert keys["books"].columns == ("room", "place")
    assert (keys["books"].on_delete, keys["books"].match) == ("RESTRICT", "SIMPLE")
    assert keys["towns"].on_delete == "SET NULL"
    assert keys["lost"].referenced_missing
    assert all(key.indexed for key in keys.values())
    assert keys["orders"].primary_key == ("id",)
    assert keys['we`ird "ü%'].label == 'we`ird "ü%(up\'per) → we`ird "ü%(Id%)'


def test_an_engine_without_foreign_keys_has_dropped_its_own(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    assert "notes" not in read(mariadb)


def test_the_traps_are_counted_right(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    found = {
        each.key.table: (each.rows, each.missing, each.error) for each in audited(mariadb).found
    }
    assert found == {
        "orders": (3, 2, ""),
        "books": (1, 1, ""),
        "towns": (0, 0, ""),
        "lost": (1, 1, ""),
        'we`ird "ü%': (1, 1, ""),
    }


def test_samples_are_rows_by_primary_key(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    found = {each.key.table: each.samples for each in audited(mariadb).found}
    assert sorted(found["orders"]) == [
        "id=2: customer_id=7", "id=3: customer_id=7", "id=4: customer_id=8",
    ]  # fmt: skip


def test_the_engine_s_own_check_of_a_table_finds_nothing(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    with reading(mariadb.url) as session:
        assert session.rows("CHECK TABLE orders")[0][-1] == "OK"


def test_empty_tables_are_named(mariadb: MariaDatabase) -> None:
    mariadb.execute(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p (id))"
    )
    assert audited(mariadb).empty == ("c",)


@contextmanager
def role(mariadb: MariaDatabase, *grants: str) -> Iterator[str]:
    name = f"r{mariadb.name}"[:20]
    mariadb.execute(f"CREATE USER {name} IDENTIFIED BY '{PASSWORD}'")
    for grant in grants:
        mariadb.execute(f"GRANT {grant} TO {name}")
    try:
        yield mariadb.url_of(name)
    finally:
        mariadb.execute(f"DROP USER {name}")


def test_a_role_that_only_reads_sees_every_key_with_its_actions(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    with role(mariadb, f"SELECT ON {mariadb.name}.*") as url, reading(url) as session:
        assert session.value("SELECT count(*) FROM information_schema.REFERENTIAL_CONSTRAINTS") == 0
        assert {key.table: key for key in foreign_keys(session)} == read(mariadb)


def test_a_role_that_sees_some_tables_only_cannot_tell(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    grants = f"SELECT ON {mariadb.name}.towns", f"SELECT ON {mariadb.name}.countries"
    with (
        role(mariadb, *grants) as url,
        reading(url) as session,
        pytest.raises(StatementFailed, match="may not SELECT from every table"),
    ):
        foreign_keys(session)


def test_nothing_can_be_written_while_reading(mariadb: MariaDatabase) -> None:
    mariadb.execute("CREATE TABLE t (a int)")
    with reading(mariadb.url) as session, pytest.raises(StatementFailed, match="READ ONLY"):
        session.rows("INSERT INTO t VALUES (1)")


def test_what_is_written_is_rolled_back(mariadb: MariaDatabase) -> None:
    mariadb.execute("CREATE TABLE t (a int)")
    with rolled_back(mariadb.url) as session:
        session.rows("INSERT INTO t VALUES (1)")
        assert session.value("SELECT count(*) FROM t") == 1
    assert mariadb.value("SELECT count(*) FROM t") == 0


def test_one_state_of_the_database_is_seen(mariadb: MariaDatabase) -> None:
    mariadb.execute("CREATE TABLE t (a int)")
    with reading(mariadb.url) as session:
        mariadb.execute("INSERT INTO t VALUES (1)")
        assert session.value("SELECT count(*) FROM t") == 0


def test_a_statement_is_bounded(mariadb: MariaDatabase) -> None:
    begun = time.monotonic()
    with reading(mariadb.url, seconds=0.3) as session, pytest.raises(StatementFailed):
        session.value("SELECT sum(a.seq * b.seq) FROM seq_1_to_100000 a, seq_1_to_100000 b")
    assert time.monotonic() - begun < 5


def test_a_lock_that_others_hold_is_waited_for_a_moment_only(mariadb: MariaDatabase) -> None:
    mariadb.execute("CREATE TABLE t (a int)")
    with mariadb.server.connect(mariadb.name) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES t WRITE")
        with reading(mariadb.url, lock_seconds=1) as session:
            with pytest.raises(StatementFailed, match="Lock wait timeout"):
                session.value("SELECT count(*) FROM t")
            assert session.value("SELECT 1") == 1


@pytest.mark.parametrize(
    ("of", "said"), [(("root:wrong", "root"), "Access denied"), ((), "Unknown database")]
)
def test_a_refusal_is_final_and_shows_no_password(
    mariadb: MariaDatabase, of: tuple[str, ...], said: str
) -> None:
    url = mariadb.url.replace("pass%25w", "other") if of else f"{mariadb.url}_not_there"
    with pytest.raises(DatabaseError) as caught, reading(url):
        pass
    assert said in caught.value.message
    assert "rd%40" not in caught.value.message


def test_readers_beside_each_other_do_not_wait(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(audited(mariadb).rows)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [6, 6, 6]


def enforced(mariadb: MariaDatabase) -> dict[str, tuple[Attempt, str]]:
    with rolled_back(mariadb.url) as session:
        tried = attempts(session, foreign_keys(session))
    return {each.key.table: (each.attempt, each.reason) for each in tried}


def test_one_violation_for_every_key_is_tried_and_undone(mariadb: MariaDatabase) -> None:
    mariadb.execute(
        "CREATE TABLE p (id int PRIMARY KEY, code varchar(4) UNIQUE);"
        "INSERT INTO p VALUES (1, 'a');"
        "CREATE TABLE c (id int PRIMARY KEY, p_id int REFERENCES p (id));"
        "INSERT INTO c VALUES (1, 1);"
        "CREATE TABLE d (id char(3) PRIMARY KEY, code varchar(4) REFERENCES p (code));"
        "INSERT INTO d VALUES ('a%b', 'a');"
        "CREATE TABLE e (id int PRIMARY KEY, p_id int REFERENCES p (id));"
        "CREATE TABLE f (p_id int REFERENCES p (id)); INSERT INTO f VALUES (1)"
    )
    assert enforced(mariadb) == {
        "c": (Attempt.REJECTED, ""),
        "d": (Attempt.REJECTED, ""),
        "e": (Attempt.NOT_MADE, "there is no row to try it on"),
        "f": (Attempt.NOT_MADE, "no primary key beside it tells one row"),
    }
    assert mariadb.value("SELECT p_id FROM c") == 1


def test_a_violation_that_is_accepted_is_told(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    with rolled_back(mariadb.url) as session:
        session.rows("SET SESSION foreign_key_checks = 0")
        tried = attempts(session, [read(mariadb)["orders"]])
    assert [each.attempt for each in tried] == [Attempt.ACCEPTED]
    assert mariadb.value("SELECT count(*) FROM orders WHERE customer_id = -1") == 0


def test_a_table_whose_engine_dropped_its_key_is_told(mariadb: MariaDatabase) -> None:
    mariadb.execute(MARIADB)
    with reading(mariadb.url) as session:
        found = problems(session, foreign_keys(session))
    assert found == [
        ("lost(gone_id) → gone(id)", "there is no gone"),
        (
            "notes",
            "MyISAM keeps no foreign keys, and customer_id looks like a reference to customers",
        ),
    ]


def test_a_server_that_checks_nothing_is_told(mariadb: MariaDatabase) -> None:
    with reading(mariadb.url) as session:
        assert switched_off(session) == ()
    mariadb.execute("SET GLOBAL foreign_key_checks = 0")
    try:
        with reading(mariadb.url) as session:
            assert switched_off(session) == (
                "every new session: foreign_key_checks is 0 on the server",
            )
    finally:
        mariadb.execute("SET GLOBAL foreign_key_checks = 1")
    mariadb.execute("SET GLOBAL init_connect = 'SET foreign_key_checks = 0'")
    try:
        with reading(mariadb.url) as session:
            assert len(switched_off(session)) == 1
    finally:
        mariadb.execute("SET GLOBAL init_connect = ''")
