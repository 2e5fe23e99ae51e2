from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.migrations_lint import CHECK
from readiness_gate.checks.runs import migrations_lint
from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.migrations import squawk
from readiness_gate.migrations.walk import Rehearsed, Statement, Step
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File


@pytest.fixture
def project(tmp_path: Path, sqlite: File) -> Project:
    made = Project(tmp_path, sqlite)
    made.table("a", None)
    made.is_the_base()
    return made


def test_a_new_table_with_its_index_hurts_nobody(project: Project) -> None:
    project.table("b", "a", ", sa.Column('x', sa.Integer, index=True)")
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert "hurt no table in use" in result.summary


def test_the_statements_that_ran_are_shown_without_alembics_own(project: Project) -> None:
    project.revision(
        "b",
        "a",
        "op.get_bind().execute(sa.text('UPDATE t_a SET id = :p WHERE 1 = 0'), {'p': 4711})",
    )
    result = project.check(CHECK)
    text = next(each.text for each in result.evidence if isinstance(each, TextEvidence))
    assert text.startswith("-- revision b\nUPDATE t_a SET id = ?")
    assert "4711" not in text
    assert "alembic_version" not in text


def test_a_dropped_table_in_use_is_a_finding_and_can_be_ignored(project: Project) -> None:
    project.revision("b", "a", "op.drop_table('t_a')")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert "revision b: drop-table on t_a" in result.summary
    result = project.check(CHECK, ignore={"drop-table": "nobody reads it any more"})
    assert result.outcome is Outcome.PASSED
    assert result.summary.endswith("; 1 ignored")


def test_what_the_pull_request_made_itself_it_may_drop(project: Project) -> None:
    project.table("b", "a")
    project.revision("c", "b", "op.drop_table('t_b')")
    assert project.check(CHECK).outcome is Outcome.PASSED
    assert "drop-table on t_b" in project.check(CHECK, revisions="all").summary


def test_a_batch_of_sqlite_is_no_drop(project: Project) -> None:
    project.revision(
        "b",
        "a",
        "with op.batch_alter_table('t_a', recreate='always') as batch:\n"
        "    batch.add_column(sa.Column('x', sa.Integer))",
    )
    assert project.check(CHECK).outcome is Outcome.PASSED


def test_a_new_key_needs_ondelete(project: Project) -> None:
    key = ", sa.Column('a_id', sa.Integer, sa.ForeignKey('t_a.id'{how}))"
    project.table("b", "a", key.format(how=""))
    result = project.check(CHECK)
    assert "foreign-key-without-ondelete on t_b" in result.summary
    project.table("b", "a", key.format(how=", ondelete='RESTRICT'"))
    assert project.check(CHECK).outcome is Outcome.PASSED
    project.table("b", "a", key.format(how=", ondelete='NO ACTION'"))
    assert project.check(CHECK).outcome is Outcome.PASSED


LARGE = (
    "op.create_table('large', *(sa.Column(f'c{{n}}', sa.Integer) for n in range(60)), "
    "sa.Column('id', sa.Integer, primary_key=True), sa.Column('p', sa.Integer, {key}))"
)


def test_a_new_key_of_a_large_table_needs_ondelete_too(project: Project) -> None:
    project.revision("b", "a", LARGE.format(key="sa.ForeignKey('t_a.id')"))
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert "foreign-key-without-ondelete on large" in result.summary


def test_a_large_table_of_an_earlier_revision_is_in_use(project: Project) -> None:
    project.revision("b", "a", LARGE.format(key="nullable=True"))
    project.revision("c", "b", "op.drop_table('large')")
    summary = project.check(CHECK, revisions="all").summary
    assert "revision c: drop-table on large" in summary


@pytest.mark.docker
def test_a_key_that_keeps_its_name_and_loses_its_ondelete_is_new(
    tmp_path: Path, postgres: Database
) -> None:
    project = Project(tmp_path, postgres)
    key = "sa.ForeignKey('t_a.id', name='{}', ondelete='CASCADE')"
    name = "a_name_as_long_as_they_come_with_a_convention_of_all_its_parts"
    project.table("a", None)
    project.table("b", "a", f", sa.Column('p', sa.Integer, {key.format(name)})")
    project.is_the_base()
    project.revision(
        "c",
        "b",
        f"op.drop_constraint('{name}', 't_b')\n"
        f"op.create_foreign_key('{name}', 't_b', 't_a', ['p'], ['id'])",
    )
    result = project.check(CHECK, ignore={"squawk/ban-drop-constraint": "x"})
    assert "c: foreign-key-without-ondelete: FOREIGN KEY (p)" in result.details


