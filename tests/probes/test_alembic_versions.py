"""The rehearsal under Alembic as old as 1.8, in interpreters of their own."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest

from readiness_gate.checks.database import (
    migrations_data_safety,
    migrations_drift,
    migrations_reversible,
)
from readiness_gate.model.outcome import Outcome
from tests.checks.database.rehearsed import Project
from tests.database.sqlite import File

VERSIONS = {
    "1.8": ("alembic==1.8.1", "sqlalchemy==1.4.54"),
    "1.13": ("alembic==1.13.3", "sqlalchemy==2.0.36", "aiosqlite==0.20.0", "greenlet"),
}
ASYNC = """
import asyncio
from alembic import context
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

def work(connection):
    context.configure(connection=connection, target_metadata=sa.MetaData())
    with context.begin_transaction():
        context.run_migrations()

async def go():
    engine = create_async_engine({url!r})
    async with engine.connect() as connection:
        await connection.run_sync(work)
        await connection.commit()
    await engine.dispose()

asyncio.run(go())
"""


def interpreter(version: str) -> str:
    """An interpreter with these packages, made once and kept in a cache."""
    folder = Path(tempfile.gettempdir()) / "readiness-gate-alembic" / version
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-q", *VERSIONS[version]]
        subprocess.run(command, check=True, capture_output=True)
        (folder / "complete").touch()
    return str(python)


@pytest.fixture(params=[*VERSIONS, "newest"])
def python(request: pytest.FixtureRequest) -> str:
    return sys.executable if request.param == "newest" else interpreter(request.param)


@pytest.mark.slow
def test_the_checks_on_copies_work_with_every_version(
    tmp_path: Path, sqlite: File, python: str
) -> None:
    project = Project(tmp_path, sqlite)
    project.stack.python = python
    project.table("a", None)
    project.revision("b", "a", "pass")
    project.is_the_base()
    sqlite.execute(
        "CREATE TABLE t_a (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO t_a VALUES (1), (2);"
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
        "INSERT INTO alembic_version VALUES ('b')"
    )
    project.before = sqlite.url
    project.revision(
        "c",
        "b",
        "op.add_column('t_a', sa.Column('x', sa.Integer))",
        "with op.batch_alter_table('t_a') as batch:\n    batch.drop_column('x')",
    )
    project.environment(
        models="sa.Table('t_a', metadata, sa.Column('id', sa.Integer, primary_key=True), "
        "sa.Column('x', sa.Integer))"
    )
    for check in (migrations_reversible, migrations_data_safety, migrations_drift):
        result = project.check(check.CHECK)
        assert result.outcome is Outcome.PASSED, (check.__name__, result)
    project.revision("d", "c", "op.execute('DELETE FROM t_a WHERE id = 2')")
    result = project.check(migrations_data_safety.CHECK)
    assert result.summary == "revision d loses rows of t_a: 2 rows before, 1 after"


@pytest.mark.slow
def test_an_asynchronous_environment_is_sent_to_the_copy(tmp_path: Path) -> None:
    sqlite = File(tmp_path / "app.db")
    project = Project(tmp_path, sqlite)
    project.stack.python = interpreter("1.13")
    url = f"sqlite+aiosqlite:///{sqlite.path}"
    project.write("migrations/env.py", ASYNC.format(url=url))
    project.table("a", None)
    result = project.check(migrations_reversible.CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert sqlite.value("SELECT count(*) FROM sqlite_master") == 0
