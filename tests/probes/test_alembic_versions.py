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
from readiness_gate.model.outcome import ErrorClass, Outcome
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import PASSWORD, Database
from tests.database.sqlite import File

Engine = File | Database | MariaDatabase
VERSIONS = {
    "1.8": (
        "alembic==1.8.1", "sqlalchemy==1.4.54", "psycopg2-binary==2.9.10", "pymysql==1.1.1",
    ),
    "1.13": (
        "alembic==1.13.3", "sqlalchemy==2.0.36", "aiosqlite==0.20.0", "greenlet",
        "psycopg2-binary==2.9.10", "pymysql==1.1.1", "asyncpg==0.30.0",
    ),
}  # fmt: skip
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
    folder = Path(tempfile.gettempdir()) / "readiness-gate-alembic" / f"{version}-on-servers"
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


TABLES = (
    "CREATE TABLE t_a (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO t_a VALUES (1), (2);"
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
    "INSERT INTO alembic_version VALUES ('b')"
)


def driver_of(python: str, database: Engine) -> str:
    """The address with a driver that the interpreter has."""
    url = database.url
    return url if python == sys.executable else url.replace("+psycopg:", "+psycopg2:")


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.docker),
        pytest.param("mariadb", marks=pytest.mark.docker),
    ],
)
def test_the_checks_on_copies_work_with_every_version(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, python: str
) -> None:
    database: Engine = request.getfixturevalue(engine)
    project = Project(tmp_path, database)
    project.stack.python = python
    project.revision("a", None, "pass")
    project.revision("b", "a", "pass")
    project.is_the_base()
    database.execute(TABLES)
    project.before = database.url
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
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace(database.url, driver_of(python, database)))
    project.revision(
        "b", "a", "op.create_table('t_a', sa.Column('id', sa.Integer, primary_key=True))"
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


@pytest.mark.slow
@pytest.mark.docker
def test_an_asynchronous_environment_of_a_server_is_sent_to_the_copy(
    tmp_path: Path, postgres: Database
) -> None:
    project = Project(tmp_path, postgres)
    project.stack.python = interpreter("1.13")
    url = postgres.url.replace("+psycopg:", "+asyncpg:")
    project.write("migrations/env.py", ASYNC.format(url=url))
    project.table("a", None)
    result = project.check(migrations_reversible.CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert postgres.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


DRIVERS = {
    "psycopg2": "import psycopg2\npsycopg2.connect({keys}, dbname={name!r}).close()",
    "psycopg2, one text": "import psycopg2\npsycopg2.connect({url!r}).close()",
    "asyncpg": "import asyncio, asyncpg\nasyncio.run(asyncpg.connect({keys}, database={name!r}))",
    "asyncpg, one text": "import asyncio, asyncpg\nasyncio.run(asyncpg.connect({url!r}))",
}


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize("how", DRIVERS.values(), ids=list(DRIVERS))
def test_a_driver_used_beside_sqlalchemy_does_not_reach_the_original(
    tmp_path: Path, postgres: Database, how: str
) -> None:
    project = Project(tmp_path, postgres)
    project.stack.python = interpreter("1.13")
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace("+psycopg:", "+psycopg2:"))
    keys = f"host='127.0.0.1', port={postgres.server.port}, user='postgres', password={PASSWORD!r}"
    url = postgres.url.replace("+psycopg:", ":")
    project.revision("a", None, how.format(keys=keys, name=postgres.name, url=url))
    result = project.check(migrations_reversible.CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert f"opens the database {postgres.name} without SQLAlchemy" in result.summary
    project.table("a", None)
    assert project.check(migrations_reversible.CHECK).outcome is Outcome.PASSED
