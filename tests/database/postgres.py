"""A PostgreSQL server for tests: one container for the session, one database for each test."""

import time
import uuid
from collections.abc import Iterator
from functools import cache

import docker
import psycopg
import pytest
from docker.models.containers import Container

LABEL = "readiness-gate.test"
IMAGE = "postgres:17"
PASSWORD = "pass%w:rd@/"
_BOOT_SECONDS = 60


class Server:
    """A container, published on a free port of the loopback interface."""

    def __init__(self, *options: str, image: str = IMAGE) -> None:
        self.container: Container = docker.from_env().containers.run(
            image,
            ["postgres", "-c", "fsync=off", "-c", "max_connections=50", *options],
            detach=True,
            remove=True,
            labels={LABEL: "database"},
            environment={"POSTGRES_PASSWORD": PASSWORD},
            ports={"5432/tcp": ("127.0.0.1", 0)},
            tmpfs={"/var/lib/postgresql/data": ""},
        )
        try:
            self.port = self._published()
            self._wait()
        except BaseException:
            self.container.remove(force=True)
            raise

    def _published(self) -> int:
        self.container.reload()
        return int(self.container.attrs["NetworkSettings"]["Ports"]["5432/tcp"][0]["HostPort"])

    def _wait(self) -> None:
        end = time.monotonic() + _BOOT_SECONDS
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def connect(self, name: str, user: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=PASSWORD,
            dbname=name,
            autocommit=True,
            connect_timeout=2,
        )


class Database:
    """An empty database of one test."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = f"t_{uuid.uuid4().hex[:12]}"
        self._administer(f"CREATE DATABASE {self.name} TEMPLATE template0")

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, user: str) -> str:
        secret = PASSWORD.replace("%", "%25").replace("@", "%40").replace("/", "%2F")
        secret = secret.replace(":", "%3A")
        return f"postgresql+psycopg://{user}:{secret}@127.0.0.1:{self.server.port}/{self.name}"

    def execute(self, statements: str) -> None:
        connection = self.server.connect(self.name)
        connection.execute(statements.encode())
        connection.close()

    def value(self, statement: str) -> object:
        connection = self.server.connect(self.name)
        row = connection.execute(statement.encode()).fetchone()
        connection.close()
        return None if row is None else row[0]

    def drop(self) -> None:
        self._administer(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        connection = self.server.connect("postgres")
        connection.execute(statement.encode())
        connection.close()


@cache
def running_server() -> Server:
    return Server()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    server = running_server()
    yield server
    # Several packages use this fixture, and with it the same server: the first to end removes it.
    if running_server.cache_info().currsize:
        running_server.cache_clear()
        server.container.remove(force=True)


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Database]:
    database = Database(postgres_server)
    yield database
    database.drop()
