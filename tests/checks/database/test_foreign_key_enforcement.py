import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.foreign_key_enforcement import (
    CHECK,
    ForeignKeyEnforcementOptions,
)
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import Interpreter, access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File
from tests.database.traps import POSTGRESQL

SCHEMA = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x INTEGER REFERENCES p(id));"
ENGINE = """
from sqlalchemy import create_engine, event
engine = create_engine({url!r}, pool_size=2, max_overflow=1)
"""
LISTENER = """
@event.listens_for(engine, "connect")
def on(connection, record):
    connection.execute("PRAGMA foreign_keys = ON")
"""
NAMED = ForeignKeyEnforcementOptions(engine="shop:engine")


def application(sqlite: File, code: str) -> Interpreter:
    (sqlite.path.parent / "shop.py").write_text(code.format(url=sqlite.url))
    return Interpreter(sqlite.path.parent)


def on_sqlite(sqlite: File, code: str) -> CheckResult:
    at = context(access(sqlite), interpreter=application(sqlite, code))
    return CHECK.run(at, NAMED)


KEPT = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p_id int REFERENCES p (id));
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1, 1);
"""


def on_postgresql(postgres: Database, *, owned: bool = True) -> CheckResult:
    return CHECK.run(context(access(postgres, owned=owned)), ForeignKeyEnforcementOptions())


def test_an_application_that_sets_the_pragma_everywhere_passes(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    found = on_sqlite(sqlite, ENGINE + LISTENER)
    assert found.outcome is Outcome.PASSED
    assert found.summary.startswith("3 connections of the application, opened at once, refuse")


def test_an_application_that_does_not_fails(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    found = on_sqlite(sqlite, ENGINE)
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("3 of 3 connections")


def test_connections_that_are_alike_are_one_row_with_the_file_as_the_repository_has_it(
    sqlite: File,
) -> None:
    sqlite.execute(SCHEMA)
    (table,) = on_sqlite(sqlite, ENGINE).evidence
    assert isinstance(table, TableEvidence)
    assert [row[:3] for row in table.rows] == [("3", "0", "accepted")]


def test_a_malformed_key_fails(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE p (id); CREATE TABLE c (x REFERENCES p(id))")
    found = on_sqlite(sqlite, ENGINE + LISTENER)
    assert found.outcome is Outcome.FAILED
    assert "id of p is not unique" in found.summary


@pytest.mark.parametrize("code", ["", "raise SystemExit\n", "engine = 1\n"])
def test_an_application_that_cannot_be_asked_is_an_error(sqlite: File, code: str) -> None:
    sqlite.execute(SCHEMA)
    found = on_sqlite(sqlite, code)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "the connections of shop:engine could not be looked at" in found.summary


def test_sqlite_without_the_application_s_engine_is_an_error(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    for at, options in (
        (context(access(sqlite)), NAMED),
        (context(access(sqlite, service=None), interpreter=Interpreter(Path("/"))), NAMED),
        (
            context(access(sqlite), interpreter=Interpreter(Path("/"))),
            ForeignKeyEnforcementOptions(),
        ),
    ):
        with pytest.raises(ConfigurationError, match="only the application's can tell"):
            CHECK.run(at, options)


def test_a_database_without_keys_is_not_a_pass(sqlite: File) -> None:
    assert on_sqlite(sqlite, ENGINE + LISTENER).outcome is Outcome.ERROR


def test_the_service_with_the_application_may_be_another(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    interpreter = application(sqlite, ENGINE + LISTENER)
    options = ForeignKeyEnforcementOptions(engine="shop:engine", service="worker")
    CHECK.run(context(access(sqlite), interpreter=interpreter), options)
    assert interpreter.services_asked == ["worker"]


def test_an_engine_is_a_name_and_nothing_else() -> None:
    for engine in ("shop", "shop:", ":engine", "shop:engine()", "-c import os:x", "a b:c"):
        with pytest.raises(ValidationError):
            ForeignKeyEnforcementOptions(engine=engine)


def test_the_stack_is_needed_only_for_the_application() -> None:
    assert CHECK.refine_needs is not None
    assert CHECK.refine_needs(NAMED) == {Need.DATABASE, Need.STACK}
    assert CHECK.refine_needs(ForeignKeyEnforcementOptions()) == {Need.DATABASE}
    watched = ForeignKeyEnforcementOptions(alembic="alembic.ini")
    assert CHECK.refine_needs(watched) == {Need.DATABASE, Need.STACK}


READER = """
import shop
with shop.engine.connect() as connection:
    print(connection.exec_driver_sql("SELECT count(*) FROM c").scalar())
