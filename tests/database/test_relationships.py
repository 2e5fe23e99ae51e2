from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, create_engine, event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, registry, relationship
from sqlalchemy.orm.exc import StaleDataError

from readiness_gate.database.models import Relationship, Target
from readiness_gate.database.relationships import orm_cascades, relationships
from tests.database.test_contradictions import KEY, models


def said(
    action: str,
    *,
    deletes: bool = False,
    passive: object = False,
    nullable: bool = True,
    written: bool = True,
) -> list[str]:
    one = Relationship("User.visits", "", "visits", ("user_id",), deletes, passive)  # type: ignore[arg-type]
    key = replace(KEY, on_delete=action, nullable=(nullable,))
    found = relationships(models(key, written=written, relationships=(one,)))
    return [each.message.removeprefix("relationship User.visits: ") for each in found]


@pytest.mark.parametrize(
    ("action", "deletes", "passive", "message"),
    [
        ("RESTRICT", True, False, "cascade deletes the rows that RESTRICT keeps"),
        ("SET NULL", True, False, "cascade deletes the rows that SET NULL keeps"),
        ("SET NULL", True, True, "cascade deletes the rows that SET NULL keeps"),
        ("RESTRICT", False, False, "sets NULL before RESTRICT can refuse"),
        ("RESTRICT", False, True, "sets NULL before RESTRICT can refuse"),
        ("CASCADE", False, False, "sets NULL before CASCADE can delete"),
        ("NO ACTION", True, True, "passive_deletes leaves the rows to the database, which does"),
    ],
)
def test_an_orm_that_does_something_else_than_the_key_is_a_contradiction(
    action: str, *, deletes: bool, passive: object, message: str
) -> None:
    (found,) = said(action, deletes=deletes, passive=passive)
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("action", "deletes", "passive"),
    [
        ("RESTRICT", False, "all"),
        ("CASCADE", True, True),
        ("CASCADE", True, False),
        ("CASCADE", False, "all"),
        ("SET NULL", False, False),
        ("NO ACTION", True, False),
        ("NO ACTION", False, False),
    ],
)
def test_an_orm_that_does_the_same_is_none(action: str, *, deletes: bool, passive: object) -> None:
    assert said(action, deletes=deletes, passive=passive) == []


def test_null_into_a_column_that_must_not_be_null_is_refused_like_restrict() -> None:
    assert said("RESTRICT", nullable=False) == []


def test_what_the_orm_deletes_counts_as_a_cascade() -> None:
    one = Relationship("User.visits", "", "visits", ("user_id",), deletes=True, passive=False)
    (found,) = orm_cascades(models(relationships=(one,)))
    assert found.on_delete == "CASCADE"
    assert orm_cascades(models(relationships=(replace(one, deletes=False),))) == []


THROUGH = Relationship(
    "User.drugs", "", "visits", ("user_id",), False, False, Target("", "drugs", ("id",))
)


def of_secondary(action: str, **more: Any) -> list[str]:
    one = replace(THROUGH, **more)
    found = relationships(models(replace(KEY, on_delete=action), relationships=(one,)))
    return [each.message.removeprefix("relationship User.drugs: ") for each in found]


@pytest.mark.parametrize("passive", [True, "all"])
@pytest.mark.parametrize("action", ["RESTRICT", "NO ACTION", "SET NULL"])
def test_what_is_loaded_does_not_decide_about_rows_of_a_secondary_table(
    action: str, passive: object
) -> None:
    (message,) = of_secondary(action, passive=passive)
    assert message == (
        "passive_deletes leaves the rows of the secondary table that are not loaded to the "
        f"database, which does {action}"
    )


def test_rows_of_a_secondary_table_that_set_null_keeps_are_deleted() -> None:
    assert of_secondary("SET NULL") == [
        "deletes the rows of its secondary table that SET NULL keeps"
    ]


