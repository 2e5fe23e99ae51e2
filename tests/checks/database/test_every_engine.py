"""Each check on each engine where it applies: it passes, it fails, and it cannot tell.

What a check says there in detail stands in its own tests; here no cell of the table is empty.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks import CHECKS
from readiness_gate.checks.database import (
    backup_restore,
    foreign_key_enforcement,
    foreign_key_index,
    foreign_key_policy,
    migrations_data_safety,
    migrations_drift,
    migrations_lint,
    migrations_reversible,
    orphaned_rows,
    query_plan,
    schema,
    sql,
)
from readiness_gate.errors import DatabaseError
from readiness_gate.model.outcome import Family, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database import (
    test_backup_restore,
    test_connection_pool,
    test_foreign_key_enforcement,
    test_migrations_applied,
    test_migrations_data_safety,
)
from tests.checks.database.build import access, context
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database, Server
from tests.database.sqlite import File

Engine = File | Database | MariaDatabase
Made = Callable[[Engine, Path], CheckResult]
AWAY = "-- the database is not there"
SQLITE, POSTGRESQL, OLDER, MARIADB = "sqlite", "postgres", "older", "mariadb"
ENGINES = (SQLITE, POSTGRESQL, OLDER, MARIADB)
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, at INTEGER,
    CONSTRAINT visits_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX visits_by ON visits (user_id);
INSERT INTO users VALUES (1);
INSERT INTO visits VALUES (1, 1, 1), (2, 1, 2);
"""
UNCHECKED = {
    Database: "SET session_replication_role = replica;",
    MariaDatabase: "SET SESSION foreign_key_checks = 0;",
    File: "",
}
VISITS = "sa.Table('t_a', metadata, sa.Column('id', sa.Integer, primary_key=True){more})"


@dataclass(frozen=True)
class Row:
    """What a check has to say of three databases, on these engines."""

    passes: Made
    fails: Made
    cannot_tell: Made
    engines: tuple[str, ...] = ENGINES
    never_fails: tuple[str, ...] = ()
    """Engines that see to it themselves."""


def asked(module: Any, *, ruin: str = "", gone: bool = False, **options: Any) -> Made:
    """The check of a module on the schema above, after a statement, or on no database at all."""

    def made(database: Engine, folder: Path) -> CheckResult:
        database.execute(SCHEMA + ruin)
        if isinstance(database, Database):
            database.execute("ANALYZE")
        url = absent(database) if gone else database.url
        given = context(replace(access(database), url=url))
        return told(
            module.CHECK.run, given, module.CHECK.options.model_validate(options, by_name=True)
        )

    return made


def absent(database: Engine) -> str:
    """The address of a database that is not there."""
    if isinstance(database, File):
        database.path.unlink()
        return database.url
    return database.url + "x"


def told(run: Callable[..., CheckResult], *arguments: Any) -> CheckResult:
    """What the reader gets: a database that cannot be read is an error of the check."""
    try:
        return run(*arguments)
    except DatabaseError as error:
        return CheckResult(outcome=Outcome.ERROR, summary=error.message)


def history(module: Any, prepare: Callable[[Project], None], **options: Any) -> Made:
    """The check of a module on a project whose database is empty."""

    def made(database: Engine, folder: Path) -> CheckResult:
        project = Project(folder, database)
        project.table("a", None)
        project.is_the_base()
        prepare(project)
        return project.check(module.CHECK, **options)

    return made


def seeded(prepare: Callable[[Project], None], *, rows: bool = True) -> Made:
    """`migrations-data-safety` on a copy with rows."""

    def made(database: Engine, folder: Path) -> CheckResult:
        project = test_migrations_data_safety.filled(folder, database)
        if not rows:
            database.execute("DELETE FROM child; DELETE FROM parent")
        prepare(project)
        return project.check(migrations_data_safety.CHECK)

    return made


