import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans.effect import below, hanging
from readiness_gate.doors.clock import Deadline, SystemClock
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

Server = File | Database | MariaDatabase
SCHEMA = """
CREATE TABLE a (id INTEGER PRIMARY KEY);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER, up INTEGER,
    FOREIGN KEY (a_id) REFERENCES a (id), FOREIGN KEY (up) REFERENCES b (id));
CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INTEGER, FOREIGN KEY (b_id) REFERENCES b (id));
CREATE TABLE d (id INTEGER PRIMARY KEY, c_id INTEGER, FOREIGN KEY (c_id) REFERENCES c (id));
"""
ROWS = """
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1, 1, NULL), (2, 7, NULL), (3, 8, 3);
INSERT INTO c VALUES (1, 1), (2, 2), (3, 2), (4, NULL);
INSERT INTO d VALUES (1, 1), (2, 3), (3, 3), (4, 4);
"""


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
    before, after = {
        "sqlite": ("", ""),
        "postgres": ("SET session_replication_role = replica;", ""),
        "mariadb": ("SET SESSION foreign_key_checks = 0;", ""),
    }[request.param]
    made.execute(SCHEMA)
    made.execute(before + ROWS + after)
    return made


def test_rows_below_orphans_are_counted_at_every_depth(database: Server) -> None:
    with reading(database.url) as session:
        keys = foreign_keys(session)
        (key,) = (one for one in keys if one.columns == ("a_id",))
        assert hanging(session, key, keys) == {
            "c(b_id) → b(id)": 2,
            "d(c_id) → c(id)": 2,
        }


def test_a_table_that_refers_to_itself_ends_the_chain(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    with reading(sqlite.url) as session:
        keys = foreign_keys(session)
    (key,) = (one for one in keys if one.columns == ("a_id",))
    assert [tuple(one.table for one in path) for path in below(key, keys)] == [("c",), ("c", "d")]


def test_tables_that_refer_to_each_other_are_followed_once(sqlite: File) -> None:
    sqlite.execute(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id REFERENCES b (id));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id REFERENCES a (id))"
    )
    with reading(sqlite.url) as session:
        keys = foreign_keys(session)
    assert [len(path) for path in below(keys[0], keys)] == [1]


def test_without_time_nothing_is_counted(sqlite: File) -> None:
    sqlite.execute(SCHEMA + ROWS)
    with reading(sqlite.url) as session:
        keys = foreign_keys(session)
        (key,) = (one for one in keys if one.columns == ("a_id",))
        assert hanging(session, key, keys, deadline=Deadline(SystemClock(), 0.0)) == {}
