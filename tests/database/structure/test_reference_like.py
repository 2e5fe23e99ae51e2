import pytest

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.structure.reference_like import reference_like
from readiness_gate.database.structure.table import Column, Index, Table

KEY = Index("pk", ("id",), unique=True, primary=True)


def table(name: str, *columns: str, type_: str = "integer") -> Table:
    every = tuple(Column(column, type_, nullable=True) for column in ("id", *columns))
    return Table("public", name, every, (KEY,), 1)


def found(*tables: Table, keys: tuple[ForeignKey, ...] = ()) -> list[str]:
    return [
        f"{one.name}.{column.name} → {target.name}"
        for one, column, target in reference_like(tables, keys)
    ]


@pytest.mark.parametrize(
    ("column", "target"),
    [
        ("user_id", "users"), ("user_id", "user"), ("userId", "users"), ("box_id", "boxes"),
        ("category_id", "categories"), ("pay_type_id", "pay_types"), ("payTypeId", "pay_types"),
        ("user_uuid", "users"),
    ],
)  # fmt: skip
def test_a_column_named_after_a_table_looks_like_a_reference(column: str, target: str) -> None:
    assert found(table("visits", column), table(target)) == [f"visits.{column} → {target}"]


@pytest.mark.parametrize("column", ["id", "paid", "user", "external_id", "user_ids", "_id"])
def test_other_columns_do_not(column: str) -> None:
    assert found(table("visits", column), table("users"), table("pa")) == []


def test_a_column_with_a_foreign_key_is_one() -> None:
    key = ForeignKey(
        schema="public", table="visits", name="k", columns=("user_id",),
        referenced_schema="public", referenced_table="users", referenced_columns=("id",),
    )  # fmt: skip
    assert found(table("visits", "user_id"), table("users"), keys=(key,)) == []


def test_a_polymorphic_pair_points_at_several_tables() -> None:
    assert found(table("notes", "user_id", "user_type"), table("users")) == []


def test_another_type_cannot_point_there() -> None:
    assert found(table("visits", "user_id"), table("users", type_="uuid")) == []


def test_widths_do_not_matter() -> None:
    assert found(table("visits", "user_id", type_="int(11)"), table("users", type_="int(10)")) != []


def test_a_target_without_a_key_of_one_column_is_none() -> None:
    bare = Table("public", "users", (Column("id", "integer", nullable=True),), (), 1)
    assert found(table("visits", "user_id"), bare) == []