def built(prepare: Callable[[Project], None]) -> Made:
    """`migrations-applied` from an empty database."""

    def made(database: Engine, folder: Path) -> CheckResult:
        project = Project(folder, database)
        project.table("a", None)
        project.table("b", "a")
        prepare(project)
        return test_migrations_applied.from_empty(project)

    return made


def step(text: str, back: str = "pass") -> Callable[[Project], None]:
    return lambda project: project.revision("b", "a", text, back)


def models(more: str = "") -> Callable[[Project], None]:
    return lambda project: project.environment(models=VISITS.format(more=more))


def orphaned(module: Any) -> Made:
    def made(database: Engine, folder: Path) -> CheckResult:
        ruin = f"{UNCHECKED[type(database)]} INSERT INTO visits VALUES (9, 77, 1)"
        return asked(module, ruin=ruin)(database, folder)

    return made


def enforced(ruin: dict[type, str], code: str) -> Made:
    """`foreign-key-enforcement`, on SQLite through the application's own engine."""

    def made(database: Engine, folder: Path) -> CheckResult:
        if isinstance(database, File):
            database.execute(test_foreign_key_enforcement.SCHEMA)
            return test_foreign_key_enforcement.on_sqlite(database, code)
        statement = ruin.get(type(database), "")
        database.execute(test_foreign_key_enforcement.KEPT + statement.replace(AWAY, ""))
        url = absent(database) if statement == AWAY else database.url
        check = foreign_key_enforcement
        options = check.ForeignKeyEnforcementOptions()
        return told(check.CHECK.run, context(replace(access(database), url=url)), options)

    return made


def restored(*, ruined: bool = False, rows: bool = True) -> Made:
    def made(database: Engine, folder: Path) -> CheckResult:
        database.execute(SCHEMA + ("" if rows else "DELETE FROM visits; DELETE FROM users"))
        if ruined:
            database.execute(f"{UNCHECKED[type(database)]} INSERT INTO visits VALUES (9, 77, 1)")
        if isinstance(database, File):
            given = replace(context(access(database)), scratch=str(folder))
            return told(backup_restore.CHECK.run, given, backup_restore.BackupRestoreOptions())
        return test_backup_restore.run(database)

    return made


def pooled(pool: str, **engine: Any) -> Made:
    def made(database: Engine, folder: Path) -> CheckResult:
        named = {**test_connection_pool.ENGINE, **engine}
        return test_connection_pool.judged(database, folder, pool, named)

    return made


