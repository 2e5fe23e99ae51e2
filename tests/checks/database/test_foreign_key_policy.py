import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.foreign_key_policy import CHECK, ForeignKeyPolicyOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import Interpreter, access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE user_sessions (id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE);
CREATE TABLE files (id INTEGER PRIMARY KEY,
    owner_id INTEGER REFERENCES users(id) ON DELETE SET NULL);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id));
"""
SESSIONS = {"tables": ["user_*"], "on-delete": ["CASCADE"]}
FILES = {"tables": ["files"], "on-delete": ["SET NULL"]}
VISITS = {"tables": ["visits"], "on-delete": ["RESTRICT", "SET NULL"]}


def run(database: File | Database, *rules: object, explicit: bool = False) -> CheckResult:
    options = ForeignKeyPolicyOptions.model_validate_json(
        json.dumps({"rules": rules, "require-explicit": explicit})
    )
    return CHECK.run(context(access(database)), options)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.docker)])
def database(request: pytest.FixtureRequest) -> File | Database:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, File | Database)
    made.execute(SCHEMA)
    return made


def test_keys_within_their_class_pass_and_are_counted(database: File | Database) -> None:
    found = run(database, SESSIONS, FILES)
    assert found.outcome is Outcome.PASSED
    assert found.summary == "3 foreign keys within the policy: 1 CASCADE, 1 NO ACTION, 1 SET NULL"
    assert found.details == "1 key under no rule"
    counts = {"cascade": 1, "set-null": 1, "no-action": 1, "restrict": 0, "set-default": 0}
    assert found.figures == {"tables": 4, "foreign-keys": 3} | counts


def test_a_key_outside_of_its_class_fails(database: File | Database) -> None:
    found = run(database, SESSIONS, FILES, VISITS)
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        "1 of 3 foreign keys against the policy: visits(user_id) → users(id): "
        "ON DELETE NO ACTION, allowed is SET NULL or RESTRICT"
    )
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    assert len(table.rows) == 1
    assert found.figures["foreign-keys"] == 3


def test_an_action_that_nobody_wrote_fails_where_it_has_to_be_written(
    database: File | Database,
) -> None:
    assert run(database, explicit=True).outcome is Outcome.FAILED
    kept = {"tables": ["visits"], "on-delete": ["NO ACTION"]}
    assert run(database, kept, explicit=True).outcome is Outcome.PASSED


def test_null_into_a_column_that_must_not_be_null_fails_under_every_policy(
    database: File | Database,
) -> None:
    database.execute(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY,"
        " user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE SET NULL)"
    )
    found = run(database, SESSIONS)
    assert found.outcome is Outcome.FAILED
    assert "SET NULL, but user_id is NOT NULL" in found.summary


def test_a_rule_that_decides_about_nothing_is_an_error(database: File | Database) -> None:
    with pytest.raises(ConfigurationError, match="rule for paymnets decides about no foreign key"):
        run(database, SESSIONS, {"tables": ["paymnets"], "on-delete": ["RESTRICT"]})


def test_a_database_without_foreign_keys_is_not_a_pass(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a)")
    found = run(sqlite, explicit=True)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rules": []},
        {"rules": [{"tables": [], "on-delete": ["CASCADE"]}]},
        {"rules": [{"tables": ["t"], "on-delete": []}]},
        {"rules": [{"tables": ["t"], "on-delete": ["cascade"]}]},
        {"rules": [{"tables": ["t"], "on_delete": ["CASCADE"], "x": 1}]},
        {"require-explicit": "yes"},
        {"metadata": "models"},
        {"rules": [SESSIONS], "imports": ["shop.models"]},
        {"counts": {"cascade": 1}},
        {"counts": {"CASCADE": {"about": 1}}},
    ],
)
def test_a_policy_that_asserts_nothing_or_is_misspelt_is_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        ForeignKeyPolicyOptions.model_validate_json(json.dumps(options))


MODELS = """
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import declarative_base, relationship
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
class UserSession(Base):
    __tablename__ = "user_sessions"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
class File(Base):
    __tablename__ = "files"
    id = Column(Integer, primary_key=True)
    owner_id = Column(ForeignKey("users.id", ondelete="SET NULL"))
class Visit(Base):
    __tablename__ = "visits"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
