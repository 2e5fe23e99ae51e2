"""A plan becomes a revision that Alembic runs: no orphan is left, and a downgrade undoes it all."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.cleanup.action import decide
from readiness_gate.database.cleanup.backup import has_every_parent
from readiness_gate.database.cleanup.plan import Step, steps
from readiness_gate.database.cleanup.revision import identifier, text
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans import audit
from readiness_gate.database.policy import Rule
from readiness_gate.database.structure import tables
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations import history
from tests.database.cleanup.alembic_here import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

Server = File | Database | MariaDatabase
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, note VARCHAR(20), up INTEGER,
    FOREIGN KEY (user_id) REFERENCES users (id), FOREIGN KEY (up) REFERENCES visits (id));
CREATE TABLE files (id INTEGER PRIMARY KEY, visit_id INTEGER, name VARCHAR(20),
    FOREIGN KEY (visit_id) REFERENCES visits (id) ON DELETE SET NULL);
CREATE TABLE payments (id INTEGER PRIMARY KEY, visit_id INTEGER NOT NULL,
    FOREIGN KEY (visit_id) REFERENCES visits (id));
CREATE TABLE refunds (id INTEGER PRIMARY KEY, payment_id INTEGER NOT NULL,
    FOREIGN KEY (payment_id) REFERENCES payments (id) ON DELETE CASCADE);
"""
ROWS = """
INSERT INTO users VALUES (1);
INSERT INTO sessions VALUES (1, 1), (2, 7), (3, 8);
INSERT INTO visits VALUES (1, 1, 'kept', NULL), (2, 9, 'it''s 100%', NULL), (3, 1, 'up', 2);
INSERT INTO files VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 77, 'c');
INSERT INTO payments VALUES (1, 1), (2, 2);
INSERT INTO refunds VALUES (1, 1), (2, 2), (3, 99);
"""
RULES = (
    Rule(("sessions",), frozenset({"CASCADE"})),
    Rule(("files",), frozenset({"SET NULL"})),
    Rule(("visits", "payments"), frozenset({"RESTRICT"}), ("user_id", "visit_id")),
)
UNCHECKED: dict[type, str] = {
    File: "",
    Database: "SET session_replication_role = replica;",
    MariaDatabase: "SET SESSION foreign_key_checks = 0;",
}
CONTENT = ("users", "sessions", "visits", "files", "payments", "refunds")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.docker),
        pytest.param("mariadb", marks=pytest.mark.docker),
    ]
)
def database(request: pytest.FixtureRequest) -> Server:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Server)
    made.execute(SCHEMA)
    made.execute(UNCHECKED[type(made)] + ROWS)
    return made


def content(database: Server) -> dict[str, list[tuple[object, ...]]]:
    with reading(database.url) as session:
        where = "public." if session.dialect == "postgresql" else ""
        return {name: session.rows(f"SELECT * FROM {where}{name} ORDER BY id") for name in CONTENT}


def orphans(database: Server) -> int:
    with reading(database.url) as session:
        return audit(session, foreign_keys(session)).rows


def planned(database: Server, rules: Sequence[Rule] = RULES) -> tuple[Step, ...]:
    with reading(database.url) as session:
        keys = foreign_keys(session)
        decided = {key.label: decide(key, rules) for key in keys}
        return steps(audit(session, keys).found, keys, tables(session), decided)


def project(database: Server, folder: Path, made: Sequence[Step]) -> Project:
    found = Project(folder / "alembic", database.url)
    (found.versions / "clean_up.py").write_text(text(made, ["first"]), "utf-8")
    return found


def test_no_orphan_is_left_and_a_downgrade_brings_every_row_back(
    database: Server, tmp_path: Path
) -> None:
    before = content(database)
    assert orphans(database) == 5
    here = project(database, tmp_path, planned(database))
    here.upgrade()
    assert orphans(database) == 0
    after = content(database)
    assert [row[0] for row in after["sessions"]] == [1]
    assert [tuple(row) for row in after["visits"]] == [(1, 1, "kept", None), (3, 1, "up", None)]
    assert [tuple(row) for row in after["files"]] == [(1, 1, "a"), (2, None, "b"), (3, None, "c")]
    assert [row[0] for row in after["payments"]] == [1]
    assert [row[0] for row in after["refunds"]] == [1]
    here.downgrade()
    assert content(database) == before
    assert orphans(database) == 5
    with reading(database.url) as session:
        assert not [table for table in tables(session) if table.name.startswith("_orphans")]


def test_what_refers_to_rows_that_leave_goes_first(database: Server) -> None:
    order = [(step.key.label, step.decision.action.value) for step in planned(database)]
    mine = order.index(("visits(user_id) → users(id)", "quarantine"))
    below = [label for label, _ in order[:mine]]
    assert "files(visit_id) → visits(id)" in below
    assert below.index("refunds(payment_id) → payments(id)") < below.index(
        "payments(visit_id) → visits(id)"
    )


