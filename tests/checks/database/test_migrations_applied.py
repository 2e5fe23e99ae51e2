from dataclasses import replace
from pathlib import Path

import pytest

from readiness_gate.checks.context import StepRecord
from readiness_gate.checks.database.migrations_applied import CHECK, MigrationsAppliedOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import access, context
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File


def result(run: MigrationRun | None, step: StepRecord | None = None) -> CheckResult:
    return CHECK.run(context(access(run=run), step=step), MigrationsAppliedOptions())


def ran(
    *,
    heads: tuple[str, ...] = ("c",),
    before: tuple[str, ...] = ("a",),
    after: tuple[str, ...] = ("c",),
    applied: tuple[str, ...] = ("b", "c"),
    error: str = "",
    failed: str | None = None,
    timed_out: bool = False,
    answered: bool = True,
) -> MigrationRun:
    return MigrationRun(
        "main", heads, before, after, applied, error, failed, timed_out, "log", answered
    )


def test_an_upgrade_that_ends_at_the_head_passes() -> None:
    found = result(ran())
    assert found.outcome is Outcome.PASSED
    assert found.summary == "at head c; 2 revisions applied from a"
    assert "from an empty database" in result(ran(before=())).summary


def test_tables_made_by_hand_are_no_empty_database() -> None:
    found = result(replace(ran(before=()), tables=5))
    assert found.summary == "at head c; 2 revisions applied from 5 tables and no revision"


def test_several_heads_that_are_all_applied_pass_here() -> None:
    assert result(ran(heads=("b", "c"), after=("c", "b"))).outcome is Outcome.PASSED


@pytest.mark.parametrize("after", [("b",), (), ("c", "x"), ("x",)])
def test_a_database_that_is_not_at_the_head_fails(after: tuple[str, ...]) -> None:
    found = result(ran(after=after))
    assert found.outcome is Outcome.FAILED
    assert "the head is c" in found.summary


def test_a_failing_revision_is_named_with_its_cause() -> None:
    found = result(ran(after=("b",), applied=("b",), error="boom\n[SQL: x]", failed="c"))
    assert found.outcome is Outcome.FAILED
    assert found.summary == "revision c fails: boom"
    assert "1 revision stay applied; the database is at b" in found.details


def test_a_database_ahead_of_the_code_is_named() -> None:
    found = result(ran(before=("z",), after=("z",), error="Can't locate revision 'z'"))
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith("the database is at z, which this checkout does not have")


def test_an_error_without_a_revision_fails_with_its_cause() -> None:
    assert result(ran(error="refused: 3 orphaned rows")).summary == (
        "the upgrade fails: refused: 3 orphaned rows"
    )


@pytest.mark.parametrize("timed_out", [True, False])
def test_no_answer_is_an_error_even_at_the_head(timed_out: bool) -> None:
    found = result(ran(error="did not end", timed_out=timed_out, answered=False))
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary == "did not end"


def test_a_project_without_revisions_is_not_a_pass() -> None:
    assert result(ran(heads=(), after=(), applied=())).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("step", "outcome", "kind"),
    [
        (StepRecord("migrate", False, "s"), Outcome.FAILED, None),
        (
            StepRecord("migrate", False, "s", infrastructure=True),
            Outcome.ERROR,
            ErrorClass.INFRASTRUCTURE,
        ),
        (
            StepRecord("migrate", False, "s", configuration=True),
            Outcome.ERROR,
            ErrorClass.CONFIGURATION,
        ),
    ],
)
def test_a_step_that_failed_before_the_probe_answers_for_it(
    step: StepRecord, outcome: Outcome, kind: ErrorClass | None
) -> None:
    found = result(None, step)
    assert (found.outcome, found.error_class) == (outcome, kind)
    advised = result(None, replace(step, advice="Name a service that there is."))
    assert advised.remediation == "Name a service that there is."


@pytest.mark.parametrize("step", [None, StepRecord("migrate", True, "0 revisions applied")])
def test_a_database_that_nobody_migrated_is_not_a_pass(step: StepRecord | None) -> None:
    with pytest.raises(ConfigurationError, match=r"no migrations of databases\.main were run"):
        result(None, step)


