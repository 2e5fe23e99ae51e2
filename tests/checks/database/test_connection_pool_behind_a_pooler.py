"""`connection-pool` behind a real PgBouncer: its word is held against what an application meets."""

import contextlib
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from readiness_gate.checks.database.connection_pool import CHECK, ConnectionPoolOptions
from readiness_gate.database.connection import reading
from readiness_gate.database.limits import limit_of
from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.build import Interpreter, access, context
from tests.checks.database.test_connection_pool import Shop
from tests.database import pgbouncer
from tests.database.pgbouncer import Pooler
from tests.database.postgres import Database, Server

pytestmark = pytest.mark.docker

DRIVERS = ("sqlalchemy==2.1.9", "greenlet", "asyncpg==0.31.0", "pg8000==1.31.5",
           "psycopg2-binary==2.9.10")  # fmt: skip
SOUND = "pool_size=4, max_overflow=2, pool_recycle=60, pool_pre_ping=True"
NULL_POOL = "poolclass=pool.NullPool, pool_pre_ping=True"
SIZES = {"max-client-conn": 100, "default-pool-size": 20}
# What two workers do, one after the other: as many transactions on two connections, which change
# their servers in between.
WORK = """
import asyncio
import sqlalchemy as sa
from shop_db import engine

STATEMENT = sa.text("SELECT count(*) FROM pg_class WHERE relname <> :name")

async def in_async():
    async def work(times=8):
        async with engine.connect() as connection:
            for _ in range(times):
                await connection.execute(STATEMENT, {"name": "x"})
                await connection.commit()
                if times == 1:
                    return
    one, other = await engine.connect(), await engine.connect()
    passing = isinstance(engine.pool, sa.pool.NullPool)
    for connection in () if passing else (one, other, one):
        if connection is other:
            await work()
        for _ in range(8):
            await connection.execute(STATEMENT, {"name": "x"})
            await connection.commit()
        if connection is other:
            await connection.execute(sa.text("SELECT 1"))
    for _ in range(8 if passing else 0):
        await work(1)
    await one.close()
    await other.close()
    await engine.dispose()

def in_sync():
    one, other = engine.connect(), engine.connect()
    for connection in (one, other, one):
        for _ in range(8):
            connection.execute(STATEMENT, {"name": "x"})
            connection.commit()
        if connection is other:
            connection.execute(sa.text("SELECT 1"))
    one.close()
    other.close()

asyncio.run(in_async()) if hasattr(engine, "sync_engine") else in_sync()
"""


