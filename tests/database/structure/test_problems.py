from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.structure.problems import Problem, problems
from readiness_gate.database.structure.table import Column, Index, Table

PRIMARY = Index("pk", ("id",), unique=True, primary=True)


def table(name: str, *indexes: Index, **types: str) -> Table:
    columns = tuple(Column(column, type_, nullable=True) for column, type_ in types.items())
    return Table("public", name, columns, indexes, 10)


def key(
    dialect: str = "postgresql", *, validated: bool = True, enforced: bool = True
) -> ForeignKey:
    return ForeignKey(
        schema="public", table="c", name="k", columns=("p_id",), referenced_schema="public",
        referenced_table="p", referenced_columns=("id",), dialect=dialect, validated=validated,
        enforced=enforced,
    )  # fmt: skip


def types(own: str, other: str, dialect: str = "postgresql") -> list[Problem]:
    known = [table("c", PRIMARY, id="int", p_id=own), table("p", PRIMARY, id=other)]
    return [one for one in problems(known, [key(dialect)]) if one.rule == "types"]


def test_a_sound_schema_has_no_problem() -> None:
    sound = [table("c", PRIMARY, id="int", p_id="int"), table("p", PRIMARY, id="int")]
    assert problems(sound, [key()]) == ()


def test_a_table_without_a_primary_key() -> None:
    (found,) = problems([table("c", Index("u", ("id",), unique=True), id="int")], [])
    assert (found.rule, found.table, found.message) == ("primary-key", "c", "no primary key")


def test_keys_that_are_not_validated_or_not_enforced() -> None:
    found = problems([], [key(validated=False), key(enforced=False)])
    assert [one.message for one in found] == [
        "c(p_id) → p(id) is NOT VALID",
        "c(p_id) → p(id) is NOT ENFORCED",
    ]


def test_another_type_than_what_is_referenced() -> None:
    (found,) = types("integer", "bigint")
    assert found.message == "c(p_id) → p(id): integer references bigint"


def test_lengths_of_texts_and_widths_that_are_shown_do_not_matter() -> None:
    assert types("character varying(40)", "character varying(50)") == []
    assert types("int(11)", "int(10)", "mysql") == []
    assert types("int(10) unsigned", "int(10)", "mysql") != []
    assert types("numeric(10,2)", "numeric(8,2)") != []


def test_sqlite_compares_affinities() -> None:
    assert types("BIGINT", "INTEGER", "sqlite") == []
    assert types("VARCHAR(40)", "TEXT", "sqlite") == []
    assert types("TEXT", "INTEGER", "sqlite") != []
    assert types("", "INTEGER", "sqlite") != []


def test_an_index_that_is_not_valid() -> None:
    (found,) = problems([table("c", PRIMARY, Index("i", ("a",), valid=False), id="int")], [])
    assert found.message == "index i is invalid"


def test_an_index_that_repeats_another() -> None:
    twice = table("c", PRIMARY, Index("a", ("x", "y")), Index("b", ("x", "y")), id="int")
    (found,) = problems([twice], [])
    assert found.message == "index b repeats a"
    (found,) = problems([table("c", PRIMARY, Index("a", ("id",)), id="int")], [])
    assert found.message == "index a repeats pk"


def test_indexes_that_differ_are_both_needed() -> None:
    kept = (
        Index("a", ("x", "y")), Index("b", ("y", "x")), Index("c", ("x",)),
        Index("d", ("x", "y"), partial=True), Index("e", ("x", "y"), method="gin"),
        Index("f", (None,)), Index("g", (None,)),
    )  # fmt: skip
    assert problems([table("c", PRIMARY, *kept, id="int")], []) == ()