def test_a_key_that_a_batch_only_copies_is_not_new(project: Project) -> None:
    project.table("b", "a", ", sa.Column('a_id', sa.Integer, sa.ForeignKey('t_a.id'))")
    project.is_the_base()
    project.revision(
        "c",
        "b",
        "with op.batch_alter_table('t_b', recreate='always') as batch:\n"
        "    batch.add_column(sa.Column('x', sa.Integer))",
    )
    assert project.check(CHECK).outcome is Outcome.PASSED


def test_a_rule_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="no-such is no rule"):
        CHECK.options(ignore={"no-such": "?"})


@pytest.mark.parametrize("name", ["squawk/", "squawk/DROP", "other/ban-drop-table", "ban-drop-x"])
def test_a_rule_of_squawk_has_its_prefix(name: str) -> None:
    CHECK.options(ignore={"squawk/ban-drop-type": "nobody has it"}, also=("prefer-identity",))
    with pytest.raises(ValidationError, match="is no rule"):
        CHECK.options(ignore={name: "?"})
    with pytest.raises(ValidationError, match="is no rule of squawk that holds where asked for"):
        CHECK.options(also=(name,))


MANY = "for n in range(4_000):\n    op.execute(f'SELECT {n} AS " + "x" * 50 + "')\n"


def test_of_many_and_long_statements_the_end_counts_too(project: Project) -> None:
    project.revision("b", "a", f"{MANY}op.drop_table('t_a')")
    assert "drop-table on t_a" in project.check(CHECK).summary
    long = "WITH x AS (SELECT '" + "x" * 5_000 + "') DELETE FROM t_a"
    project.revision("b", "a", f"op.execute({long!r})")
    assert "all-rows on t_a" in project.check(CHECK).summary


def test_more_statements_than_are_kept_are_not_passed(project: Project) -> None:
    few = "import __main__\n__main__.STATEMENTS_CAP = 20_000\n"
    project.revision("b", "a", f"{few}{MANY}")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE), result
    assert result.summary == "revision b: it runs more statements than are kept"
    project.revision("b", "a", few + MANY.replace("{n}", "1"))
    assert project.check(CHECK).outcome is Outcome.PASSED


def test_a_revision_that_fails_cannot_be_judged(project: Project) -> None:
    project.revision("b", "a", "raise KeyError('x')")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.docker
def test_postgresql_locks_on_tables_with_rows_are_observed(
    tmp_path: Path, postgres: Database
) -> None:
    project = Project(tmp_path, postgres)
    project.revision("a", None, "pass")
    project.is_the_base()
    postgres.execute(
        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2); "
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); "
        "INSERT INTO alembic_version VALUES ('a')"
    )
    project.before = postgres.url
    project.revision(
        "b",
        "a",
        "op.add_column('t', sa.Column('x', sa.Integer))\nop.execute('SELECT pg_sleep(1.2)')",
    )
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert "lock-held on t: AccessExclusiveLock on 2 rows while its statements took" in (
        result.summary
    )
    assert project.check(CHECK, longest_lock=30.0).outcome is Outcome.PASSED
    project.revision("b", "a", "op.create_index('ix', 't', ['id'])")
    assert "index-not-concurrent on t" in project.check(CHECK).summary
    project.revision(
        "b",
        "a",
        "with op.get_context().autocommit_block():\n"
        "    op.create_index('ix', 't', ['id'], postgresql_concurrently=True)",
    )
    assert project.check(CHECK).outcome is Outcome.PASSED


@pytest.mark.docker
def test_what_runs_on_postgresql_goes_through_squawk(tmp_path: Path, postgres: Database) -> None:
    project = Project(tmp_path, postgres)
    project.table("a", None, ", sa.Column('x', sa.Integer, nullable=False)")
    project.is_the_base()
    project.revision("b", "a", "op.alter_column('t_a', 'x', nullable=True)")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert "revision b: squawk/ban-drop-not-null on t_a" in result.summary
    result = project.check(CHECK, ignore={"squawk/ban-drop-not-null": "readers know NULL"})
    assert result.outcome is Outcome.PASSED, result
    project.revision("b", "a", "op.add_column('t_a', sa.Column('y', sa.Integer))")
    assert project.check(CHECK).outcome is Outcome.PASSED
    result = project.check(CHECK, also=["require-lock-timeout"])
    assert "squawk/require-lock-timeout on t_a" in result.summary
    project.revision(
        "b", "a", "op.get_bind().execute(sa.text('UPDATE t_a SET x = :x WHERE id = :i'), "
        "{'x': 1, 'i': 2})"
    )  # fmt: skip
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert not [each for each in result.evidence if "alone" in getattr(each, "title", "")]


