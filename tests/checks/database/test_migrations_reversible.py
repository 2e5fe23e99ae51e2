from pathlib import Path

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.migrations_reversible import CHECK
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from tests.checks.database.build import access, context
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

COLUMN = ("op.add_column('t_a', sa.Column('x', sa.Integer))", "op.drop_column('t_a', 'x')")


@pytest.fixture
def project(tmp_path: Path, sqlite: File) -> Project:
    made = Project(tmp_path, sqlite)
    made.table("a", None)
    return made


def test_a_step_that_comes_back_to_the_same_schema_passes(project: Project) -> None:
    project.revision("b", "a", *COLUMN)
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary == "2 revisions down and up again, the schema the same"


def test_an_empty_downgrade_is_a_finding_with_what_it_leaves(project: Project) -> None:
    project.revision("b", "a", COLUMN[0])
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert "revision b has no way back" in result.summary
    assert "additional: column t_a.x INTEGER" in result.details


def test_every_broken_way_back_is_told_also_behind_the_first(project: Project) -> None:
    project.revision("b", "a", COLUMN[0])
    project.revision(
        "c", "b", "op.create_table('u', sa.Column('id', sa.Integer))", "raise KeyError"
    )
    project.table("d", "c")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert "and 1 more" in result.summary
    assert "c: KeyError" in result.details
    assert "\nd:" not in result.details


def test_a_downgrade_that_restores_another_definition_is_a_finding(project: Project) -> None:
    project.revision(
        "b",
        "a",
        "op.create_index('ix', 't_a', ['id'])",
        "op.drop_index('ix')\nop.create_index('ix2', 't_a', ['id'])",
    )
    result = project.check(CHECK)
    assert "additional: index t_a.ix2" in result.details


def test_what_is_declared_irreversible_is_not_tried(project: Project) -> None:
    project.revision("b", "a", COLUMN[0], "raise NotImplementedError")
    result = project.check(CHECK, irreversible={"b": "nobody needs it"})
    assert result.outcome is Outcome.PASSED
    assert result.summary.endswith("; 1 declared irreversible")


def test_a_name_that_is_no_revision_is_an_error(project: Project) -> None:
    with pytest.raises(ConfigurationError, match="zzz, which is no revision"):
        project.check(CHECK, irreversible={"zzz": "?"}, revisions="all")


def test_only_new_revisions_are_tried(project: Project) -> None:
    project.revision("b", "a", COLUMN[0])
    project.is_the_base()
    project.table("c", "b")
    result = project.check(CHECK)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 revision down and up again, the schema the same",
    )
    assert project.check(CHECK, revisions="all").outcome is Outcome.FAILED


def test_a_pull_request_without_revisions_has_nothing_to_try(project: Project) -> None:
    project.is_the_base()
    result = project.check(CHECK)
    assert result.outcome is Outcome.SKIPPED
    assert "adds no revision" in result.summary


def test_a_way_back_that_loses_rows_is_schema_only(project: Project, sqlite: File) -> None:
    project.is_the_base()
    sqlite.execute(
        "CREATE TABLE t_a (id INTEGER NOT NULL, PRIMARY KEY (id)); INSERT INTO t_a VALUES (1), (2);"
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);"
        "INSERT INTO alembic_version VALUES ('a')"
    )
    project.before = sqlite.url
    project.revision("b", "a", "op.execute('DELETE FROM t_a WHERE id = 2')")
    assert project.check(CHECK).outcome is Outcome.PASSED
    result = project.check(CHECK, lossless=True)
    assert result.outcome is Outcome.FAILED
    assert "other rows in t_a" in result.summary
    assert sqlite.value("SELECT count(*) FROM t_a") == 2


def test_an_upgrade_that_fails_cannot_be_judged(project: Project) -> None:
    project.revision("b", "a", "op.execute('INSERT INTO nowhere VALUES (1)')")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "revision b fails" in result.summary


def test_a_connection_to_another_database_is_refused(project: Project, tmp_path: Path) -> None:
    project.write(
        "migrations/env.py",
        (project.folder / "migrations/env.py")
        .read_text()
        .replace(
            "with connectable",
            f"sa.create_engine('sqlite:///{tmp_path}/o.db').connect()\nwith connectable",
        ),
    )
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "env.py opens o.db" in result.summary
    assert not (tmp_path / "o.db").exists()