"""


def observing(sqlite: File, code: str, **options: object) -> CheckResult:
    sqlite.execute(SCHEMA)
    interpreter = application(sqlite, code)
    (sqlite.path.parent / "reader.py").write_text(READER)
    chosen = ForeignKeyEnforcementOptions.model_validate_json(json.dumps(options))
    return CHECK.run(context(access(sqlite), interpreter=interpreter), chosen)


def test_the_connections_of_programs_are_watched(sqlite: File) -> None:
    found = observing(sqlite, ENGINE + LISTENER, observe=[["python", "reader.py"]])
    assert found.outcome is Outcome.PASSED
    assert found.summary.startswith("1 connection of the application, as they were opened, refuse")


def test_a_program_that_goes_around_the_engine_fails(sqlite: File) -> None:
    (sqlite.path.parent / "around.py").write_text(
        f"import sqlite3\nsqlite3.connect({str(sqlite.path)!r}).close()\n"
    )
    found = observing(
        sqlite, ENGINE + LISTENER, engine="shop:engine",
        observe=[["python", "reader.py"], ["python", "around.py"]],
    )  # fmt: skip
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("1 of 5 connections")
    assert [table.title for table in found.evidence if isinstance(table, TableEvidence)] == [
        "Connections of the application, opened at once",
        "Connections that the programs opened",
    ]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (["python", "gone.py"], "python gone.py ended with 2"),
        (["python", "-c", "pass"], "no connection to a database with foreign keys was opened"),
        (
            ["python", "-c", "import os, reader; shop = reader.shop.engine.connect(); os._exit(0)"],
            "1 connection of the programs could not be looked at: its program ended",
        ),
    ],
)
def test_programs_that_cannot_be_watched_are_an_error(
    sqlite: File, program: list[str], message: str
) -> None:
    found = observing(sqlite, ENGINE + LISTENER, observe=[program])
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert message in found.summary
    assert "gone.py" not in program or "can't open file" in found.details


@pytest.mark.parametrize(("switched", "outcome"), [(True, "passed"), (False, "failed")])
def test_the_connections_of_alembic_are_watched(
    sqlite: File, *, switched: bool, outcome: str
) -> None:
    folder = sqlite.path.parent
    (folder / "migrations").mkdir()
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    pragma = "    connection.exec_driver_sql('PRAGMA foreign_keys = ON')\n" if switched else ""
    (folder / "migrations/env.py").write_text(
        "from alembic import context\nfrom sqlalchemy import create_engine\n"
        f"with create_engine({sqlite.url!r}).connect() as connection:\n{pragma}"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n"
    )
    found = observing(sqlite, ENGINE + LISTENER, engine="shop:engine", alembic="alembic.ini")
    assert found.outcome.value == outcome
    assert ("4 connections" if switched else "1 of 4 connections") in found.summary


def test_without_an_engine_the_source_accuses(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    application(sqlite, ENGINE)
    (sqlite.path.parent / "tests").mkdir()
    (sqlite.path.parent / "tests/conftest.py").write_text(ENGINE)
    (sqlite.path.parent / "old.py").write_text("print 'of another Python'")
    found = CHECK.run(
        context(access(sqlite), root=sqlite.path.parent), ForeignKeyEnforcementOptions()
    )
    assert found.outcome is Outcome.FAILED
    assert found.summary == "shop.py:3: an engine without a listener for PRAGMA foreign_keys"
    assert found.details == "Read in the source alone: no connection was opened."


def test_a_listener_in_the_source_proves_nothing(sqlite: File) -> None:
    sqlite.execute(SCHEMA)
    application(sqlite, ENGINE + LISTENER)
    with pytest.raises(ConfigurationError, match="only the application's can tell"):
        CHECK.run(context(access(sqlite), root=sqlite.path.parent), ForeignKeyEnforcementOptions())


@pytest.mark.docker
def test_enforced_keys_of_postgresql_pass(postgres: Database) -> None:
    postgres.execute(POSTGRESQL + "DROP TABLE notes")
    found = on_postgresql(postgres)
    assert found.outcome is Outcome.PASSED
    assert found.summary == (
        "7 foreign keys validated and switched on; 7 attempted violations rejected"
    )


@pytest.mark.docker
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("ALTER TABLE books DISABLE TRIGGER ALL", "its triggers are disabled"),
        ("ALTER TABLE customers DISABLE TRIGGER ALL", "its triggers are disabled"),
        ("ALTER TABLE children_low DISABLE TRIGGER ALL", "its triggers are disabled"),
        ("ALTER ROLE postgres SET session_replication_role = replica", "foreign keys are off for"),
    ],
)
def test_keys_of_postgresql_that_are_off_fail(postgres: Database, spoil: str, message: str) -> None:
    postgres.execute(POSTGRESQL + "DROP TABLE notes;" + spoil)
    try:
        found = on_postgresql(postgres)
    finally:
        postgres.execute("ALTER ROLE postgres RESET session_replication_role")
    assert found.outcome is Outcome.FAILED
    assert message in found.summary


@pytest.mark.docker
def test_a_key_that_was_never_validated_fails(postgres: Database) -> None:
    postgres.execute(POSTGRESQL)
    found = on_postgresql(postgres)
    assert found.outcome is Outcome.FAILED
    assert "notes(order_id) → orders(id): NOT VALID" in found.summary


@pytest.mark.docker
def test_on_somebody_else_s_database_nothing_is_tried(postgres: Database) -> None:
    postgres.execute(POSTGRESQL + "DROP TABLE notes")
    found = on_postgresql(postgres, owned=False)
    assert found.outcome is Outcome.PASSED
    assert "Nothing was tried" in found.details


@pytest.mark.docker
def test_a_database_that_does_not_answer_is_an_error(postgres: Database) -> None:
    missing = access(url=postgres.url + "x")
    with pytest.raises(DatabaseError, match="does not exist"):
        CHECK.run(context(missing), ForeignKeyEnforcementOptions())


@pytest.mark.docker
def test_enforced_keys_of_mariadb_pass(mariadb: MariaDatabase) -> None:
    mariadb.execute(KEPT)
    found = CHECK.run(context(access(mariadb)), ForeignKeyEnforcementOptions())
    assert (found.outcome, found.summary) == (
        Outcome.PASSED,
        "1 foreign key validated and switched on; 1 attempted violation rejected",
    )


@pytest.mark.docker
def test_a_table_of_mariadb_whose_engine_keeps_no_keys_fails(mariadb: MariaDatabase) -> None:
    mariadb.execute(KEPT + "CREATE TABLE notes (id int, p_id int REFERENCES p (id)) ENGINE=MyISAM")
    found = CHECK.run(context(access(mariadb)), ForeignKeyEnforcementOptions())
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("not enforced: notes: MyISAM keeps no foreign keys")


@pytest.mark.docker
def test_a_server_of_mariadb_that_checks_nothing_fails(mariadb: MariaDatabase) -> None:
    mariadb.execute(KEPT + "SET GLOBAL foreign_key_checks = 0")
    try:
        found = CHECK.run(context(access(mariadb)), ForeignKeyEnforcementOptions())
    finally:
        mariadb.execute("SET GLOBAL foreign_key_checks = 1")
    assert found.outcome is Outcome.FAILED
    assert "foreign_key_checks is 0" in found.summary
