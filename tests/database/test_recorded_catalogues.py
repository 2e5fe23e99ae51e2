"""Servers that no test starts: their catalogues as rows, in the columns that our queries name.

PostgreSQL 18 adds `conenforced` and `conperiod` to `pg_constraint`; MySQL calls what was left out
NO ACTION, where MariaDB calls it RESTRICT, and has expressions in indexes (documentation of
PostgreSQL 18, `pg_constraint`; MySQL 8.4 reference manual, 28.3.33 and 28.3.34).
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.orphans import count
from readiness_gate.database.session import Session
from readiness_gate.database.structure import tables

Row = tuple[Any, ...]


class Recorded:
    """Gives back rows for the query that mentions a word."""

    def __init__(self, dialect: str, answers: Mapping[str, Sequence[Row]]) -> None:
        self.dialect = dialect
        self.answers = answers

    def rows(self, statement: str, *_parameters: object) -> list[Row]:
        found = [rows for word, rows in self.answers.items() if word in statement]
        assert len(found) == 1, statement
        return list(found[0])

    def value(self, statement: str, *parameters: object) -> Any:
        rows = self.rows(statement, *parameters)
        return rows[0][0] if rows else None


def session(dialect: str, answers: Mapping[str, Sequence[Row]]) -> Session:
    return cast(Session, Recorded(dialect, answers))


def constraint(oid: int, name: str, *, enforced: bool = True, period: bool = False) -> Row:
    return (
        oid, "public", "visits", name, ["patient_id"], "public", "patients", ["id"], "a", "a", "s",
        [True], [False], False, False, True, enforced, period, [], False, False, ["id"],
        ["OPERATOR(pg_catalog.=)"], [""], True,
    )  # fmt: skip


def test_postgresql_18_tells_keys_that_are_not_enforced_and_keys_over_periods() -> None:
    rows = [constraint(1, "plain"), constraint(2, "off", enforced=False),
            constraint(3, "over_time", period=True)]  # fmt: skip
    found = foreign_keys(session("postgresql", {"conperiod": rows, "RECURSIVE family": []}))
    assert [(key.name, key.enforced) for key in found] == [
        ("plain", True), ("off", False), ("over_time", True),
    ]  # fmt: skip
    assert found[2].problem == "PERIOD keys cannot be audited yet"


def test_a_key_over_a_period_is_never_clean() -> None:
    rows = [constraint(3, "over_time", period=True)]
    recorded = session("postgresql", {"conperiod": rows, "RECURSIVE family": []})
    (key,) = foreign_keys(recorded)
    assert count(recorded, key).error == "PERIOD keys cannot be audited yet"


def test_postgresql_16_is_read_like_15() -> None:
    found = foreign_keys(
        session("postgresql", {"conperiod": [constraint(1, "plain")], "RECURSIVE family": []})
    )
    assert (found[0].enforced, found[0].problem) == (True, "")


MYSQL: dict[str, Sequence[Row]] = {
    "SCHEMA_PRIVILEGES": [(1,)],
    "REFERENTIAL_CONSTRAINTS": [
        ("visits", "visits_ibfk_1", "patient_id", "shop", "patients", "id", "NO ACTION", "CASCADE",
         1, 0, 0, 1),
        ("visits", "visits_ibfk_2", "room", "shop", "rooms", "room", "SET NULL", "NO ACTION",
         1, 0, 0, 1),
        ("visits", "visits_ibfk_2", "place", "shop", "rooms", "place", "SET NULL", "NO ACTION",
         0, 0, 0, 1),
    ],
    "INDEX_NAME, COLUMN_NAME, SUB_PART FROM": [
        ("visits", "PRIMARY", "id", None),
        ("visits", "by_patient", "patient_id", None),
        ("visits", "lowered", None, None),
        ("visits", "part", "room", 3),
    ],
}  # fmt: skip


def test_mysql_tells_no_action_where_nothing_was_written() -> None:
    one, two = foreign_keys(session("mysql", MYSQL))
    assert (one.on_delete, one.on_update, one.indexed) == ("NO ACTION", "CASCADE", True)
    assert (two.columns, two.nullable, two.indexed) == (("room", "place"), (True, False), False)
    assert one.primary_key == ("id",)


def test_mysql_s_indexes_over_expressions_serve_no_key() -> None:
    found = tables(
        session(
            "mysql",
            {
                "information_schema.TABLES": [("visits", 5, "InnoDB")],
                "information_schema.COLUMNS": [
                    ("visits", "id", "bigint unsigned", 0, 1, 0),
                    ("visits", "full_name", "varchar(80)", 1, 0, 1),
                ],
                "information_schema.STATISTICS": [
                    ("visits", "PRIMARY", "id", None, 0, "BTREE"),
                    ("visits", "lowered", None, None, 1, "BTREE"),
                ],
            },
        )
    )
    (table,) = found
    assert [column.computed for column in table.columns] == [False, True]
    assert {index.name: index.columns for index in table.indexes} == {
        "PRIMARY": ("id",), "lowered": (None,),
    }  # fmt: skip