def test_enforced_keys_are_not_in_the_way(sqlite: File, tmp_path: Path) -> None:
    sqlite.execute(SCHEMA + ROWS)
    here = project(sqlite, tmp_path, planned(sqlite))
    env = (tmp_path / "alembic" / "env.py").read_text("utf-8")
    switched_on = (
        "from sqlalchemy import event\n"
        "event.listen(engine, 'connect', lambda c, _: c.execute('PRAGMA foreign_keys = ON'))\n"
        "with engine.connect()"
    )
    (tmp_path / "alembic" / "env.py").write_text(
        env.replace("with engine.connect()", switched_on), "utf-8"
    )
    here.upgrade()
    assert orphans(sqlite) == 0
    with pytest.raises(RuntimeError, match="turn PRAGMA foreign_keys off"):
        here.downgrade()


def test_parents_come_back_out_of_a_backup(sqlite: File, tmp_path: Path) -> None:
    sqlite.execute(SCHEMA + ROWS)
    saved = File(tmp_path / "backup.db")
    saved.execute(SCHEMA + "INSERT INTO users VALUES (1), (9)")
    rule = [Rule(("*",), frozenset({"RESTRICT"}))]
    with reading(sqlite.url) as session, reading(saved.url) as backup:
        keys = foreign_keys(session)
        decided = {
            key.label: decide(key, rule, in_backup=has_every_parent(session, backup, key))
            for key in keys
        }
        made = steps(audit(session, keys).found, keys, tables(session), decided)
    actions = {step.key.label: step.decision.action.value for step in made if step.rows}
    assert actions["visits(user_id) → users(id)"] == "restore"
    assert actions["sessions(user_id) → users(id)"] == "quarantine"
    here = project(sqlite, tmp_path, made)
    with pytest.raises(RuntimeError, match="set BACKUP_URL"):
        here.upgrade()
    (written,) = here.versions.glob("clean_up.py")
    source = written.read_text("utf-8")
    given = source.replace('os.environ.get("BACKUP_URL", "")', repr(f"sqlite:///{saved.path}"))
    written.write_text(given, "utf-8")
    here.upgrade()
    assert orphans(sqlite) == 0
    assert sqlite.value("SELECT count(*) FROM users WHERE id = 9") == 1
    assert sqlite.value("SELECT count(*) FROM visits WHERE id = 2") == 1


def test_names_that_need_quotes(database: Server, tmp_path: Path) -> None:
    database.execute(
        'CREATE TABLE "we""ird c.ü%" ("Id c." INTEGER PRIMARY KEY, "user id" INTEGER NOT NULL,'
        ' FOREIGN KEY ("user id") REFERENCES users (id))'
    )
    database.execute(
        UNCHECKED[type(database)] + 'INSERT INTO "we""ird c.ü%" VALUES (1, 1), (2, 55)'
    )
    here = project(database, tmp_path, planned(database))
    here.upgrade()
    assert orphans(database) == 0
    here.downgrade()
    assert orphans(database) == 6


def test_the_revision_is_python_that_the_gate_reads_as_a_clean_up(sqlite: File) -> None:
    sqlite.execute(SCHEMA + ROWS)
    made = planned(sqlite)
    source = text(made, ["a1", "b2"])
    ast.parse(source)
    (found,) = history.read({"versions/x.py": source.encode()}).revisions
    assert (found.revision, found.down_revision) == (identifier(made, ["a1", "b2"]), ("a1", "b2"))
    assert found.cleans_up
    assert re.search(r"5 rows under 4 foreign keys", source)


def test_the_same_plan_has_the_same_id(sqlite: File) -> None:
    sqlite.execute(SCHEMA + ROWS)
    one, other = planned(sqlite), planned(sqlite)
    assert identifier(one, ["a"]) == identifier(other, ["a"])
    assert identifier(one, ["a"]) != identifier(one, ["b"])


def test_a_row_s_own_number_tells_it_apart(sqlite: File) -> None:
    sqlite.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE VIEW v AS SELECT 1; CREATE TABLE c (p_id INTEGER NOT NULL REFERENCES p (id))"
    )
    sqlite.execute("INSERT INTO c VALUES (3)")
    (step,) = planned(sqlite)
    assert step.key.primary_key == ("rowid",)


@pytest.mark.docker
def test_a_table_whose_rows_cannot_be_told_apart_is_refused(postgres: Database) -> None:
    postgres.execute("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int NOT NULL)")
    postgres.execute("INSERT INTO c VALUES (3)")
    postgres.execute("ALTER TABLE c ADD FOREIGN KEY (p_id) REFERENCES p NOT VALID")
    with pytest.raises(ConfigurationError, match="c has no primary key"):
        planned(postgres)
