"""What a project opens without SQLAlchemy while its migrations are rehearsed."""

import sys
from pathlib import Path

import pytest

from readiness_gate.checks.database import migrations_reversible
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.database.rehearsed import Project
from tests.database.mariadb import MariaDatabase
from tests.database.postgres import PASSWORD, Database
from tests.database.sqlite import File

CHECK = migrations_reversible.CHECK


@pytest.fixture
def project(tmp_path: Path, sqlite: File) -> Project:
    sqlite.execute("CREATE TABLE kept (id INTEGER); INSERT INTO kept VALUES (1)")
    return Project(tmp_path, sqlite)


def refused(result: CheckResult, what: str) -> None:
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert result.summary == f"{what} without SQLAlchemy: it cannot be sent to the copy"


@pytest.mark.parametrize("how", ["{path!r}", "'file:{path}?mode=rwc', uri=True", "b{path!r}"])
def test_a_revision_that_opens_the_file_itself_is_refused_with_its_place(
    project: Project, sqlite: File, how: str
) -> None:
    path = str(sqlite.path).replace("?", "%3f").replace("#", "%23") if "uri" in how else sqlite.path
    if how.startswith("b"):
        how = f"__import__('os').fsencode({str(path)!r})"
    else:
        how = how.format(path=str(path))
    project.revision(
        "a",
        None,
        f"import sqlite3\nwith sqlite3.connect({how}) as own:\n    own.execute('DELETE FROM kept')",
    )
    name = sqlite.path.name if "uri" not in how else Path(str(path)).name
    refused(project.check(CHECK), f"migrations/versions/a_.py:7 opens {name}")
    assert sqlite.value("SELECT count(*) FROM kept") == 1


def test_a_refusal_that_the_project_hides_is_told_all_the_same(
    project: Project, sqlite: File
) -> None:
    project.revision(
        "a",
        None,
        f"import sqlite3\ntry:\n    sqlite3.connect({str(sqlite.path)!r}).execute('DELETE FROM "
        "kept')\nexcept BaseException:\n    print('never mind')",
    )
    refused(project.check(CHECK), f"migrations/versions/a_.py:8 opens {sqlite.path.name}")
    assert sqlite.value("SELECT count(*) FROM kept") == 1


def test_the_original_is_not_attached_to_the_copy(project: Project, sqlite: File) -> None:
    project.revision(
        "a",
        None,
        f"op.execute(\"ATTACH DATABASE '{sqlite.path}' AS real\")\n"
        "op.execute('DELETE FROM real.kept')",
    )
    refused(project.check(CHECK), f"migrations/versions/a_.py:6 opens {sqlite.path.name}")
    assert sqlite.value("SELECT count(*) FROM kept") == 1


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    "opened",
    [
        "sqlite3.connect(name)",
        "sqlite3.dbapi2.connect('file:' + name, uri=True)",
        "sqlite3.connect(':memory:')",
        "sqlite3.connect(name, factory=type('Own', (sqlite3.Connection,), {}))",
        "sqlite3.Connection(name)",
    ],
)
def test_a_connection_of_the_project_to_its_copy_attaches_no_other_file(
    project: Project, sqlite: File, opened: str, old: bool
) -> None:
    if old:
        old_python(project)
    project.revision(
        "a",
        None,
        "import sqlite3\nname = op.get_bind().exec_driver_sql('PRAGMA database_list').first()[2]\n"
        f"own = {opened}\n"
        f"own.execute(\"ATTACH DATABASE '{sqlite.path}' AS other\")\n"
        "own.execute('DELETE FROM other.kept')\nown.commit()",
    )
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "without SQLAlchemy: it cannot be sent to the copy" in result.summary
    assert sqlite.value("SELECT count(*) FROM kept") == 1


@pytest.mark.parametrize("own", ["op.get_bind().connection", "sqlite3.connect(':memory:')"])
def test_a_file_is_not_attached_by_a_parameter(project: Project, sqlite: File, own: str) -> None:
    project.revision(
        "a",
        None,
        f"import sqlite3\nown = {own}.cursor()\n"
        f"own.execute('ATTACH DATABASE ? AS other', [{str(sqlite.path)!r}])\n"
        "own.execute('DELETE FROM other.kept')\nown.connection.commit()",
    )
    what = "a file whose name is no part of the statement"
    refused(project.check(CHECK), f"migrations/versions/a_.py:8 opens {what}")
    assert sqlite.value("SELECT count(*) FROM kept") == 1


