from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.database.cascades import meets, reaching
from readiness_gate.database.catalogue.foreign_key import ForeignKey


def key(child: str, parent: str, on_delete: str = "CASCADE", column: str = "p_id") -> ForeignKey:
    return ForeignKey(
        "public", child, "k", (column,), "public", parent, ("id",), on_delete=on_delete
    )  # fmt: skip


def paths(*keys: ForeignKey, protected: tuple[str, ...] = ("payments",)) -> list[str]:
    return [one.message for one in reaching(keys, protected)]


def test_a_chain_of_cascades_into_a_protected_table_is_told_from_its_far_end() -> None:
    chain = (key("visits", "patients"), key("payments", "visits"), key("patients", "users"))
    assert paths(*chain) == ["deletes reach payments: users → patients → visits → payments"]
    (one,) = reaching(chain, ["payments"])
    assert one.key.table == "payments"


def test_a_chain_that_is_broken_reaches_only_from_behind_the_break() -> None:
    broken = (key("visits", "patients", "SET NULL"), key("payments", "visits"))
    assert paths(*broken) == ["deletes reach payments: visits → payments"]
    assert paths(key("visits", "patients"), key("payments", "visits", "RESTRICT")) == []


def test_every_key_into_the_table_is_told_even_from_the_same_parent() -> None:
    found = reaching(
        [key("payments", "users", column="a"), key("payments", "users", column="b")], ["pay*"]
    )
    assert [one.key.columns for one in found] == [("a",), ("b",)]


def test_every_far_end_has_its_own_path() -> None:
    assert paths(key("payments", "visits"), key("visits", "a"), key("visits", "b")) == [
        "deletes reach payments: a → visits → payments",
        "deletes reach payments: b → visits → payments",
    ]


def test_circles_end() -> None:
    assert paths(key("payments", "payments")) == ["deletes reach payments: payments → payments"]
    circle = (key("payments", "a"), key("a", "b"), key("b", "a"), key("b", "payments"))
    assert paths(*circle) == ["deletes reach payments: b → a → payments"]


def test_a_table_of_the_same_name_in_another_schema_is_another() -> None:
    other = ForeignKey("old", "payments", "k", ("x",), "old", "p", ("id",), on_delete="CASCADE")
    assert paths(other, protected=("public.payments",)) == []
    assert paths(other, protected=("old.payments",)) == [
        "deletes reach old.payments: old.p → old.payments"
    ]


@pytest.mark.parametrize("glob", ["payments", "public.payments", "pay*", "public.*"])
def test_globs_mean_the_name_or_the_name_with_its_schema(glob: str) -> None:
    assert meets(("public", "payments"), [glob])
    assert not meets(("old", "bills"), [glob])


_TABLES = st.sampled_from(["a", "b", "c", "d", "payments"])
_KEYS = st.lists(
    st.builds(key, _TABLES, _TABLES, st.sampled_from(["CASCADE", "SET NULL", "RESTRICT"])),
    max_size=12,
)


@given(_KEYS)
def test_a_table_is_reached_exactly_if_a_cascade_leads_into_it(keys: list[ForeignKey]) -> None:
    found = reaching(keys, ["payments"])
    into = [one for one in keys if one.table == "payments" and one.on_delete == "CASCADE"]
    assert bool(found) == bool(into)
    assert {one.key for one in found} == set(into)
    cascades = {(one.referenced_table, one.table) for one in keys if one.on_delete == "CASCADE"}
    for one in found:
        path = one.message.removeprefix("deletes reach payments: ").split(" → ")
        assert set(pairwise(path)) <= cascades
        assert path[-1] == "payments"
