"""One shape of a table for every engine, read from servers and files."""

import pytest

from readiness_gate.database.connection import reading
from readiness_gate.database.structure import tables
from readiness_gate.database.structure.table import Index, Table
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

Server = File | Database | MariaDatabase
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(40) NOT NULL UNIQUE, note VARCHAR(9));
CREATE TABLE loose (a INTEGER DEFAULT 3);
CREATE INDEX by_note ON users (note, email);
"""


def read(database: Server) -> dict[str, Table]:
    with reading(database.url) as session:
        return {table.label: table for table in tables(session)}


def indexes(table: Table) -> dict[str, Index]:
    return {index.name: index for index in table.indexes}


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


def test_columns_in_their_order(database: Server) -> None:
    users = read(database)["users"]
    assert [column.name for column in users.columns] == ["id", "email", "note"]
    assert [column.nullable for column in users.columns][1:] == [False, True]
    (only,) = read(database)["loose"].columns
    assert (only.name, only.nullable, only.default) == ("a", True, True)


def test_primary_keys(database: Server) -> None:
    assert read(database)["users"].primary_key == ("id",)
    assert read(database)["loose"].primary_key == ()


def test_indexes_with_their_columns(database: Server) -> None:
    users = read(database)["users"]
    assert indexes(users)["by_note"].columns == ("note", "email")
    assert not indexes(users)["by_note"].unique
    assert [one.columns for one in users.indexes if one.unique and not one.primary] == [("email",)]


@pytest.mark.docker
def test_postgresql_leaves_out_partitions_and_what_an_extension_owns(postgres: Database) -> None:
    postgres.execute(
        "CREATE TABLE logs (day int) PARTITION BY RANGE (day);"
        "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);"
        'CREATE SCHEMA "Odd.One"; CREATE TABLE "Odd.One"."we""ird" (id int PRIMARY KEY)'
    )
    assert set(read(postgres)) == {"logs", 'Odd.One.we"ird'}


@pytest.mark.docker
def test_postgresql_tells_expressions_partial_ones_and_what_is_only_included(
    postgres: Database,
) -> None:
    postgres.execute(
        SCHEMA + "CREATE INDEX e ON users (lower(email), id) INCLUDE (note) WHERE id > 3"
    )
    found = indexes(read(postgres)["users"])["e"]
    assert (found.columns, found.partial, found.valid) == ((None, "id"), True, True)


@pytest.mark.docker
def test_mariadb_tells_parts_of_columns_and_engines(mariadb: MariaDatabase) -> None:
    mariadb.execute(
        SCHEMA + "CREATE INDEX part ON users (note(3)); ALTER TABLE loose ENGINE=MyISAM"
    )
    found = read(mariadb)
    assert indexes(found["users"])["part"].columns == (None,)
    assert (found["users"].engine, found["loose"].engine) == ("InnoDB", "MyISAM")


def test_sqlite_tells_keys_without_an_index_of_their_own(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID")
    assert read(sqlite)["t"].primary_key == ("b", "a")