class Service(Interpreter):
    """Runs the probe where the drivers are."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        super().__init__(folder)
        self.python = python

    def execute(self, service: str, command: Sequence[str], **options: object) -> Completed:
        return self.run(command[1:], stdin=options.get("stdin", b""))  # type: ignore[arg-type]

    def run(self, arguments: Sequence[str], stdin: bytes = b"") -> Completed:
        return HostPrograms({"PATH": "/usr/bin:/bin"}).run(
            [self.python, *arguments], timeout=60, cwd=self.folder, stdin=stdin
        )


def interpreter() -> str:
    """An interpreter with other drivers, made once and kept in a cache."""
    folder = Path(tempfile.gettempdir()) / "readiness-gate-drivers" / "postgresql"
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-q", *DRIVERS]
        subprocess.run(command, check=True, capture_output=True)
        (folder / "complete").touch()
    return str(python)


@pytest.fixture(scope="module")
def forgetful(postgres_server: Server) -> Iterator[Pooler]:
    """Transaction mode, as PgBouncer was before 1.21."""
    settings = {"pool_mode": "transaction", "max_prepared_statements": 0}
    with pgbouncer.pooler(postgres_server, **settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def carrying(postgres_server: Server) -> Iterator[Pooler]:
    """Transaction mode with what is the default as of 1.24."""
    with pgbouncer.pooler(postgres_server, pool_mode="transaction") as opened:
        yield opened


@pytest.fixture(scope="module")
def by_session(postgres_server: Server) -> Iterator[Pooler]:
    settings = {"pool_mode": "session", "max_prepared_statements": 0}
    with pgbouncer.pooler(postgres_server, **settings) as opened:
        yield opened


def written(folder: Path, url: str, pool: str = SOUND, more: str = "") -> None:
    create = "create_async_engine" if "asyncpg" in url else "create_engine"
    (folder / "shop_db.py").write_text(
        "import uuid\nfrom sqlalchemy import create_engine, event, pool\n"
        "try:\n    from sqlalchemy.ext.asyncio import create_async_engine\n"
        "except ImportError:\n    pass\n"
        f"engine = {create}({url!r}, {pool})\n{more}"
    )


def judged(database: Database, service: Service, **more: object) -> CheckResult:
    api = {"service": "api", "engine": "shop_db:engine", "replicas": 1}
    raw = {"services": [api], "pooler": SIZES, **more}
    raw = {key: value for key, value in raw.items() if value is not None}
    options = ConnectionPoolOptions.model_validate_json(json.dumps(raw))
    return CHECK.run(context(access(database), interpreter=service), options)


class Row(NamedTuple):
    driver: str
    connect: str
    forgetful: str
    """The error that the application meets, empty where it meets none."""
    pool: str = SOUND
    more: str = ""


NAMES = "'prepared_statement_name_func': lambda: str(uuid.uuid4())"
ROWS = (
    Row("psycopg", "", 'prepared statement "_pg3_0" already exists'),
    Row("psycopg", "'prepare_threshold': 0", 'prepared statement "_pg3_'),
    Row("psycopg", "'prepare_threshold': None", ""),
    Row(
        "psycopg", "", "",
        more="@event.listens_for(engine, 'connect')\ndef plain(driver, record):\n"
        "    driver.prepare_threshold = None\n",
    ),
    Row("psycopg2", "", ""),
    Row("pg8000", "", ""),
    Row("asyncpg", "", "does not exist"),
    Row("asyncpg", "'prepared_statement_cache_size': 0", "already exists"),
    Row("asyncpg", "'statement_cache_size': 0", ""),
    Row("asyncpg", NAMES, "does not exist"),
    Row("asyncpg", f"{NAMES}, 'prepared_statement_cache_size': 0", ""),
    Row("asyncpg", "", "already exists", NULL_POOL),
    Row("asyncpg", NAMES, "", NULL_POOL),
)  # fmt: skip


@pytest.mark.parametrize(
    ("carries", "row"),
    [(False, row) for row in ROWS] + [(True, row) for row in ROWS if row.forgetful],
    ids=lambda one: (
        one if isinstance(one, bool) else f"{one.driver}-{one.connect[:40]}{one.more[:6]}"
    ),
)
def test_the_word_on_prepared_statements_is_what_an_application_meets(
    postgres: Database,
    forgetful: Pooler,
    carrying: Pooler,
    tmp_path: Path,
    row: Row,
    carries: bool,
) -> None:
    service = Service(tmp_path, sys.executable if row.driver == "psycopg" else interpreter())
    url = (carrying if carries else forgetful).url(postgres, driver=f"postgresql+{row.driver}")
    written(tmp_path, url, f"{row.pool}, connect_args={{{row.connect}}}", row.more)
    asked = {"service": "api", "engine": "shop_db:engine", "connections": 6, "replicas": 1}
    found = judged(postgres, service, services=[asked],
                   classes=["QueuePool", "AsyncAdaptedQueuePool", "NullPool"])  # fmt: skip
    (tmp_path / "work.py").write_text(WORK)
    worked = [service.run(["work.py"]) for _ in range(2)]
    errors = [done.stderr for done in worked if done.exit_code != 0]
    expected = "" if carries else row.forgetful
    if not expected:
        assert not errors
        assert found.outcome is Outcome.PASSED, found
        return
    assert any(expected in error for error in errors), worked
    assert found.outcome is Outcome.FAILED
    assert "gives its connections away after each transaction without the statements" in (
        found.summary
    )


def test_sums_that_fit_say_nothing_of_a_pooler_that_loses_statements(
    postgres: Database, forgetful: Pooler, tmp_path: Path
) -> None:
    written(tmp_path, forgetful.url(postgres))
    with reading(postgres.url) as session:
        naive = limit_of(session).usable >= 4 + 2
    found = judged(postgres, Service(tmp_path))
    assert naive
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith(
        "api: psycopg prepares what is executed more than 5 times (prepare_threshold), and the "
        "pooler gives its connections away"
    )


def test_nothing_is_left_in_the_pooler(
    postgres: Database, forgetful: Pooler, tmp_path: Path
) -> None:
    for driver, python in (("psycopg", sys.executable), ("asyncpg", interpreter())):
        written(tmp_path, forgetful.url(postgres, driver=f"postgresql+{driver}"))
        assert judged(postgres, Service(tmp_path, python)).outcome is Outcome.FAILED
    (tmp_path / "left.py").write_text(
        "import psycopg\n"
        f"with psycopg.connect({forgetful.url(postgres, driver='postgresql')!r}) as own:\n"
        "    print(own.execute('SELECT name FROM pg_prepared_statements').fetchall())\n"
    )
    assert Service(tmp_path).run(["left.py"]).stdout == "[]\n"


def test_a_pooler_that_keeps_connections_for_a_session_is_no_trouble(
    postgres: Database, by_session: Pooler, tmp_path: Path
) -> None:
    written(tmp_path, by_session.url(postgres))
    assert judged(postgres, Service(tmp_path)).outcome is Outcome.PASSED


def test_without_a_pooler_prepared_statements_are_no_trouble(
    postgres: Database, tmp_path: Path
) -> None:
    written(tmp_path, postgres.url)
    found = judged(postgres, Service(tmp_path), pooler=None)
    assert found.summary.startswith("the pools take 6 of ")
    with pytest.raises(ConfigurationError, match="no service connects through one"):
        judged(postgres, Service(tmp_path))


def test_behind_a_pooler_the_server_has_the_poolers_connections(
    postgres: Database, carrying: Pooler, tmp_path: Path
) -> None:
    written(tmp_path, carrying.url(postgres))
    many = [{"service": "api", "engine": "shop_db:engine", "workers": 12, "replicas": 1}]
    found = judged(postgres, Service(tmp_path), services=many)
    assert found.outcome is Outcome.PASSED  # 72 connections, and the server takes 47
    assert found.summary == (
        "the pools take 20 of 47 connections (max_connections 50 - 3 reserved), and 72 of 100 of "
        "the pooler (max_client_conn) at most"
    )
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[0][0] == "api (through a pooler)"
    more = [{**many[0], "workers": 17}]
    found = judged(postgres, Service(tmp_path), services=more)
    assert found.summary == (
        "102 connections (api 102), and the pooler takes 100 (max_client_conn)"
    )
    large = {**SIZES, "default-pool-size": 48}
    found = judged(postgres, Service(tmp_path), services=many, pooler=large)
    assert found.summary == (
        "48 connections (the pooler 48), and the server takes 47 (max_connections 50 - 3 reserved)"
    )


def test_a_pooler_whose_sizes_nobody_wrote_is_an_error(
    postgres: Database, carrying: Pooler, tmp_path: Path
) -> None:
    written(tmp_path, carrying.url(postgres))
    found = judged(postgres, Service(tmp_path), pooler=None)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary == (
        "api: connected through a pooler, and its sizes are not known (write pooler)"
    )


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_sizes_that_the_console_tells_win_over_those_that_are_written(
    postgres: Database, postgres_server: Server, tmp_path: Path, driver: str
) -> None:
    service = Service(tmp_path, sys.executable if driver == "psycopg" else interpreter())
    settings = {"pool_mode": "transaction", "stats_users": "postgres", "default_pool_size": 48}
    with pgbouncer.pooler(postgres_server, **settings) as told:
        written(tmp_path, told.url(postgres, driver=f"postgresql+{driver}"))
        for wrote in (SIZES, None):
            found = judged(postgres, service, pooler=wrote)
            assert found.summary == (
                "48 connections (the pooler 48), and the server takes 47 "
                "(max_connections 50 - 3 reserved)"
            )


def test_an_engine_that_does_not_connect_shows_no_way(postgres: Database, tmp_path: Path) -> None:
    written(tmp_path, postgres.url.replace(postgres.name, "gone"))
    found = judged(postgres, Service(tmp_path), pooler=None)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary.startswith("api: what is between it and the server was not seen: ")


@pytest.mark.parametrize(
    ("path", "outcome"), [("/kept", Outcome.PASSED), ("/lost", Outcome.FAILED)]
)
def test_a_load_behind_a_pooler_leaves_the_poolers_connections_open(
    postgres: Database, carrying: Pooler, path: str, outcome: Outcome
) -> None:
    postgres.execute("CREATE TABLE goods (id int PRIMARY KEY)")
    with contextlib.closing(Shop(carrying.url(postgres))) as shop:
        behind = {"service": "api", "connections": 3, "through-pooler": True}
        raw = {"services": [behind], "pooler": SIZES, "requests": [path], "count": 12,
               "clients": 2, "settle": "500ms"}  # fmt: skip
        options = ConnectionPoolOptions.model_validate_json(json.dumps(raw))
        found = CHECK.run(replace(context(access(postgres)), base_url=shop.address), options)
    assert found.outcome is outcome, found
    assert ("they never came back" in found.summary) is (outcome is Outcome.FAILED)
