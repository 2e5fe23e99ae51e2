"""A MariaDB server for tests: one container for the session, one database for each test."""

import time
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import docker
import pymysql
import pytest
from docker.models.containers import Container
from pymysql.constants import CLIENT

from tests.database.postgres import LABEL, PASSWORD

IMAGE = "mariadb:11"
_BOOT_SECONDS = 60


class Server:
    """A container, published on a free port of the loopback interface."""

    def __init__(self) -> None:
        self.container: Container = docker.from_env().containers.run(
            IMAGE,
            ["mariadbd", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"],
            detach=True,
            remove=True,
            labels={LABEL: "database"},
            environment={"MARIADB_ROOT_PASSWORD": PASSWORD},
            ports={"3306/tcp": ("127.0.0.1", 0)},
            tmpfs={"/var/lib/mysql": ""},
        )
        try:
            self.container.reload()
            ports = self.container.attrs["NetworkSettings"]["Ports"]
            self.port = int(ports["3306/tcp"][0]["HostPort"])
            self._wait()
        except BaseException:
            self.container.remove(force=True)
            raise

    def _wait(self) -> None:
        end = time.monotonic() + _BOOT_SECONDS
        while True:
            try:
                self.connect(None).close()
                return
            except pymysql.err.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def connect(self, name: str | None, user: str = "root") -> "pymysql.Connection[Any]":
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=PASSWORD,
            database=name,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=2,
            client_flag=CLIENT.MULTI_STATEMENTS,
            init_command="SET SESSION sql_mode = 'ANSI_QUOTES'",
        )


class MariaDatabase:
    """An empty database of one test."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = f"t_{uuid.uuid4().hex[:12]}"
        self._administer(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4")

    @property
    def url(self) -> str:
        return self.url_of("root")

    def url_of(self, user: str) -> str:
        where = f"127.0.0.1:{self.server.port}/{self.name}"
        return f"mariadb+pymysql://{user}:{quote(PASSWORD, safe='')}@{where}"

    def execute(self, statements: str) -> None:
        with self.server.connect(self.name) as connection, connection.cursor() as cursor:
            cursor.execute(statements)
            while cursor.nextset():
                pass

    def value(self, statement: str) -> object:
        with self.server.connect(self.name) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
        return None if row is None else row[0]

    def drop(self) -> None:
        self._administer(f"DROP DATABASE {self.name}")

    def _administer(self, statement: str) -> None:
        with self.server.connect(None) as connection, connection.cursor() as cursor:
            cursor.execute(statement)


@cache
def running_server() -> Server:
    return Server()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    server = running_server()
    yield server
    # Several packages use this fixture, and with it the same server: the first to end removes it.
    if running_server.cache_info().currsize:
        running_server.cache_clear()
        server.container.remove(force=True)


@pytest.fixture
def mariadb(mariadb_server: Server) -> Iterator[MariaDatabase]:
    database = MariaDatabase(mariadb_server)
    yield database
    database.drop()
