import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from readiness_gate.checks.database.connection_pool import CHECK, ConnectionPoolOptions
from readiness_gate.database.connection import reading
from readiness_gate.database.limits import FRESH_AFTER, open_now
from readiness_gate.errors import ConfigurationError, DatabaseError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.facts import Inspected
from tests.checks.database.build import Interpreter, access, context
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import Database
from tests.database.sqlite import File

ENGINE = {"service": "api", "engine": "shop_db:engine"}
SIZES = {"max-client-conn": 100, "default-pool-size": 20}


class Service(Interpreter):
    """Runs probes, and has so many replicas; `None`: the driver cannot tell."""

    def __init__(self, folder: Path, replicas: int | None = None) -> None:
        super().__init__(folder)
        self.replicas = replicas

    def inspect(self, service: str) -> tuple[Inspected, ...]:
        if self.replicas is None:
            raise NotSupported("no containers here")
        return tuple(Inspected(f"{service}-{n}", {}, {}) for n in range(self.replicas))


def options(*services: object, **more: object) -> ConnectionPoolOptions:
    return ConnectionPoolOptions.model_validate_json(json.dumps({"services": services, **more}))


def judged(
    database: Database | MariaDatabase | File,
    folder: Path,
    pool: str,
    *services: object,
    replicas: int | None = None,
    **more: object,
) -> CheckResult:
    (folder / "shop_db.py").write_text(
        "from sqlalchemy import create_engine, pool\n"
        f"engine = create_engine({database.url!r}, {pool})"
    )
    at = context(access(database), interpreter=Service(folder, replicas))
    return CHECK.run(at, options(*(services or (ENGINE,)), **more))


SOUND = "pool_size=4, max_overflow=2, pool_recycle=60, pool_pre_ping=True"


@pytest.fixture(
    params=[
        pytest.param("postgres", marks=pytest.mark.docker),
        pytest.param("mariadb", marks=pytest.mark.docker),
    ]
)
def server(request: pytest.FixtureRequest) -> Database | MariaDatabase:
    return cast("Database | MariaDatabase", request.getfixturevalue(request.param))


def test_pools_that_fit_pass(server: Database | MariaDatabase, tmp_path: Path) -> None:
    found = judged(server, tmp_path, SOUND, {**ENGINE, "workers": 2}, reserve=5)
    assert found.outcome is Outcome.PASSED
    assert found.summary.startswith("the pools take 12 of ")
    (table,) = found.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows == (("api", "1", "2", "QueuePool", "4 + 2", "12"),)


def test_workers_and_replicas_that_do_not_fit_together_fail(
    server: Database | MariaDatabase, tmp_path: Path
) -> None:
    many = {**ENGINE, "workers": 20}
    other = {"service": "jobs", "connections": 3, "replicas": 2}
    found = judged(server, tmp_path, SOUND, many, other, replicas=4, reserve=5)
    assert found.outcome is Outcome.FAILED
    assert found.summary.startswith(
        "491 connections (api 480 + jobs 6 + 5 kept free), and the server takes "
    )


@pytest.mark.docker
def test_what_is_reserved_for_superusers_is_not_the_application_s(
    postgres: Database, tmp_path: Path
) -> None:
    fits = {"service": "api", "connections": 47}
    assert judged(postgres, tmp_path, SOUND, fits).summary == (
        "the pools take 47 of 47 connections (max_connections 50 - 3 reserved) at most"
    )
    assert judged(postgres, tmp_path, SOUND, fits, reserve=1).outcome is Outcome.FAILED


@pytest.mark.docker
def test_a_limit_of_the_role_is_narrower(postgres: Database, tmp_path: Path) -> None:
    role = f"r_{postgres.name}"
    postgres.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 5")
    try:
        (tmp_path / "shop_db.py").write_text(
            "from sqlalchemy import create_engine\n"
            f"engine = create_engine({postgres.url_of(role)!r}, {SOUND})"
        )
        at = context(access(postgres), interpreter=Service(tmp_path))
        found = CHECK.run(at, options(ENGINE))
    finally:
        postgres.execute(f"DROP ROLE {role}")
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        f"6 connections of {role}, and it may have connection limit 5 of the role {role}"
    )