"""
WRITTEN = MODELS.replace('ForeignKey("users.id"))', 'ForeignKey("users.id", ondelete="NO ACTION"))')


def held(
    database: File | Database | MariaDatabase,
    folder: Path,
    models: str = WRITTEN,
    /,
    **options: object,
) -> CheckResult:
    (folder / "shop_models.py").write_text(models)
    chosen = ForeignKeyPolicyOptions.model_validate_json(
        json.dumps({"metadata": "shop_models:Base", "service": "api", **options})
    )
    return CHECK.run(context(access(database), interpreter=Interpreter(folder)), chosen)


def told(found: CheckResult) -> list[tuple[str, ...]]:
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    return list(table.rows)


def test_models_that_say_the_same_pass(database: File | Database, tmp_path: Path) -> None:
    found = held(database, tmp_path, require_explicit=True)
    assert found.outcome is Outcome.PASSED
    assert found.details == "the models say the same: 3 keys, 0 relationships"


def test_an_action_that_the_model_does_not_write_fails_though_the_database_has_one(
    database: File | Database, tmp_path: Path
) -> None:
    kept = {"rules": [{"tables": ["visits"], "on-delete": ["NO ACTION"]}]}
    found = held(database, tmp_path, MODELS, require_explicit=True, **kept)
    assert found.outcome is Outcome.FAILED
    assert told(found) == [("visits(user_id) → users(id)", "ondelete is not written in the model")]
    assert held(database, tmp_path, MODELS, **kept).outcome is Outcome.PASSED


def test_models_and_database_that_contradict_each_other_fail(
    database: File | Database, tmp_path: Path
) -> None:
    database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, v INTEGER REFERENCES visits(id))")
    models = (
        WRITTEN.replace('ondelete="SET NULL"', 'ondelete="CASCADE"')
        + """
class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    v = Column(Integer)
class Bill(Base):
    __tablename__ = "bills"
    id = Column(ForeignKey("visits.id", ondelete="RESTRICT"), primary_key=True)
"""
    )
    found = held(database, tmp_path, models, rules=[FILES])
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("3 of 5 foreign keys against the policy: ")
    assert sorted(told(found)) == [
        ("bills(id) → visits(id)", "the database has no table bills"),
        (
            "files(owner_id) → users(id)",
            "ON DELETE: the model says CASCADE, the database has SET NULL",
        ),
        (
            "files(owner_id) → users(id)",
            "in the models: ON DELETE CASCADE, allowed is SET NULL",
        ),
        ("notes(v) → visits(id)", "the database has this key, the models have not"),
    ]


def test_a_relationship_that_works_around_its_key_fails(
    database: File | Database, tmp_path: Path
) -> None:
    models = WRITTEN + "User.files = relationship(File, cascade='all, delete-orphan')\n"
    found = held(database, tmp_path, models)
    assert found.outcome is Outcome.FAILED
    assert "relationship User.files: cascade deletes the rows that SET NULL keeps" in found.summary
    reached = held(database, tmp_path, models, protected=["files"])
    assert ("files(owner_id) → users(id)", "in the models: deletes reach files: users → files") in (
        told(reached)
    )


ROLES = """
from sqlalchemy import Table
class Role(Base):
    __tablename__ = "roles"
    id = Column(Integer, primary_key=True)