@pytest.mark.parametrize("old", [False, True])
def test_a_connection_of_the_project_to_its_copy_is_let_through(
    project: Project, sqlite: File, old: bool
) -> None:
    if old:
        old_python(project)
    project.revision(
        "a",
        None,
        "import sqlite3, threading\n"
        "name = op.get_bind().exec_driver_sql('PRAGMA database_list').first()[2]\n"
        "def look():\n"
        "    own = sqlite3.connect(name)\n"
        "    assert own.execute('SELECT count(*) FROM sqlite_master').fetchone()\n"
        "look()\nthread = threading.Thread(target=look)\nthread.start()\nthread.join()",
    )
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result


def old_python(project: Project) -> None:
    """Hear what Python before 3.10 tells: of a connection's file, not of the connection."""
    env = project.folder / "migrations/env.py"
    hush = "import __main__\n__main__.HANDLES = False\n"
    env.write_text(hush + env.read_text())


def test_a_database_in_memory_harms_nobody(project: Project) -> None:
    project.revision(
        "a",
        None,
        "import sqlite3\nfor name in (':memory:', ''):\n    sqlite3.connect(name).close()\n"
        "sqlite3.connect('file:x?mode=memory', uri=True).close()\n"
        "op.execute(\"ATTACH DATABASE ':memory:' AS beside\")",
    )
    assert project.check(CHECK).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("subprocess.run(['/usr/bin/psql', '-c', 'DELETE FROM kept'])", "psql"),
        ("subprocess.run('mariadb shop', shell=True)", "mariadb"),
        ("os.system('cd / && sqlite3 app.db')", "sqlite3"),
    ],
)
def test_a_client_of_a_database_is_not_started(project: Project, how: str, what: str) -> None:
    project.revision("a", None, f"import os, subprocess\n{how}")
    refused(project.check(CHECK), f"migrations/versions/a_.py:7 opens a database by {what}")


WRITES = "import sqlite3; c = sqlite3.connect({path!r}); c.execute('DELETE FROM kept'); c.commit()"


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("subprocess.run([sys.executable, 'own.py'])", "python3"),
        ("subprocess.Popen(['git', 'own.py'], executable=sys.executable).wait()", "python3"),
        ("subprocess.run(['env', sys.executable, 'own.py'])", "env"),
        ("subprocess.run(['sh', 'own.sh'])", "sh"),
        ("subprocess.run(['bash', '-lc', './own.sh'])", "bash"),
        ("subprocess.run('git --version; ./own.sh', shell=True)", "sh"),
        ("subprocess.run('git --version\\n./own.sh', shell=True)", "sh"),
        ("subprocess.run('PATH=. git', shell=True)", "sh"),
        ("subprocess.run('git $(./own.sh)', shell=True)", "sh"),
        ("os.system('./own.sh')", "own.sh"),
        ("os.popen('./own.sh').read()", "own.sh"),
        ("os.spawnv(os.P_WAIT, sys.executable, ['git', 'own.py'])", "a copy of itself by os.fork"),
        ("os.waitpid(os.posix_spawn('own.sh', ['git'], {}), 0)", "own.sh"),
        ("os.execv('own.sh', ['git'])", "own.sh"),
        ("if os.fork() == 0: os.execv('own.sh', ['git'])", "a copy of itself by os.fork"),
        ("if os.forkpty()[0] == 0: os.execv('own.sh', ['git'])", "a copy of itself by os.forkpty"),
        (
            "own = multiprocessing.get_context('spawn').Process(target=print)\nown.start()",
            "python3",
        ),
        ("subprocess.run(['true'], check=True)", "true"),
    ],
)
def test_a_program_that_may_have_a_way_to_a_database_is_not_started(
    project: Project, sqlite: File, how: str, what: str
) -> None:
    project.write("own.py", WRITES.format(path=str(sqlite.path)))
    project.write("own.sh", f"#!/bin/sh\n{sys.executable} own.py\n")
    (project.folder / "own.sh").chmod(0o755)
    project.revision("a", None, f"import multiprocessing, os, subprocess, sys\n{how}")
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert result.summary.startswith("migrations/versions/a_.py:")
    what = what.replace("python3", Path(sys.executable).name)
    assert result.summary.partition(" ")[2] == (
        f"starts {what}: what that opens cannot be sent to the copy"
    )
    assert sqlite.value("SELECT count(*) FROM kept") == 1


