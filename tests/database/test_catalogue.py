import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.connection import reading
from tests.database.postgres import Database
from tests.database.sqlite import File
from tests.database.traps import POSTGRESQL, SQLITE


def read(database: File | Database) -> dict[str, ForeignKey]:
    with reading(database.url) as session:
        keys = foreign_keys(session)
    return {key.name or key.table: key for key in keys}


def test_sqlite_tells_inline_references_with_their_actions(sqlite: File) -> None:
    sqlite.execute(SQLITE)
    keys = read(sqlite)
    orders = keys["orders"]
    assert orders.label == "orders(customer_id) → customers(id)"
    assert (orders.on_delete, orders.nullable, orders.indexed) == ("CASCADE", (True,), True)
    assert (keys["notes"].referenced_table, keys["notes"].referenced_columns) == ("orders", ("id",))
    assert keys["notes"].nullable == (False,)
    assert keys["books"].columns == ("room", "place")
    assert (keys["books"].match, keys["books"].on_delete) == ("SIMPLE", "SET NULL")
    assert keys["tokens"].primary_key == ("name",)


def test_sqlite_s_malformed_keys_are_told_one_by_one(sqlite: File) -> None:
    sqlite.execute(SQLITE)
    keys = read(sqlite)
    assert keys["tied"].problem == "malformed: id of loose is not unique"
    assert keys["viewing"].problem == "malformed: customer_view is a view"
    assert keys["lost"].referenced_missing
    well = {name for name, key in keys.items() if not key.problem and not key.referenced_missing}
    assert well == set(keys) - {"tied", "viewing", "lost"}


@pytest.mark.parametrize(
    ("parent", "problem"),
    [
        ("p (a PRIMARY KEY, b)", "p has no column id"),
        ("p (id); CREATE UNIQUE INDEX u ON p(id) WHERE id > 1", "id of p is not unique"),
        ("p (id); CREATE UNIQUE INDEX u ON p(abs(id))", "id of p is not unique"),
        ("p (id, b, UNIQUE (id, b))", "id of p is not unique"),
        ("p (id UNIQUE)", ""),
        ("p (id); CREATE UNIQUE INDEX u ON p(id)", ""),
    ],
)
def test_sqlite_s_own_opinion_of_a_key_is_ours(sqlite: File, parent: str, problem: str) -> None:
    sqlite.execute(f"CREATE TABLE {parent}; CREATE TABLE c (x REFERENCES p(id))")
    sqlite.execute("INSERT INTO c VALUES (1)")
    assert problem in read(sqlite)["c"].problem
    assert bool(problem) == bool(read(sqlite)["c"].problem)
    with reading(sqlite.url) as session:
        try:
            session.rows("PRAGMA foreign_key_check(c)")
            accepted = True
        except Exception as error:
            accepted = "mismatch" not in str(error)
    assert accepted == (not problem)


@pytest.mark.docker
def test_postgresql_tells_what_reflection_loses(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    keys = read(postgres)
    assert keys["orders_customer"].on_delete == "RESTRICT"
    assert keys["orders_customer"].validated
    assert not keys["notes_order"].validated
    assert keys["discs_shelf"].match == "FULL"
    assert keys["books_shelf"].columns == ("room", "place")
    odd = keys['the"key']
    assert (odd.deferrable, odd.deferred, odd.on_delete) == (True, True, "SET NULL")
    assert odd.child == 'Odd.Schema.we"ird ü%'


@pytest.mark.docker
def test_copies_of_a_key_on_partitions_are_left_out(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    keys = [key for key in read(postgres).values() if "parent" in key.referenced_table]
    assert [(key.child, key.parent) for key in keys] == [("children", "parents")]
    assert (keys[0].partitioned, keys[0].referenced_partitioned) == (True, True)
    clones = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid <> 0"
    assert postgres.value(clones) != 0


@pytest.mark.docker
def test_a_disabled_trigger_is_told_also_on_a_partition(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    postgres.execute("ALTER TABLE orders DISABLE TRIGGER ALL")
    postgres.execute("ALTER TABLE children_high DISABLE TRIGGER ALL")
    keys = read(postgres)
    assert keys["orders_customer"].validated
    assert keys["orders_customer"].disabled_triggers
    assert keys["children_parent"].disabled_triggers[0].startswith("children_high: RI_")
    assert not keys["books_shelf"].disabled_triggers


@pytest.mark.docker
def test_actions_indexes_and_set_columns_are_told(postgres: Database) -> None:
    postgres.execute(
        "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));"
        "CREATE TABLE c (x int NOT NULL, y int DEFAULT 3,"
        " CONSTRAINT k FOREIGN KEY (x, y) REFERENCES p ON DELETE SET NULL (y) ON UPDATE CASCADE);"
        "CREATE INDEX partial ON c (x, y) WHERE x > 1;"
    )
    key = read(postgres)["k"]
    assert (key.on_delete, key.on_update, key.set_columns) == ("SET NULL", "CASCADE", ("y",))
    assert (key.nullable, key.has_default) == ((False, True), (False, True))
    assert not key.indexed
    postgres.execute("CREATE INDEX whole ON c (y, x, ctid)".replace(", ctid", ""))
    assert read(postgres)["k"].indexed


def test_a_key_is_meant_by_its_names() -> None:
    key = ForeignKey("sales", "orders", "fk_o", ("a",), "", "customers", ("id",))
    for word in ("fk_o", "orders.fk_o", "orders.a", "orders(a)", "sales.orders.a", "orders( a )"):
        assert key.is_named(word), word
    for word in ("", "orders", "fk", "customers.a", "orders.b"):
        assert not key.is_named(word), word
    unnamed = ForeignKey("", "t", "", ("a", "b"), "", "p", ("a", "b"))
    assert unnamed.is_named("t(a, b)")
    assert not unnamed.is_named("")
    assert not unnamed.is_named("t.")