link = Table("user_roles", Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="{action}"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="{action}"), primary_key=True))
User.roles = relationship(Role, secondary=link{options})
"""


def with_roles(
    database: File | Database, folder: Path, action: str, relationship: str = "", **more: object
) -> CheckResult:
    """Models with a collection over a secondary table; the database says the same."""
    database.execute(
        "CREATE TABLE roles (id INTEGER PRIMARY KEY); CREATE TABLE user_roles ("
        f"user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE {action}, "
        f"role_id INTEGER NOT NULL REFERENCES roles(id) ON DELETE {action}, "
        "PRIMARY KEY (user_id, role_id))"
    )
    models = WRITTEN + ROLES.format(action=action, options=relationship)
    return held(database, folder, models, **more)


@pytest.mark.parametrize(
    ("action", "options"),
    [
        ("RESTRICT", ""),
        ("NO ACTION", ", backref='users'"),
        ("CASCADE", ", passive_deletes=True, backref='users'"),
        ("RESTRICT", ", viewonly=True"),
    ],
)
def test_a_many_to_many_collection_that_deletes_its_rows_is_no_contradiction(
    database: File | Database, tmp_path: Path, action: str, options: str
) -> None:
    assert with_roles(database, tmp_path, action, options).outcome is Outcome.PASSED


def test_a_delete_that_works_only_where_the_secondary_rows_are_loaded_fails(
    database: File | Database, tmp_path: Path
) -> None:
    found = with_roles(database, tmp_path, "RESTRICT", ", passive_deletes=True, backref='users'")
    ((key, message),) = told(found)
    assert key == "user_roles(user_id) → users(id)"
    assert message == (
        "relationship User.roles: passive_deletes leaves the rows of the secondary table that are "
        "not loaded to the database, which does RESTRICT"
    )


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("", "user_roles: users → user_roles"),
        (", cascade='all, delete'", "roles: users → roles"),
    ],
)
def test_a_many_to_many_collection_reaches_what_is_protected(
    database: File | Database, tmp_path: Path, options: str, path: str
) -> None:
    found = with_roles(database, tmp_path, "RESTRICT", options, protected=[path.partition(":")[0]])
    assert [message for _, message in told(found)] == [f"in the models: deletes reach {path}"]


def test_a_cascade_that_reaches_a_protected_table_fails_with_its_path(
    database: File | Database,
) -> None:
    database.execute(
        "CREATE TABLE logins (id INTEGER PRIMARY KEY,"
        " session_id INTEGER REFERENCES user_sessions(id) ON DELETE CASCADE)"
    )
    found = CHECK.run(context(access(database)), ForeignKeyPolicyOptions(protected=("logins",)))
    assert found.outcome is Outcome.FAILED
    assert "deletes reach logins: users → user_sessions → logins" in found.summary
    kept = CHECK.run(context(access(database)), ForeignKeyPolicyOptions(protected=("files",)))
    assert kept.outcome is Outcome.PASSED


def test_a_protected_table_that_is_not_there_is_an_error(database: File | Database) -> None:
    with pytest.raises(ConfigurationError, match="protected: paymnets names no table"):
        CHECK.run(context(access(database)), ForeignKeyPolicyOptions(protected=("paymnets",)))


def test_the_counts_of_actions_are_claims(database: File | Database) -> None:
    right = ForeignKeyPolicyOptions(counts={"CASCADE": 1, "SET NULL": {"ge": 1}, "RESTRICT": 0})
    assert CHECK.run(context(access(database)), right).outcome is Outcome.PASSED
    found = CHECK.run(context(access(database)), ForeignKeyPolicyOptions(counts={"CASCADE": 45}))
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("claimed of ON DELETE CASCADE: ")
    assert "45" in found.summary


def test_a_named_column_has_its_own_action(database: File | Database) -> None:
    rule = {"tables": ["visits"], "columns": ["user_id"], "on-delete": ["RESTRICT"]}
    assert "allowed is RESTRICT" in run(database, rule).summary


def test_models_that_cannot_be_read_are_an_error(sqlite: File, tmp_path: Path) -> None:
    sqlite.execute(SCHEMA)
    found = held(sqlite, tmp_path, "import nothing_of_this_name\n")
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "the models shop_models:Base could not be read: shop_models cannot be imported" in (
        found.summary
    )


def test_models_without_a_service_are_an_error(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    options = ForeignKeyPolicyOptions(metadata="shop_models:Base")
    with pytest.raises(ConfigurationError, match="no service is known"):
        CHECK.run(context(access(sqlite)), options)


@pytest.mark.docker
def test_a_server_s_own_service_is_not_asked_for_models(postgres: Database, tmp_path: Path) -> None:
    options = ForeignKeyPolicyOptions(metadata="shop_models:Base")
    at = context(access(postgres), interpreter=Interpreter(tmp_path))
    with pytest.raises(ConfigurationError, match="no service is known"):
        CHECK.run(at, options)


def test_the_stack_is_needed_only_for_the_models() -> None:
    assert CHECK.refine_needs is not None
    named = ForeignKeyPolicyOptions(metadata="shop_models:Base")
    assert CHECK.refine_needs(named) == {Need.DATABASE, Need.STACK}
    assert CHECK.refine_needs(ForeignKeyPolicyOptions(protected=("t",))) == {Need.DATABASE}


@pytest.mark.docker
def test_models_are_held_against_mariadb(mariadb: MariaDatabase, tmp_path: Path) -> None:
    mariadb.execute(SCHEMA)
    assert held(mariadb, tmp_path).outcome is Outcome.PASSED
    changed = WRITTEN.replace('ondelete="SET NULL"', 'ondelete="CASCADE"')
    found = held(mariadb, tmp_path, changed, protected=["visits"])
    assert told(found) == [
        (
            "files(owner_id) → users(id)",
            "ON DELETE: the model says CASCADE, the database has SET NULL",
        )
    ]


@pytest.mark.docker
def test_models_without_a_schema_are_found_in_the_one_of_the_role(
    postgres: Database, tmp_path: Path
) -> None:
    postgres.execute("CREATE SCHEMA app; SET search_path = app;" + SCHEMA)
    assert held(postgres, tmp_path, protected=["app.visits"]).outcome is Outcome.PASSED