def test_what_the_revisions_say_offline_is_shown() -> None:
    found = result(replace(ran(), preview="-- Running upgrade a -> b\n\nDROP TABLE x;\n"))
    assert [one.text for one in found.evidence if isinstance(one, TextEvidence)] == [
        "log",
        "-- Running upgrade a -> b\n\nDROP TABLE x;\n",
    ]
    found = result(replace(ran(), not_previewed="AttributeError: no attribute execute"))
    assert [one.text for one in found.evidence if isinstance(one, TextEvidence)][1:] == [
        "upgrade --sql says nothing of them: AttributeError: no attribute execute"
    ]
    assert found.outcome is Outcome.PASSED


@pytest.fixture
def project(tmp_path: Path, sqlite: File) -> Project:
    made = Project(tmp_path, sqlite)
    made.table("a", None)
    made.table("b", "a")
    return made


def from_empty(project: Project, run: MigrationRun | None = None) -> CheckResult:
    given = project.context()
    opened = replace(given.databases["main"], run=run or ran(heads=("b",), after=("b",)))
    return CHECK.run(
        replace(given, databases={"main": opened}), MigrationsAppliedOptions(from_empty=True)
    )


def test_one_of_several_databases_that_is_behind_is_not_at_the_head() -> None:
    found = result(replace(ran(heads=("b",), before=("b",), after=("b",)), pending=("a", "b")))
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        "one of the databases that env.py goes through is behind: 2 revisions are pending"
    )


def test_a_history_that_builds_an_empty_database_passes(project: Project) -> None:
    found = from_empty(project)
    assert found.outcome is Outcome.PASSED, found
    assert found.summary.endswith("applied from a; all 2 revisions run from an empty one")
    assert project.database.value("SELECT count(*) FROM sqlite_master") == 0


def test_a_history_that_takes_tables_for_granted_fails_though_the_upgrade_ran(
    project: Project,
) -> None:
    project.revision("b", "a", "op.execute('INSERT INTO by_hand VALUES (1)')")
    assert result(ran(heads=("b",), after=("b",))).outcome is Outcome.PASSED
    found = from_empty(project)
    assert found.outcome is Outcome.FAILED
    assert "from an empty database revision b fails: OperationalError: no such" in found.summary


def test_an_environment_that_hides_the_error_of_an_empty_database_fails(project: Project) -> None:
    env = project.folder / "migrations/env.py"
    env.write_text(
        env.read_text().replace(
            "        context.run_migrations()",
            "        try:\n            context.run_migrations()\n        except Exception:\n"
            "            pass",
        )
    )
    project.revision("b", "a", "raise KeyError('x')")
    found = from_empty(project)
    assert found.outcome is Outcome.FAILED
    assert "from an empty database" in found.summary


def test_an_empty_database_that_cannot_be_reached_is_no_pass(project: Project) -> None:
    project.write("migrations/env.py", "import sqlite3\nsqlite3.connect('elsewhere.db')")
    found = from_empty(project)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    project.revision("b", "a", "import time\ntime.sleep(60)")
    project.environment()
    project.timeout = 2.0
    found = from_empty(project)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_what_failed_on_the_database_itself_is_told_first(project: Project) -> None:
    found = from_empty(project, ran(after=("b",)))
    assert found.outcome is Outcome.FAILED
    assert "the head is c" in found.summary
    assert project.stack.runs == 0


@pytest.mark.docker
def test_postgresql_is_built_from_empty(tmp_path: Path, postgres: Database) -> None:
    project = Project(tmp_path, postgres)
    project.table("a", None)
    project.table("b", "a")
    assert from_empty(project).outcome is Outcome.PASSED
    project.revision("b", "a", "op.execute('INSERT INTO by_hand VALUES (1)')")
    assert from_empty(project).outcome is Outcome.FAILED
    assert postgres.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.docker
def test_mariadb_is_built_from_empty(tmp_path: Path, mariadb: MariaDatabase) -> None:
    project = Project(tmp_path, mariadb)
    project.table("a", None)
    project.table("b", "a")
    assert from_empty(project).outcome is Outcome.PASSED
    project.revision("b", "a", "op.execute('INSERT INTO by_hand VALUES (1)')")
    assert from_empty(project).outcome is Outcome.FAILED


def test_the_stack_is_needed_for_an_empty_database_alone() -> None:
    needs = CHECK.refine_needs
    assert needs is not None
    assert Need.STACK not in needs(MigrationsAppliedOptions())
    assert Need.STACK in needs(MigrationsAppliedOptions(from_empty=True))