@pytest.mark.docker
def test_a_service_without_an_engine_may_be_behind_a_pooler(
    postgres: Database, tmp_path: Path
) -> None:
    behind = {"service": "api", "connections": 90, "through-pooler": True}
    found = judged(postgres, tmp_path, SOUND, behind, pooler=SIZES)
    assert found.outcome is Outcome.PASSED
    found = judged(postgres, tmp_path, SOUND, {**behind, "replicas": 2}, pooler=SIZES)
    assert found.summary == "180 connections (api 180), and the pooler takes 100 (max_client_conn)"


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (SOUND.replace("=2", "=-1"), "max_overflow=-1: nothing bounds its connections"),
        (SOUND.replace("=4", "=0"), "pool_size=0: nothing bounds its connections"),
        ("poolclass=pool.NullPool", "NullPool, allowed is QueuePool or AsyncAdaptedQueuePool"),
        (SOUND.replace("True", "False"), "pool_pre_ping is off"),
    ],
)
@pytest.mark.docker
def test_a_pool_that_is_set_wrongly_fails(
    postgres: Database, tmp_path: Path, pool: str, message: str
) -> None:
    found = judged(postgres, tmp_path, pool)
    assert found.outcome is Outcome.FAILED
    assert message in found.summary


@pytest.mark.docker
def test_on_mariadb_connections_are_replaced_before_the_server_closes_them(
    mariadb: MariaDatabase, tmp_path: Path
) -> None:
    found = judged(mariadb, tmp_path, "pool_pre_ping=True")
    assert found.outcome is Outcome.FAILED
    assert found.summary == "api: pool_recycle is off, and the server closes after 28800 s"


@pytest.mark.docker
def test_a_pool_without_a_bound_may_be_bounded_by_the_application(
    postgres: Database, tmp_path: Path
) -> None:
    bound = {**ENGINE, "connections": 7}
    found = judged(postgres, tmp_path, "poolclass=pool.NullPool", bound, classes=["NullPool"])
    assert (found.outcome, found.summary[:17]) == (Outcome.PASSED, "the pools take 7 ")


def test_sqlite_is_not_applicable_with_its_reason(sqlite: File, tmp_path: Path) -> None:
    found = judged(sqlite, tmp_path, SOUND)
    assert found.outcome is Outcome.SKIPPED
    assert found.summary == "main is SQLite: a file has no limit of connections"


@pytest.mark.docker
def test_an_engine_that_cannot_be_read_is_an_error(postgres: Database, tmp_path: Path) -> None:
    found = judged(postgres, tmp_path, SOUND, {**ENGINE, "engine": "shop_db:none"})
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary == ("a pool could not be read: api, shop_db:none: shop_db has no none")


@pytest.mark.docker
def test_an_engine_of_another_dialect_is_an_error(
    postgres: Database, sqlite: File, tmp_path: Path
) -> None:
    (tmp_path / "shop_db.py").write_text(
        f"from sqlalchemy import create_engine\nengine = create_engine({sqlite.url!r})"
    )
    with pytest.raises(ConfigurationError, match="an engine of sqlite, and main is postgresql"):
        CHECK.run(context(access(postgres), interpreter=Service(tmp_path)), options(ENGINE))


@pytest.mark.docker
def test_a_server_that_does_not_answer_is_an_error(postgres: Database) -> None:
    missing = access(url=postgres.url + "x")
    with pytest.raises(DatabaseError, match="does not exist"):
        CHECK.run(context(missing), options({"service": "api", "connections": 3}))