def test_a_connection_by_a_creator_is_refused(project: Project, sqlite: File) -> None:
    env = project.folder / "migrations/env.py"
    creator = f"creator=lambda: __import__('sqlite3').connect({str(sqlite.path)!r}), poolclass"
    env.write_text(env.read_text().replace("poolclass", creator))
    result = project.check(CHECK)
    assert result.outcome is Outcome.ERROR
    assert result.summary == (
        f"migrations/env.py:7 opens {sqlite.path.name} without SQLAlchemy: it cannot be sent to "
        "the copy"
    )
    assert sqlite.value("SELECT count(*) FROM sqlite_master") == 0


def test_nothing_is_left_beside_the_file_and_the_file_is_untouched(
    project: Project, sqlite: File
) -> None:
    project.revision("b", "a", "import os\nos._exit(1)")
    before = sorted(path.name for path in sqlite.path.parent.iterdir())
    assert project.check(CHECK).outcome is Outcome.ERROR
    assert sorted(path.name for path in sqlite.path.parent.iterdir()) == before
    assert sqlite.value("SELECT count(*) FROM sqlite_master") == 0


def test_a_migration_that_hangs_is_inconclusive(project: Project) -> None:
    project.revision("b", "a", "import time\ntime.sleep(60)")
    project.timeout = 3.0
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "did not end in" in result.summary


def test_somebody_elses_database_is_not_copied() -> None:
    with pytest.raises(ConfigurationError, match="no migrations"):
        CHECK.run(context(access()), CHECK.options())


def drifting(project: Project) -> None:
    project.table("a", None)
    project.table("b", "a", ", sa.Column('a_id', sa.Integer, sa.ForeignKey('t_a.id', name='fk'))")
    project.revision(
        "c",
        "b",
        "op.drop_constraint('fk', 't_b', type_='foreignkey')\n"
        "op.create_foreign_key('fk', 't_b', 't_a', ['a_id'], ['id'], ondelete='CASCADE')",
        "op.drop_constraint('fk', 't_b', type_='foreignkey')\n"
        "op.create_foreign_key('fk', 't_b', 't_a', ['a_id'], ['id'], ondelete='SET NULL')",
    )


def judged(project: Project) -> None:
    drifting(project)
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert "revision c has no way back" in result.summary
    assert "ON DELETE SET NULL" in result.details
    result = project.check(CHECK, irreversible={"c": "it stays"})
    assert result.outcome is Outcome.PASSED, result


@pytest.mark.docker
def test_postgresql_compares_definitions_on_a_scratch_database(
    tmp_path: Path, postgres: Database
) -> None:
    judged(Project(tmp_path, postgres))
    left = postgres.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'readiness_gate%'")
    assert left == 0
    assert postgres.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.docker
def test_mariadb_compares_definitions_on_a_scratch_database(
    tmp_path: Path, mariadb: MariaDatabase
) -> None:
    judged(Project(tmp_path, mariadb))
    left = mariadb.value(
        "SELECT count(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'readiness_gate%'"
    )
    assert left == 0


def test_of_a_history_for_each_dialect_only_the_own_one_counts(project: Project) -> None:
    versions = project.folder / "migrations/versions"
    for dialect in ("sqlite", "postgresql"):
        (versions / dialect).mkdir()
    (versions / "a_.py").rename(versions / "sqlite/a_.py")
    text = (versions / "sqlite/a_.py").read_text()
    (versions / "postgresql/p_.py").write_text(text.replace("'a'", "'p'"))
    env = project.folder / "migrations/env.py"
    chosen = f"context.script.version_locations = [{str(versions / 'sqlite')!r}]\n"
    env.write_text(env.read_text().replace("with connectable", f"{chosen}with connectable"))
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary.startswith("1 revision down and up again")


def test_nothing_is_lossless_without_rows(project: Project) -> None:
    result = project.check(CHECK, lossless=True)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    with pytest.raises(ValidationError, match="an empty database has no rows"):
        CHECK.options(lossless=True, revisions="all")
