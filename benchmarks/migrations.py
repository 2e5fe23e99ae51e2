"""The checks of migrations beside pytest-alembic, on one long history."""

import subprocess
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from benchmarks import told
from readiness_gate.checks.base import Check
from readiness_gate.checks.database import (
    migrations_drift,
    migrations_heads,
    migrations_reversible,
)
from readiness_gate.model.outcome import Outcome
from tests.checks.database.rehearsed import Project
from tests.database.sqlite import File

REVISIONS = 64
TIMES = 3
_PACKAGES = ("alembic>=1.13", "sqlalchemy>=2,<2.1", "pytest<8", "pytest-alembic")
_CONFTEST = """
import pytest, sqlalchemy
from pytest_alembic.config import Config

@pytest.fixture
def alembic_config():
    return Config(config_options={{"file": "alembic.ini"}})

@pytest.fixture
def alembic_engine(tmp_path):
    return sqlalchemy.create_engine(f"sqlite:///{{tmp_path}}/app.db")
"""
_ENV = """
import sqlalchemy as sa
from alembic import context
metadata = sa.MetaData()
{models}
connectable = context.config.attributes.get("connection") or sa.create_engine({url!r})
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
# The four that pytest-alembic makes: one head, the upgrade, models, up and down. The way back of
# each step is more than it asks for, and holds the upgrade too.
OURS: tuple[tuple[Check[Any], dict[str, object]], ...] = (
    (migrations_heads.CHECK, {}),
    (migrations_drift.CHECK, {"catalogue": False}),
    (migrations_reversible.CHECK, {"revisions": "all"}),
)


def run() -> None:
    """Print how long both take for the same history on SQLite."""
    told.heading(f"migrations: {REVISIONS} revisions on SQLite, best of {TIMES}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = _interpreter(folder)
        project = _project(folder, python)
        ours = min(_ours(project) for _ in range(TIMES))
        peer = min(_peer(project, python) for _ in range(TIMES))
    told.figure("pytest-alembic, its four checks", f"{peer:.2f} s")
    told.figure("ours", f"{ours:.2f} s", told.budget(ours / peer, 1.0, "of pytest-alembic"))


def _interpreter(folder: Path) -> str:
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv/bin/python")
    command = [python, "-m", "pip", "install", "-q", *_PACKAGES]
    subprocess.run(command, check=True, capture_output=True)
    return python


def _project(folder: Path, python: str) -> Project:
    database = File(folder / "app.db")
    project = Project(folder, database)
    project.stack.python = python
    project.timeout = 300.0
    before: str | None = None
    models = []
    for number in range(REVISIONS):
        name = f"r{number:03}"
        project.table(name, before, ", sa.Column('name', sa.String(40), index=True)")
        models.append(
            f"sa.Table('t_{name}', metadata, sa.Column('id', sa.Integer, primary_key=True), "
            "sa.Column('name', sa.String(40), index=True))"
        )
        before = name
    env = _ENV.format(models="\n".join(models), url=f"sqlite:///{database.path}")
    project.write("migrations/env.py", env)
    project.write("tests/conftest.py", _CONFTEST.replace("{{", "{").replace("}}", "}"))
    return project


def _ours(project: Project) -> float:
    began = time.perf_counter()
    for check, options in OURS:
        result = project.check(check, **options)
        if result.outcome is not Outcome.PASSED:
            raise RuntimeError(f"{check.id}: {result.summary}")
    return time.perf_counter() - began


def _peer(project: Project, python: str) -> float:
    began = time.perf_counter()
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--test-alembic"]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)
    if "4 passed" not in done.stdout:
        raise RuntimeError(f"pytest-alembic: {done.stdout[-500:]}")
    return time.perf_counter() - began
