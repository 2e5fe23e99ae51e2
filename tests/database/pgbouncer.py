"""PgBouncer in front of the tests' PostgreSQL: one container for each way that it is set."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import docker
import psycopg
from docker.models.containers import Container

from tests.database.postgres import LABEL, PASSWORD, Database, Server
from tests.docker_engine.images import POOLER

_BOOT_SECONDS = 30
_START = (
    'printf %s "$USERS" > /tmp/users.txt && printf %s "$SETTINGS" > /tmp/pgbouncer.ini '
    "&& exec pgbouncer /tmp/pgbouncer.ini"
)
_SETTINGS = """
[databases]
* = host={host} port=5432
[pgbouncer]
listen_addr = *
auth_type = scram-sha-256
auth_file = /tmp/users.txt
"""


class Pooler:
    """A container, published on a free port of the loopback interface."""

    def __init__(self, server: Server, **settings: object) -> None:
        networks = server.container.attrs["NetworkSettings"]["Networks"].values()
        head = _SETTINGS.format(host=next(iter(networks))["IPAddress"])
        self.container: Container = docker.from_env().containers.run(
            POOLER,
            [],
            entrypoint=["sh", "-c", _START],
            detach=True,
            remove=True,
            labels={LABEL: "pooler"},
            environment={
                "USERS": f'"postgres" "{PASSWORD}"\n',
                "SETTINGS": head + "".join(f"{key} = {value}\n" for key, value in settings.items()),
            },
            ports={"6432/tcp": ("127.0.0.1", 0)},
        )
        try:
            self.container.reload()
            ports = self.container.attrs["NetworkSettings"]["Ports"]
            self.port = int(ports["6432/tcp"][0]["HostPort"])
            self._wait()
        except BaseException:
            self.container.remove(force=True)
            raise

    def _wait(self) -> None:
        end = time.monotonic() + _BOOT_SECONDS
        while True:
            try:
                psycopg.connect(
                    self.url("postgres", driver="postgresql"), connect_timeout=2
                ).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def url(self, database: Database | str, *, driver: str = "postgresql+psycopg") -> str:
        name = database if isinstance(database, str) else database.name
        return f"{driver}://postgres:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{name}"


@contextmanager
def pooler(server: Server, **settings: object) -> Iterator[Pooler]:
    """Give a running pooler; at the end it is gone."""
    opened = Pooler(server, **settings)
    try:
        yield opened
    finally:
        opened.container.remove(force=True)
