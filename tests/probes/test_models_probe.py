import json
import sys
from pathlib import Path

import pytest

from readiness_gate.database.models import Models, Relationship, Target, arguments, parse, probe
from readiness_gate.doors.programs import Completed, HostPrograms

NONCE = "f00dfeedf00dfeed"
HEAD = """
from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, MetaData, Table
from sqlalchemy.orm import declarative_base, relationship
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
VISITS = """
class Visit(Base):
    __tablename__ = "visits"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id", ondelete="set null (user_id)"))
    doctor_id = Column(ForeignKey("users.id"), nullable=False)
"""


def read(folder: Path, code: str, name: str = "shop.models:Base", *imports: str) -> Models:
    return parse(completed(folder, code, name, *imports), nonce=NONCE, dialect="sqlite")


def completed(folder: Path, code: str, name: str, *imports: str) -> Completed:
    (folder / "shop").mkdir()
    (folder / "shop/__init__.py").write_text("")
    (folder / "shop/models.py").write_text(HEAD + code)
    (folder / "shop/more.py").write_text("from shop.models import *\n" + VISITS)
    return HostPrograms({"PATH": "/usr/bin:/bin"}).run(
        [sys.executable, *arguments(name, imports=imports, nonce=NONCE)],
        timeout=30,
        cwd=folder,
        stdin=probe(),
    )


def test_an_action_that_is_not_written_is_told_from_no_action(tmp_path: Path) -> None:
    found = read(tmp_path, VISITS)
    assert found.tables == {("", "users"), ("", "visits")}
    keys = {one.key.columns[0]: one for one in found.keys}
    assert (keys["doctor_id"].key.on_delete, keys["doctor_id"].written) == ("NO ACTION", False)
    assert (keys["user_id"].key.on_delete, keys["user_id"].written) == ("SET NULL", True)
    assert keys["user_id"].key.set_columns == ("user_id",)
    assert [keys[name].key.nullable for name in ("user_id", "doctor_id")] == [(True,), (False,)]


def test_composite_keys_and_schemas_are_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
metadata = MetaData()
Table("p", metadata, Column("a", Integer, primary_key=True), Column("b", Integer, primary_key=True),
      schema="old")
Table("c", metadata, Column("x", Integer), Column("y", Integer),
      ForeignKeyConstraint(["x", "y"], ["old.p.a", "old.p.b"], ondelete="CASCADE"))
tables = [metadata]
""",
        "shop.models:tables",
    )
    (one,) = found.keys
    assert (one.key.columns, one.key.referenced_columns) == (("x", "y"), ("a", "b"))
    assert one.key.parent == "old.p"


def test_what_the_orm_does_with_children_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        VISITS + "User.visits = relationship(Visit, foreign_keys=Visit.user_id,"
        " cascade='all, delete-orphan', passive_deletes=True)\n"
        "User.seen = relationship(Visit, foreign_keys=Visit.doctor_id, passive_deletes='all')\n"
        "User.shown = relationship(Visit, foreign_keys=Visit.doctor_id, viewonly=True)\n"
        "Visit.user = relationship(User, foreign_keys=Visit.user_id, overlaps='visits')\n",
    )
    assert set(found.relationships) == {
        Relationship("User.visits", "", "visits", ("user_id",), deletes=True, passive=True),
        Relationship("User.seen", "", "visits", ("doctor_id",), deletes=False, passive="all"),
    }


def test_collections_over_a_secondary_table_are_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
class Role(Base):
    __tablename__ = "roles"
    id = Column(Integer, primary_key=True)
    heirs = relationship("Role", secondary="heirs", primaryjoin="Role.id == heirs.c.of_id",
                         secondaryjoin="Role.id == heirs.c.to_id", cascade="all, delete")
link = Table("user_roles", Base.metadata, Column("user_id", ForeignKey("users.id")),
             Column("role_id", ForeignKey("roles.id")))
Table("heirs", Base.metadata, Column("of_id", ForeignKey("roles.id")),
      Column("to_id", ForeignKey("roles.id")))
User.roles = relationship(Role, secondary=link, backref="users", passive_deletes=True)
User.shown = relationship(Role, secondary=link, viewonly=True)
""",
    )
    roles, users = Target("", "roles", ("id",)), Target("", "users", ("id",))
    assert set(found.relationships) == {
        Relationship("User.roles", "", "user_roles", ("user_id",), False, True, roles),
        Relationship("Role.users", "", "user_roles", ("role_id",), False, False, users),
        Relationship("Role.heirs", "", "heirs", ("of_id",), True, False, roles),
    }


def test_modules_that_complete_the_models_are_imported(tmp_path: Path) -> None:
    assert len(read(tmp_path, "", "shop.models:Base", "shop.more").keys) == 2


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("", "shop.models:Bass", "shop.models has no Bass"),
        ("", "shop.model:Base", "shop.model cannot be imported"),
        ("empty = MetaData()\n", "shop.models:empty", "has no table: import the models"),
        ("x = 1\n", "shop.models:x", "a int has no metadata of SQLAlchemy"),
        ("raise SystemExit(3)\n", "shop.models:Base", "SystemExit"),
        (
            (
                "class A(Base):\n    __tablename__ = 'a'\n"
                "    id = Column(ForeignKey('gone.id'), primary_key=True)\n"
            ),
            "shop.models:Base",
            "the models are not complete",
        ),
        ("User.a = relationship('Nobody')\n", "shop.models:Base", "InvalidRequestError"),
    ],
)
def test_models_that_cannot_be_read_are_no_answer(
    tmp_path: Path, code: str, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(tmp_path, code, name)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "readiness-gate:0000000000000000 {}",
        f'readiness-gate:{NONCE} {{"complete": true}}',
        (
            f'readiness-gate:{NONCE} {{"tables": [["", 1]], "keys": [], "relationships": [], '
            '"complete": true}'
        ),
        (
            f'readiness-gate:{NONCE} {{"tables": [], "keys": [{{"on_delete": 1}}], '
            '"relationships": [], "complete": true}'
        ),
    ],
)
def test_half_an_answer_is_none(answer: str) -> None:
    done = Completed(("python",), 0, answer, "", 0.1)
    with pytest.raises(ValueError, match="the probe"):
        parse(done, nonce=NONCE, dialect="sqlite")


def test_a_probe_that_does_not_end_is_no_answer() -> None:
    with pytest.raises(ValueError, match="did not end in 5 s"):
        parse(Completed(("python",), None, "", "", 5.0), nonce=NONCE, dialect="sqlite")


def test_the_nonce_cannot_be_guessed_and_the_request_is_one_argument() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        arguments("a:b", imports=(), nonce="1")
    dash, asked = arguments("a:b", imports=["c"], nonce=NONCE)
    assert dash == "-"
    assert json.loads(asked) == {"nonce": NONCE, "metadata": "a:b", "imports": ["c"]}