class Shop:
    """An application with a pool of its own: `/kept` gives back, `/lost` does not."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, pool_size=2, max_overflow=1, pool_timeout=0.2)
        self.lost: list[Connection] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(shop.answer(self.path))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"

    def answer(self, path: str) -> int:
        try:
            connection = self.engine.connect()
            connection.exec_driver_sql("SELECT count(*) FROM goods")
        except Exception:  # the pool is exhausted
            return 503
        if path == "/lost":
            self.lost.append(connection)
            return 200
        connection.close()
        return 404 if path == "/gone" else 200

    def close(self) -> None:
        for connection in self.lost:
            connection.close()
        self.engine.dispose()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def shop(server: Database | MariaDatabase) -> Iterator[Shop]:
    server.execute("CREATE TABLE goods (id int PRIMARY KEY)")
    with contextlib.closing(Shop(server.url)) as opened:
        yield opened


def loaded(server: Database | MariaDatabase, shop: Shop, path: str, **more: object) -> CheckResult:
    at = replace(context(access(server)), base_url=shop.address)
    chosen = options(
        {"service": "api", "connections": 3},
        requests=[path], count=12, clients=2, settle="500ms", **more,
    )  # fmt: skip
    return CHECK.run(at, chosen)


def test_connections_that_come_back_pass(server: Database | MariaDatabase, shop: Shop) -> None:
    found = loaded(server, shop, "/kept")
    assert found.outcome is Outcome.PASSED
    assert "after 12 requests, " in found.summary
    assert found.summary.endswith("connections open at the most, all were given back")


@pytest.mark.docker
def test_a_transaction_that_has_ended_is_not_held_for_who_looks_late_enough(
    mariadb: MariaDatabase,
) -> None:
    """InnoDB keeps its copy of the transactions as long as somebody reads it every 0.1 s."""
    mariadb.execute("CREATE TABLE goods (id int PRIMARY KEY) ENGINE=InnoDB")
    held = create_engine(mariadb.url).connect()
    with reading(mariadb.url) as session:
        for _ in range(50):  # a machine under load may take longer between two looks
            held.exec_driver_sql("SELECT count(*) FROM goods")
            time.sleep(FRESH_AFTER)
            assert open_now(session).holding == 1
            held.rollback()
            naive = open_now(session).holding
            if naive == 1:
                break
        time.sleep(FRESH_AFTER)
        assert (naive, open_now(session).holding) == (1, 0)
    held.close()
    held.engine.dispose()


@pytest.mark.docker
def test_a_session_that_is_being_opened_hides_nothing(postgres: Database) -> None:
    """Its row has no state until the server has let it in: seen as a false alarm under load."""
    stop = threading.Event()

    def knock() -> None:
        engine = create_engine(postgres.url, poolclass=NullPool)
        while not stop.is_set():
            engine.connect().close()

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(150):
            with reading(postgres.url) as session:
                open_now(session)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_connections_that_do_not_come_back_fail(
    server: Database | MariaDatabase, shop: Shop
) -> None:
    found = loaded(server, shop, "/lost")
    assert found.outcome is Outcome.FAILED
    assert found.summary == (
        "after 12 requests: 3 more than before are idle inside a transaction: they never came back"
    )
    assert "status 503" in found.details


@pytest.mark.docker
def test_requests_that_fail_prove_nothing(postgres: Database) -> None:
    postgres.execute("CREATE TABLE goods (id int PRIMARY KEY)")
    with contextlib.closing(Shop(postgres.url)) as opened:
        found = loaded(postgres, opened, "/gone")
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert found.summary.startswith("12 of 12 requests failed, so that the load proves nothing")


@pytest.mark.docker
def test_a_role_that_does_not_see_other_sessions_is_an_error(postgres: Database) -> None:
    role = f"r_{postgres.name}"
    postgres.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'pass%w:rd@/'")
    other = postgres.server.connect(postgres.name)
    try:
        at = replace(context(access(url=postgres.url_of(role))), base_url="http://127.0.0.1:9")
        with pytest.raises(ConfigurationError, match="hidden from this role"):
            CHECK.run(at, options({"service": "api", "connections": 3}, requests=["/"]))
    finally:
        other.close()
        postgres.execute(f"DROP ROLE {role}")


def test_the_stack_is_needed_for_engines_and_requests() -> None:
    assert CHECK.refine_needs is not None
    assert CHECK.refine_needs(options({"service": "a", "connections": 1})) == {Need.DATABASE}
    both = {Need.DATABASE, Need.STACK}
    assert CHECK.refine_needs(options(ENGINE)) == both
    assert CHECK.refine_needs(options({"service": "api", "connections": 1}, requests=["/"])) == both


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"services": []},
        {"services": [{"service": "api"}]},
        {"services": [{"connections": 1}]},
        {"services": [{"service": "api", "engine": "shop_db"}]},
        {"services": [{"service": "api", "connections": 0}]},
        {"services": [{"service": "api", "connections": 1, "workers": 0}]},
        {"services": [{"service": "api", "connections": 1}], "reserve": -1},
        {"services": [{"service": "api", "connections": 1}], "classes": []},
        {"services": [{"service": "api", "connections": 1}], "pre-ping": "yes"},
        {"services": [{"service": "api", "connections": 1, "through-pooler": True}]},
        {"services": [{**ENGINE, "through-pooler": True}], "pooler": SIZES},
        {"services": [{"service": "api", "connections": 1}], "pooler": {}},
    ],
)
def test_options_that_say_nothing_are_refused(raw: object) -> None:
    with pytest.raises(ValidationError):
        ConnectionPoolOptions.model_validate_json(json.dumps(raw))