GONE = {Database: AWAY, MariaDatabase: AWAY}
LISTENER = test_foreign_key_enforcement.ENGINE + test_foreign_key_enforcement.LISTENER
FAILING = step("raise KeyError('x')")
ADDED = "op.add_column('t_a', sa.Column('x', sa.Integer))"
TABLE: dict[str, Row] = {
    "migrations-applied": Row(
        built(lambda project: None),
        built(step("op.execute('INSERT INTO by_hand VALUES (1)')")),
        built(step("import sqlite3\nsqlite3.connect('elsewhere.db')")),
    ),
    "migrations-drift": Row(
        history(migrations_drift, models()),
        history(migrations_drift, models(", sa.Column('x', sa.Integer)")),
        history(migrations_drift, FAILING),
    ),
    "migrations-reversible": Row(
        history(
            migrations_reversible,
            step(ADDED, "with op.batch_alter_table('t_a') as batch:\n    batch.drop_column('x')"),
        ),
        history(migrations_reversible, step(ADDED)),
        history(migrations_reversible, FAILING),
    ),
    "migrations-lint": Row(
        history(migrations_lint, step("op.create_table('n', sa.Column('id', sa.Integer))")),
        history(migrations_lint, step("op.drop_table('t_a')")),
        history(migrations_lint, FAILING),
    ),
    "migrations-data-safety": Row(
        seeded(step("op.add_column('parent', sa.Column('x', sa.Integer))")),
        seeded(step("op.execute('DELETE FROM child WHERE id = 10')")),
        seeded(step("op.execute('SELECT 1')"), rows=False),
    ),
    "foreign-key-enforcement": Row(
        enforced({}, LISTENER),
        enforced(
            {
                Database: "ALTER TABLE c DISABLE TRIGGER ALL",
                MariaDatabase: "CREATE TABLE n (id int, p_id int REFERENCES p (id)) ENGINE=MyISAM",
            },
            test_foreign_key_enforcement.ENGINE,
        ),
        enforced(GONE, "engine = 1"),
    ),
    "foreign-key-policy": Row(
        asked(foreign_key_policy, rules=({"tables": ("visits",), "on-delete": ("CASCADE",)},)),
        asked(foreign_key_policy, rules=({"tables": ("visits",), "on-delete": ("RESTRICT",)},)),
        asked(
            foreign_key_policy,
            gone=True,
            rules=({"tables": ("visits",), "on-delete": ("CASCADE",)},),
        ),
    ),
    "foreign-key-index": Row(
        asked(foreign_key_index),
        asked(foreign_key_index, ruin="DROP INDEX visits_by"),
        asked(foreign_key_index, gone=True),
        never_fails=(MARIADB,),
    ),
    "orphaned-rows": Row(
        asked(orphaned_rows), orphaned(orphaned_rows), asked(orphaned_rows, gone=True)
    ),
    "schema": Row(
        asked(schema, tables=2),
        asked(schema, tables=3),
        asked(schema, gone=True, tables=2),
    ),
    "query-plan": Row(
        asked(query_plan, statements=("SELECT * FROM visits WHERE id = 1",)),
        asked(
            query_plan,
            statements=("SELECT * FROM visits WHERE at > 0",),
            rows_above=1,
        ),
        asked(query_plan, statements=("SELECT nothing FROM visits",)),
    ),
    "sql": Row(
        asked(sql, query="SELECT count(*) FROM visits", value=2),
        asked(sql, query="SELECT count(*) FROM visits", value=3),
        asked(sql, query="SELECT nothing FROM visits", value=2),
    ),
    "backup-restore": Row(restored(), restored(ruined=True), restored(rows=False)),
    "connection-pool": Row(
        pooled(test_connection_pool.SOUND),
        pooled(test_connection_pool.SOUND, workers=500),
        pooled(test_connection_pool.SOUND, engine="shop_db:none"),
        engines=(POSTGRESQL, OLDER, MARIADB),
    ),
}
NO_ENGINE = {"migrations-heads", "backup-recency"}
"""Checks that read files alone."""


def cells() -> Iterator[Any]:
    for name, row in TABLE.items():
        for engine in row.engines:
            marks = [] if engine == SQLITE else [pytest.mark.docker]
            for word in ("passes", "fails", "cannot_tell"):
                if word != "fails" or engine not in row.never_fails:
                    yield pytest.param(
                        engine, getattr(row, word), word, marks=marks, id=f"{name}-{engine}-{word}"
                    )


@pytest.fixture(scope="module")
def older_server() -> Iterator[Server]:
    server = Server(image="postgres:15")
    yield server
    server.container.remove(force=True)


@pytest.fixture
def older(older_server: Server) -> Iterator[Database]:
    database = Database(older_server)
    yield database
    database.drop()


@pytest.mark.parametrize(("engine", "made", "word"), list(cells()))
def test_a_cell_of_the_table(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, made: Made, word: str
) -> None:
    database = request.getfixturevalue(engine)
    found = made(database, tmp_path)
    wanted = {"passes": Outcome.PASSED, "fails": Outcome.FAILED, "cannot_tell": Outcome.ERROR}
    assert found.outcome is wanted[word], found
    assert found.summary


def test_every_check_has_its_row() -> None:
    family = {one.id for one in CHECKS.values() if one.family is Family.DATABASE}
    assert set(TABLE) | NO_ENGINE == family