@pytest.mark.parametrize(
    ("action", "passive"),
    [
        ("RESTRICT", False),
        ("NO ACTION", False),
        ("CASCADE", False),
        ("CASCADE", True),
        ("CASCADE", "all"),
    ],
)
@pytest.mark.parametrize("deletes", [False, True])
def test_rows_of_a_secondary_table_are_the_orms_to_delete(
    action: str, passive: object, deletes: bool
) -> None:
    assert of_secondary(action, passive=passive, deletes=deletes) == []


def test_rows_that_one_collection_deletes_and_another_updates_fail_a_delete() -> None:
    plain = Relationship("User.visits", "", "visits", ("user_id",), deletes=False, passive=False)
    key = replace(KEY, on_delete="NO ACTION")

    def told(*every: Relationship) -> list[str]:
        return [each.message for each in relationships(models(key, relationships=every))]

    (message,) = told(plain, THROUGH)
    assert message == (
        "relationship User.visits: sets NULL in rows that User.drugs deletes (write viewonly=True "
        "in one of them)"
    )
    assert told(plain) == told(THROUGH) == []
    assert told(replace(plain, deletes=True), THROUGH) == []
    assert told(replace(plain, passive="all"), THROUGH) == []
    assert told(plain, replace(THROUGH, name="Drug.users")) == []
    assert told(plain, replace(THROUGH, columns=("drug_id",))) == []


def test_what_the_orm_deletes_through_a_secondary_table_counts_as_a_cascade() -> None:
    def reached(**more: Any) -> list[str]:
        one = replace(THROUGH, **more)
        return [key.label for key in orm_cascades(models(relationships=(one,)))]

    assert reached() == ["visits(user_id) → users(id)"]
    assert reached(passive=True) == []
    assert reached(deletes=True) == ["visits(user_id) → users(id)", "drugs(id) → users(id)"]


class User:
    drugs: Any


class Drug:
    pass


class Link:
    pass


def left(action: str, *, loaded: bool = False, plain: bool = False, **options: Any) -> int:
    """Delete a user with SQLAlchemy itself; return how many secondary rows are left."""
    mapped = registry()
    users, drugs = (
        Table(name, mapped.metadata, Column("id", Integer, primary_key=True))
        for name in ("users", "drugs")
    )
    table = Table(
        "links", mapped.metadata, Column("id", Integer, primary_key=True),
        Column("user", ForeignKey("users.id", ondelete=action)),
        Column("drug", ForeignKey("drugs.id", ondelete=action)),
    )  # fmt: skip
    mapped.map_imperatively(Drug, drugs)
    mapped.map_imperatively(Link, table)
    over = {"drugs": relationship(Drug, secondary=table, overlaps="links", **options)}
    more = {"links": relationship(Link, overlaps="drugs")} if plain else {}
    mapped.map_imperatively(User, users, properties={**over, **more})
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda own, _: own.execute("PRAGMA foreign_keys = ON"))
    mapped.metadata.create_all(engine)
    with Session(engine) as session:
        user = User()
        user.drugs = [Drug()]
        session.add(user)
        session.commit()
        assert not loaded or user.drugs
        session.delete(user)
        try:
            session.commit()
            return session.scalar(select(func.count()).select_from(table)) or 0
        finally:
            session.close()
            engine.dispose()
            mapped.dispose()


def test_what_is_said_of_secondary_tables_is_what_sqlalchemy_does() -> None:
    assert left("RESTRICT") == left("CASCADE", passive_deletes=True) == 0
    assert left("SET NULL", passive_deletes=True) == 1
    assert left("SET NULL", passive_deletes=True, loaded=True) == left("SET NULL") == 0
    for passive in (True, "all"):
        assert left("RESTRICT", passive_deletes=passive, loaded=True) == 0
        with pytest.raises(IntegrityError):
            left("RESTRICT", passive_deletes=passive)
    with pytest.raises(StaleDataError):
        left("NO ACTION", plain=True)
