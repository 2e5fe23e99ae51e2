"""What a project opens through mysqlclient and aiomysql, in an interpreter that has them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from readiness_gate.checks.database import migrations_reversible
from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.model.outcome import ErrorClass, Outcome
from tests.checks.database.rehearsed import OneOff, Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import LABEL, PASSWORD
from tests.docker_engine.images import MYSQL_DRIVERS
from tests.probes.test_alembic_versions import ASYNC

pytestmark = pytest.mark.docker

CHECK = migrations_reversible.CHECK
# Port 9 takes no connection: what is refused has not tried one.
NOWHERE = "host='127.0.0.1', port=9, user='u', password='p'"
IN_ASYNC = (
    "import aiomysql, asyncio\nasync def go():\n    {}\nloop = asyncio.new_event_loop()\n"
    "loop.run_until_complete(go())"
)


class InAContainer(OneOff):
    """Runs the probe beside the drivers; the host's loopback interface is the container's."""

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
        image: str | None = None,
    ) -> Completed:
        self.runs += 1
        folder = str(self.folder)
        options = ["--rm", "-i", "--network", "host", "--label", f"{LABEL}=drivers"]
        options += ["--user", f"{os.getuid()}:{os.getgid()}", "-v", f"{folder}:{folder}"]
        options += ["-w", folder, "-e", "PYTHONDONTWRITEBYTECODE=1"]
        return HostPrograms({"PATH": os.environ["PATH"], "HOME": folder}).run(
            ["docker", "run", *options, MYSQL_DRIVERS, "python3", *command[1:]],
            timeout=timeout, cwd=self.folder, stdin=stdin,
        )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, mariadb: MariaDatabase) -> Project:
    mariadb.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    made = Project(tmp_path, mariadb)
    made.stack = InAContainer(made.folder)
    through(made, "mysqldb")
    return made


def through(project: Project, driver: str) -> None:
    """Have the environment itself connect through a driver."""
    url = str(project.database.url).replace("mariadb+pymysql", f"mysql+{driver}")
    if driver == "aiomysql":
        project.write("migrations/env.py", ASYNC.format(url=url))
        return
    project.environment()
    env = project.folder / "migrations/env.py"
    env.write_text(env.read_text().replace(project.database.url, url))


def kept(project: Project) -> object:
    assert isinstance(project.database, MariaDatabase)
    return project.database.value("SELECT count(*) FROM kept")


@pytest.mark.parametrize(
    ("how", "what"),
    [
        (f"MySQLdb.connect({NOWHERE}, database='shop')", "the database shop"),
        (f"MySQLdb.connect({NOWHERE}, db='shop')", "the database shop"),
        ("MySQLdb.connect('127.0.0.1', 'u', 'p', 'shop', 9)", "the database shop"),
        (f"MySQLdb.Connection({NOWHERE}, db='shop')", "the database shop"),
        (f"MySQLdb.connections.Connection({NOWHERE}, db='shop')", "the database shop"),
        (f"MySQLdb.connect({NOWHERE})", "a connection that names no database"),
        (f"MySQLdb.connect({NOWHERE}, read_default_file='own.cnf')", "a connection that names"),
        ("MySQLdb._mysql.connect('127.0.0.1', port=9, db='shop')", "the database shop"),
        ("MySQLdb._mysql.connection('127.0.0.1', 'u', 'p', 'shop', 9)", "the database shop"),
    ],
)
def test_mysqlclient_used_by_itself_is_refused(project: Project, how: str, what: str) -> None:
    project.revision("a", None, f"import MySQLdb, MySQLdb.connections\n{how}")
    refused(project, what)


@pytest.mark.parametrize(
    ("how", "what"),
    [
        (f"await aiomysql.connect({NOWHERE}, db='shop')", "the database shop"),
        (f"await aiomysql.create_pool({NOWHERE}, db='shop')", "the database shop"),
        (f"await aiomysql.Connection({NOWHERE}, db='shop')._connect()", "the database shop"),
        (f"await aiomysql.connect({NOWHERE})", "a connection that names no database"),
    ],
)
def test_aiomysql_used_by_itself_is_refused(project: Project, how: str, what: str) -> None:
    project.revision("a", None, IN_ASYNC.format(how))
    refused(project, what)


def refused(project: Project, what: str) -> None:
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION), result
    assert result.summary.startswith("migrations/versions/a_.py:")
    assert f" opens {what}" in result.summary
    assert result.summary.endswith("without SQLAlchemy: it cannot be sent to the copy")


BY_MYSQLCLIENT = (
    "import MySQLdb\nown = MySQLdb.connect({where}, database={name})\n"
    "own.cursor().execute('DELETE FROM kept')\nown.commit()\nown.close()"
)
BY_AIOMYSQL = IN_ASYNC.format(
    "own = await aiomysql.connect({where}, db={name})\n"
    "    cursor = await own.cursor()\n    await cursor.execute('DELETE FROM kept')\n"
    "    await own.commit()\n    own.close()"
)


@pytest.mark.parametrize("driver", ["mysqldb", "aiomysql"])
def test_the_database_itself_is_never_written_and_its_copy_may_be(
    project: Project, driver: str
) -> None:
    database = project.database
    assert isinstance(database, MariaDatabase)
    through(project, driver)
    where = f"host='127.0.0.1', port={database.server.port}, user='root', password={PASSWORD!r}"
    # An event loop of its own needs a thread of its own, where the environment has one.
    head = "import concurrent.futures\ndef work(name):\n    "
    tail = "\nconcurrent.futures.ThreadPoolExecutor().submit(work, {name}).result()"
    text = BY_AIOMYSQL if driver == "aiomysql" else BY_MYSQLCLIENT
    body = head + text.format(where=where, name="name").replace("\n", "\n    ") + tail
    project.revision("a", None, body.format(name=repr(database.name)))
    refused(project, f"the database {database.name}")
    assert kept(project) == 1
    copied = "op.get_bind().exec_driver_sql('SELECT database()').scalar()"
    project.revision("a", None, body.format(name=copied))
    result = project.check(CHECK)
    assert "opens" not in result.summary, result
    assert kept(project) == 1
    # What SQLAlchemy opens through the same driver goes to the copy.
    project.table("a", None)
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result
    assert database.value("SHOW TABLES LIKE 't_a'") is None