@pytest.mark.docker
def test_an_index_of_a_new_table_is_dropped_unhurt(tmp_path: Path, postgres: Database) -> None:
    project = Project(tmp_path, postgres)
    project.table("a", None, ", sa.Column('x', sa.Integer, index=True)")
    project.is_the_base()
    project.table("b", "a", ", sa.Column('y', sa.Integer, index=True)")
    project.revision("c", "b", "op.drop_index('ix_t_b_y')\nop.execute('DROP INDEX ix_t_b_y2')")
    project.write(
        "migrations/versions/b_.py",
        (project.folder / "migrations/versions/b_.py")
        .read_text()
        .replace(
            "\ndef downgrade", "\n    op.create_index('ix_t_b_y2', 't_b', ['y'])\ndef downgrade"
        ),
    )
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    project.revision("d", "c", "op.drop_index('ix_t_a_x')")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED, result
    assert "revision d: squawk/require-concurrent-index-deletion on t_a:" in result.summary
    assert "(and" not in result.summary
    # In a whole history each table is in use once it is there.
    summary = project.check(CHECK, revisions="all").summary
    assert "revision c: squawk/require-concurrent-index-deletion on t_b:" in summary


@pytest.mark.docker
def test_a_block_that_runs_a_text_of_its_own_making_is_not_passed(
    tmp_path: Path, postgres: Database
) -> None:
    project = Project(tmp_path, postgres)
    project.table("a", None, ", sa.Column('x', sa.Integer)")
    project.is_the_base()
    block = "DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP COLUMN x', 't_a'); END $$"
    project.revision("b", "a", f'op.get_bind().exec_driver_sql("{block.replace("%", "%%")}")')
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE), result
    assert result.summary == (
        "revision b: what it runs is put together as it runs: EXECUTE format('', '')"
    )
    result = project.check(CHECK, ignore={"unread-statement": "looked at by two people"})
    assert result.outcome is Outcome.PASSED, result
    assert result.summary.endswith("; 1 ignored")


@pytest.mark.docker
def test_a_gate_without_squawk_cannot_tell(tmp_path: Path, postgres: Database) -> None:
    class Bare(HostPrograms):
        def run(self, argv: Sequence[str], **options: Any) -> Completed:
            raise FileNotFoundError(2, "No such file or directory", argv[0])

    project = Project(tmp_path, postgres)
    project.table("a", None)
    given = replace(project.context(), programs=Bare({}))
    result = CHECK.run(given, CHECK.options())
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert "squawk gives no answer" in result.summary


@pytest.mark.docker
def test_mariadb_has_rules_of_its_own(tmp_path: Path, mariadb: MariaDatabase) -> None:
    project = Project(tmp_path, mariadb)
    project.table("a", None, ", sa.Column('x', sa.Integer)")
    project.is_the_base()
    project.revision(
        "b", "a", "op.alter_column('t_a', 'x', type_=sa.BigInteger, existing_type=sa.Integer)"
    )
    assert "change-column-type on t_a" in project.check(CHECK).summary


@pytest.mark.parametrize(
    ("text", "known"), [("FROBNICATE t_a", False), ("ALTER TABLE t_a FROBNICATE", True)]
)
def test_what_neither_squawk_nor_the_own_rules_can_read_is_not_passed(
    text: str, known: bool
) -> None:
    told = Step("b", (Statement(text, 0.0),), (), (), (), (), (), {}, (), None)
    said = {"b": squawk.Heard((), frozenset({0}))}
    found = Rehearsed(steps=(told,), tables=("t_a",))
    result = migrations_lint._judged(found, CHECK.options(), "postgresql", said)
    if known:
        assert result.outcome is Outcome.PASSED
        return
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary == (
        "revision b: neither squawk nor the gate's own rules can read FROBNICATE t_a"
    )
