from pathlib import Path

import pytest

from readiness_gate.checks.database.migrations_drift import CHECK
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

MODEL = "sa.Table('t_a', metadata, sa.Column('id', sa.Integer, primary_key=True){more})"

TABLE = f"t_a = {MODEL.format(more='')}"
CHECKED = "sa.CheckConstraint(t_a.c.id > 5, name='large')"


class AtTheBase:
    """What the check asks of git: one file at the base."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content

    def file(self, commit: str, path: str) -> bytes | None:
        return self.content


def lines(result: CheckResult) -> list[str]:
    found = [each.text for each in result.evidence if isinstance(each, TextEvidence)]
    return found[0].split("\n")


@pytest.fixture
def project(tmp_path: Path, sqlite: File) -> Project:
    made = Project(tmp_path, sqlite)
    made.table("a", None)
    made.environment(models=MODEL.format(more=""))
    return made


def test_models_that_say_what_the_migrations_make_pass(project: Project) -> None:
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result


def test_a_column_without_a_revision_is_drift(project: Project) -> None:
    project.environment(models=MODEL.format(more=", sa.Column('x', sa.Text)"))
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "the models differ from the migrations: add_column t_a.x"


def test_types_are_compared_also_where_the_project_does_not(project: Project) -> None:
    project.table("b", "a", ", sa.Column('x', sa.Integer)")
    models = "sa.Table('t_b', metadata, sa.Column('id', sa.Integer, primary_key=True), "
    project.environment(models=f"{MODEL.format(more='')}\n{models}sa.Column('x', sa.Text))")
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace("render_as", "compare_type=False, render_as"))
    assert "modify_type t_b.x: INTEGER() -> Text()" in lines(project.check(CHECK))


def test_a_check_constraint_that_alembic_does_not_see_is_drift(project: Project) -> None:
    project.environment(models=MODEL.format(more=", sa.CheckConstraint('id > 0')"))
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert "only in the models: constraint of t_a: CHECK (id > 0)" in result.summary
    assert project.check(CHECK, catalogue=False).outcome is Outcome.PASSED


def test_a_revision_that_adds_to_the_live_models_adds_nothing_to_what_they_say(
    project: Project,
) -> None:
    """As one of mlflow does: a CHECK on a column of a model belongs to its table at once."""
    project.write("models.py", f"import sqlalchemy as sa\nmetadata = sa.MetaData()\n{TABLE}\n")
    project.environment(models="from models import metadata")
    path = project.folder / "migrations/versions/a_.py"
    path.write_text(f"{path.read_text()}\nfrom models import t_a\nkept = {CHECKED}\n")
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result


def test_a_hook_of_the_project_that_empties_the_revision_hides_nothing(project: Project) -> None:
    project.environment(models=MODEL.format(more=", sa.Column('x', sa.Text)"))
    env = project.folder / "migrations/env.py"
    hook = "process_revision_directives=lambda c, r, d: d.clear(), render_as"
    env.write_text(env.read_text().replace("render_as", hook))
    assert project.check(CHECK).outcome is Outcome.FAILED


def test_what_the_baseline_at_the_base_knows_passes(project: Project) -> None:
    project.environment(models=MODEL.format(more=", sa.Column('x', sa.Text)"))
    project.git = AtTheBase(b"# known\nadd_column t_a.x\nadd_column t_a.gone\n")
    result = project.check(CHECK, baseline="drift.txt")
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "the models and the migrations say the same; 1 difference known",
    )
    assert "add_column t_a.gone" in result.details


def test_a_baseline_of_the_pull_request_does_not_count(project: Project) -> None:
    project.environment(models=MODEL.format(more=", sa.Column('x', sa.Text)"))
    project.write("drift.txt", "add_column t_a.x\n")
    project.git = AtTheBase(None)
    assert project.check(CHECK, baseline="drift.txt").outcome is Outcome.FAILED
    project.git = None
    assert project.check(CHECK, baseline="drift.txt").outcome is Outcome.PASSED
    with pytest.raises(ConfigurationError, match="there is no baseline"):
        project.check(CHECK, baseline="gone.txt")


def test_a_project_without_models_cannot_be_compared(project: Project) -> None:
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace("target_metadata=metadata", "target_metadata=None"))
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "no target_metadata" in result.summary


def test_a_history_that_cannot_be_built_from_nothing_cannot_be_compared(project: Project) -> None:
    project.revision("b", "a", "op.drop_table('made_by_hand')")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "revision b fails" in result.summary


SERVER_MODEL = MODEL.format(
    more=", sa.Column('x', sa.Integer), sa.Index('ix', 'x', unique=True{where}), "
    "sa.CheckConstraint('x > 0', name='positive')"
)
UPGRADE = (
    "op.add_column('t_a', sa.Column('x', sa.Integer))\n"
    "op.create_index('ix', 't_a', ['x'], unique=True)\n"
    "op.create_check_constraint('{name}', 't_a', 'x > 0')"
)


@pytest.mark.docker
def test_postgresql_predicates_of_indexes_are_compared(tmp_path: Path, postgres: Database) -> None:
    project = Project(tmp_path, postgres)
    project.table("a", None)
    project.revision("b", "a", UPGRADE.format(name="any_name"))
    project.environment(models=SERVER_MODEL.format(where=""))
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    project.environment(models=SERVER_MODEL.format(where=", postgresql_where=sa.text('x > 0')"))
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert any("WHERE (x > 0)" in line for line in lines(result))


@pytest.mark.docker
def test_mariadb_is_compared_through_its_catalogue(tmp_path: Path, mariadb: MariaDatabase) -> None:
    project = Project(tmp_path, mariadb)
    project.table("a", None)
    project.revision("b", "a", UPGRADE.format(name="positive"))
    project.environment(models=SERVER_MODEL.format(where=""))
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, (result.summary, lines(result))
    project.revision("c", "b", "op.execute('ALTER TABLE t_a DROP CONSTRAINT positive')")
    result = project.check(CHECK)
    assert result.outcome is Outcome.FAILED
    assert "only in the models: constraint of t_a: CHECK" in result.summary
