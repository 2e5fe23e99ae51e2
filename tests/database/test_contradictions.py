from dataclasses import replace

import pytest

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.contradictions import between, different, located, unwritten
from readiness_gate.database.models import ModelKey, Models, Relationship, Target

KEY = ForeignKey(
    "public", "visits", "", ("user_id",), "public", "users", ("id",), nullable=(True,),
    on_delete="RESTRICT",
)  # fmt: skip
TABLES = (("public", "visits"), ("public", "users"))


def models(
    key: ForeignKey = KEY, *, written: bool = True, relationships: tuple[Relationship, ...] = ()
) -> Models:
    own = replace(key, schema="", referenced_schema="")
    return Models(
        (ModelKey(own, written),),
        frozenset({("", "visits"), ("", "users")}),
        relationships,
    )


def messages(models: Models, *keys: ForeignKey) -> list[str]:
    return [one.message for one in between(models, keys, TABLES)]


def test_the_same_key_is_no_contradiction_whatever_it_is_called() -> None:
    assert messages(models(), replace(KEY, name="fk_visits_user", schema="public")) == []
    assert messages(models(), replace(KEY, table="VISITS", columns=("USER_ID",))) == []


def test_columns_of_a_composite_key_come_in_any_order() -> None:
    one = replace(KEY, columns=("a", "b"), referenced_columns=("x", "y"))
    turned = replace(KEY, columns=("b", "a"), referenced_columns=("y", "x"))
    crossed = replace(KEY, columns=("a", "b"), referenced_columns=("y", "x"))
    assert messages(models(one), turned) == []
    assert len(messages(models(one), crossed)) == 2


def test_another_action_is_a_contradiction() -> None:
    assert messages(models(), replace(KEY, on_delete="CASCADE")) == [
        "ON DELETE: the model says RESTRICT, the database has CASCADE"
    ]
    assert messages(models(), replace(KEY, on_update="CASCADE")) == [
        "ON UPDATE: the model says NO ACTION, the database has CASCADE"
    ]


def test_what_nobody_wrote_is_not_called_no_action() -> None:
    silent = models(replace(KEY, on_delete="NO ACTION"), written=False)
    assert messages(silent, KEY) == [
        "ON DELETE: the model says nothing (NO ACTION), the database has RESTRICT"
    ]
    assert messages(silent, replace(KEY, on_delete="NO ACTION")) == []
    assert [one.message for one in unwritten(silent)] == ["ondelete is not written in the model"]
    assert unwritten(models(replace(KEY, on_delete="NO ACTION"))) == []


@pytest.mark.parametrize(("dialect", "number"), [("mysql", 0), ("postgresql", 1), ("sqlite", 1)])
def test_only_mariadb_and_mysql_take_restrict_and_no_action_for_one(
    dialect: str, number: int
) -> None:
    assert len(messages(models(), replace(KEY, on_delete="NO ACTION", dialect=dialect))) == number


def test_a_key_that_one_side_lacks_is_a_contradiction() -> None:
    assert messages(models()) == ["the models have this key, the database has not"]
    bare = Models((), frozenset({("", "visits")}))
    assert messages(bare, KEY) == ["the database has this key, the models have not"]
    gone = between(models(), [], [("public", "users")])
    assert [one.message for one in gone] == ["the database has no table visits"]


def test_a_table_that_no_model_has_is_somebody_else_s() -> None:
    assert messages(Models((), frozenset({("", "users")})), KEY) == []


def test_models_without_a_schema_mean_the_one_that_has_the_table() -> None:
    tables = [("app", "visits"), ("app", "users"), ("old", "users")]
    found = located(models(), tables)
    assert found.keys[0].key.schema == "app"
    assert found.keys[0].key.referenced_schema == ""  # two of them: not guessed
    assert located(models(), TABLES).keys[0].key.schema == "public"
    assert located(models(), [("", "visits")]).keys[0].key.schema == ""
    assert between(found, [replace(KEY, schema="app")], tables) == []


def test_what_lies_behind_a_secondary_table_has_its_schema_too() -> None:
    target = Target("", "visits", ("id",))
    one = Relationship("User.seen", "", "seen", ("user_id",), False, False, target)
    found = located(models(relationships=(one,)), [("app", "visits"), ("app", "seen")])
    (there,) = found.relationships
    assert (there.schema, there.target) == ("app", replace(target, schema="app"))


def test_only_what_the_database_has_otherwise_is_judged_again() -> None:
    assert different(models(), [KEY]) == []
    assert len(different(models(), [replace(KEY, on_delete="CASCADE")])) == 1
    assert len(different(models(), [])) == 1