@pytest.mark.parametrize(
    "how",
    [
        "subprocess.run(['git', '--version'], check=True)",
        "subprocess.run('git --version', shell=True, check=True)",
        "assert os.popen('git --version').read()",
        "assert os.system('uname -a') == 0",
        "os.waitpid(os.posix_spawnp('uname', ['uname'], {'PATH': os.environ['PATH']}), 0)",
        "platform.uname().processor",
        "platform.architecture()",
        "ctypes.util.find_library('c')",
    ],
)
def test_a_program_that_has_no_way_to_a_database_is_started(project: Project, how: str) -> None:
    project.revision("a", None, f"import ctypes.util, os, platform, subprocess\n{how}")
    result = project.check(CHECK)
    assert result.outcome is Outcome.PASSED, result


# Port 9 takes no connection: what is refused has not tried one.
@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("import psycopg\npsycopg.connect('host=127.0.0.1 port=9 dbname=shop')", "shop"),
        (
            "import psycopg\npsycopg.Connection.connect('postgresql://u:p@127.0.0.1:9/shop')",
            "shop",
        ),
        (
            "import asyncio, psycopg\n"  # noqa: ISC004
            "asyncio.run(psycopg.AsyncConnection.connect(host='127.0.0.1', port=9, dbname='shop'))",
            "shop",
        ),
        ("import pymysql\npymysql.connect(host='127.0.0.1', port=9, database='shop')", "shop"),
        ("import pymysql\npymysql.Connection(host='127.0.0.1', port=9, db='shop')", "shop"),
        ("import psycopg\npsycopg.connect('host=127.0.0.1 port=9')", ""),
    ],
)
def test_a_driver_used_by_itself_is_refused(project: Project, how: str, what: str) -> None:
    project.revision("a", None, how)
    result = project.check(CHECK)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    opened = f"the database {what}" if what else "a connection that names no database"
    assert f" opens {opened} without SQLAlchemy" in result.summary
    assert result.summary.startswith("migrations/versions/a_.py:")
    assert "p@" not in result.summary


def own_connection(call: str) -> str:
    return (
        f"{call}\nwith own:\n    own.cursor().execute('DELETE FROM kept')\n"
        "    getattr(own, 'commit')()"
    )


@pytest.mark.docker
def test_postgresql_itself_is_never_written_by_a_driver(tmp_path: Path, postgres: Database) -> None:
    postgres.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    project = Project(tmp_path, postgres)
    where = f"host='127.0.0.1', port={postgres.server.port}, user='postgres', password={PASSWORD!r}"
    call = f"import psycopg\nown = psycopg.connect(dbname={postgres.name!r}, {where})"
    project.revision("a", None, own_connection(call))
    refused(project.check(CHECK), f"migrations/versions/a_.py:7 opens the database {postgres.name}")
    assert postgres.value("SELECT count(*) FROM kept") == 1
    # What SQLAlchemy opens goes to the copy through the same driver.
    project.table("a", None)
    assert project.check(CHECK).outcome is Outcome.PASSED
    # So may what the project opens by the name that its own connection has.
    call = (
        "import psycopg\nname = op.get_bind().engine.url.database\n"
        "name = op.get_bind().exec_driver_sql('SELECT current_database()').scalar()\n"
        f"psycopg.connect(dbname=name, {where}).close()"
    )
    project.revision("a", None, call)
    assert project.check(CHECK).outcome is Outcome.PASSED


@pytest.mark.docker
def test_mariadb_itself_is_never_written_by_a_driver(
    tmp_path: Path, mariadb: MariaDatabase
) -> None:
    mariadb.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    project = Project(tmp_path, mariadb)
    call = (
        "import pymysql\n"
        f"own = pymysql.connect(host='127.0.0.1', port={mariadb.server.port}, user='root', "
        f"password={PASSWORD!r}, database={mariadb.name!r})"
    )
    project.revision("a", None, own_connection(call))
    refused(project.check(CHECK), f"migrations/versions/a_.py:7 opens the database {mariadb.name}")
    assert mariadb.value("SELECT count(*) FROM kept") == 1
    project.table("a", None)
    assert project.check(CHECK).outcome is Outcome.PASSED
