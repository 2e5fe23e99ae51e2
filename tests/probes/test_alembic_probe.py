import socket
import sqlite3
import tracemalloc
import venv
from contextlib import closing
from pathlib import Path

import pytest

from readiness_gate.migrations.probe import Command, parse
from tests.database.postgres import Database
from tests.probes.alembic_project import ENV, NONCE, AlembicProject


@pytest.fixture
def project(tmp_path: Path) -> AlembicProject:
    made = AlembicProject(tmp_path)
    made.table("a", None)
    made.table("b", "a")
    return made


def stamp(project: AlembicProject, *revisions: str) -> None:
    connection = sqlite3.connect(project.database)
    connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))")
    connection.executemany(
        "INSERT INTO alembic_version VALUES (?)", [(each,) for each in revisions]
    )
    connection.commit()
    connection.close()


def test_an_upgrade_from_empty_is_told_step_by_step(project: AlembicProject) -> None:
    run = project.run("upgrade")
    assert (run.heads, run.before, run.after) == (("b",), (), ("b",))
    assert run.applied == ("a", "b")
    assert (run.error, run.failed_revision, run.answered) == ("", None, True)


def test_a_second_upgrade_applies_nothing(project: AlembicProject) -> None:
    project.run("upgrade")
    run = project.run("upgrade")
    assert (run.before, run.after, run.applied, run.error) == (("b",), ("b",), (), "")


def test_current_reads_what_is_pending_and_writes_nothing(project: AlembicProject) -> None:
    run = project.run("current")
    assert (run.heads, run.before, run.after, run.pending) == (("b",), (), (), ("a", "b"))
    connection = sqlite3.connect(project.database)
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
    connection.close()
    stamp(project, "a")
    assert project.run("current").pending == ("b",)


def test_a_failing_revision_is_named_with_its_cause(project: AlembicProject) -> None:
    project.revision("c", "b", "op.execute('INSERT INTO nowhere VALUES (1)')")
    run = project.run("upgrade")
    assert run.failed_revision == "c"
    assert "no such table: nowhere" in run.error
    assert run.answered


def test_the_parameters_of_a_failed_statement_are_not_told(project: AlembicProject) -> None:
    project.revision(
        "c",
        "b",
        "op.get_bind().execute(sa.text('INSERT INTO nowhere VALUES (:p)'), {'p': 'hunter' + '2'})",
    )
    run = project.run("upgrade")
    assert "no such table" in run.error
    assert "hunter2" not in run.error + run.log


def test_two_heads_are_both_upgraded(project: AlembicProject) -> None:
    project.table("c", "a")
    run = project.run("upgrade")
    assert (run.heads, run.after) == (("b", "c"), ("b", "c"))
    assert run.applied[0] == "a"


def test_a_database_ahead_of_the_code_is_an_error(project: AlembicProject) -> None:
    stamp(project, "zzz")
    for run in (project.run("upgrade"), project.run("current")):
        assert "Can't locate revision identified by 'zzz'" in run.error
        assert (run.before, run.after) == (("zzz",), ("zzz",))


def test_a_filled_database_without_a_stamp_is_told(project: AlembicProject) -> None:
    connection = sqlite3.connect(project.database)
    connection.execute("CREATE TABLE t_a (id INTEGER)")
    connection.close()
    run = project.run("upgrade")
    assert run.error.startswith("1 tables but no revision recorded (not stamped)")
    assert "already exists" in run.error


def test_an_environment_that_hides_the_error_is_seen_through(project: AlembicProject) -> None:
    project.revision("c", "b", "raise RuntimeError('lost')")
    project.write(
        "migrations/env.py", f"try:\n    exec({ENV!r})\nexcept Exception:\n    print('fine')\n"
    )
    run = project.run("upgrade")
    assert run.failed_revision == "c"
    assert "hid the error of revision c" in run.error
    assert run.after != run.heads


TWO = """
from alembic import context
from sqlalchemy import create_engine, pool
for name in ("one", "two"):
    connectable = create_engine(f"sqlite:///{name}.db", poolclass=pool.NullPool)
    try:
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=None)
            with context.begin_transaction():
                context.run_migrations()
    except BaseException as problem:
        print("never mind", problem)
"""


@pytest.mark.parametrize("broken", ["one", "two"])
def test_the_hidden_error_of_one_of_two_databases_is_seen_through(
    project: AlembicProject, broken: str
) -> None:
    project.write("migrations/env.py", TWO)
    assert project.run("upgrade").error == ""
    project.revision(
        "c", "b", f"if op.get_bind().engine.url.database == '{broken}.db':\n    raise KeyError(1)"
    )
    run = project.run("upgrade")
    assert (run.error, run.failed_revision) == (
        "RuntimeError: env.py hid the error of revision c",
        "c",
    )


def test_a_database_of_two_that_stayed_behind_is_told(project: AlembicProject) -> None:
    env = TWO.replace("                context.run", "                if {}: context.run")
    project.write("migrations/env.py", env.format("name == 'two' or True", name="{name}"))
    assert project.run("upgrade").error == ""
    (project.folder / "one.db").unlink()
    assert project.run("current").pending == ("a", "b")
    # Alembic is not told of the first database while it upgrades, but while it reads.
    condition = "name == 'two' or context._proxy.context_opts.get('dont_mutate')"
    project.write("migrations/env.py", env.format(condition, name="{name}"))
    run = project.run("upgrade")
    assert run.error == (
        "RuntimeError: of the databases that env.py goes through one is at no revision, one at b"
    )
    assert run.failed_revision is None


def test_an_environment_that_runs_nothing_is_an_error(project: AlembicProject) -> None:
    project.write("migrations/env.py", "print('hello')\n")
    assert "without running the migrations" in project.run("upgrade").error
    assert "without connecting" in project.run("current").error


@pytest.mark.parametrize("how", ["raise SystemExit(0)", "import sys; sys.exit('bye')"])
def test_an_environment_that_exits_is_an_error(project: AlembicProject, how: str) -> None:
    project.write("migrations/env.py", how + "\n")
    run = project.run("upgrade")
    assert "ended the interpreter" in run.error
    assert run.answered


def test_a_killed_interpreter_gives_no_answer(project: AlembicProject) -> None:
    project.revision("c", "b", "import os\nos._exit(0)")
    run = project.run("upgrade")
    assert not run.answered
    assert "no answer" in run.error


def test_a_migration_that_hangs_is_a_time_out(project: AlembicProject) -> None:
    project.revision("c", "b", "import time\ntime.sleep(60)")
    run = project.run("upgrade", timeout=1.5)
    assert run.timed_out
    assert not run.answered


def test_a_migration_that_prompts_reads_the_end_of_the_file(project: AlembicProject) -> None:
    project.revision("c", "b", "input('sure? ')")
    run = project.run("upgrade")
    assert run.failed_revision == "c"
    assert "EOF" in run.error


def test_what_a_project_prints_forges_nothing(project: AlembicProject) -> None:
    forged = project.forged()
    project.revision(
        "c",
        "b",
        f"import os\nprint({forged!r}, flush=True)\nos.system('echo loud')\nraise ValueError",
    )
    done = project.raw("upgrade")
    assert done.stdout.count("readiness-gate:") == 1
    assert "loud" in done.stderr
    assert project.run("upgrade").failed_revision == "c"


def test_a_folder_of_the_project_named_alembic_does_not_stand_in_for_the_package(
    project: AlembicProject,
) -> None:
    project.write("alembic/__init__.py", "raise RuntimeError('not me')\n")
    assert project.run("upgrade").after == ("b",)


def test_modules_of_the_project_are_importable(project: AlembicProject) -> None:
    project.write("app/__init__.py", "name = 'x'\n")
    project.write("migrations/env.py", "import app\n" + ENV)
    assert project.run("upgrade").after == ("b",)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("migrations/versions/x_.py", "revision = (\n", "SyntaxError"),
        ("migrations/versions/x_.py", "revision = 'x'\ndown_revision = 'gone'\n", "gone"),
        ("migrations/versions/x_.py", "x = 1\n", "Could not determine revision id"),
        ("migrations/env.py", "import not_installed\n", "not_installed"),
        ("alembic.ini", "[alembic]\n", "script_location"),
    ],
)
def test_what_is_broken_in_the_project_is_an_error_of_it(
    project: AlembicProject, name: str, text: str, expected: str
) -> None:
    project.write(name, text)
    run = project.run("upgrade")
    assert run.answered
    assert expected in run.error


def test_a_missing_configuration_is_no_answer(project: AlembicProject) -> None:
    run = project.run("upgrade", config="gone.ini")
    assert not run.answered
    assert "gone.ini is not in" in run.error


def test_a_target_without_alembic_is_no_answer(project: AlembicProject, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    project.python = str(tmp_path / "bare/bin/python")
    run = project.run("upgrade")
    assert not run.answered
    assert "Alembic cannot be imported in the target" in run.error


def test_an_asynchronous_environment_is_driven_too(project: AlembicProject) -> None:
    # The shape of Alembic's own async template, without an async driver.
    project.write(
        "migrations/env.py",
        "import asyncio\n"
        f"def work():\n    exec({ENV!r})\n"
        "async def run():\n    await asyncio.get_running_loop().run_in_executor(None, work)\n"
        "asyncio.run(run())\n",
    )
    run = project.run("upgrade")
    assert (run.error, run.after) == ("", ("b",))


def test_a_configuration_in_pyproject_is_read(project: AlembicProject) -> None:
    (project.folder / "alembic.ini").unlink()
    project.write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    project.write(
        "migrations/env.py",
        ENV.replace(
            'context.config.get_main_option("sqlalchemy.url")', f"'sqlite:///{project.database}'"
        ),
    )
    run = project.run("upgrade", config="pyproject.toml")
    assert (run.error, run.after) == ("", ("b",))


def test_an_environment_that_chooses_the_folder_of_its_dialect_has_its_heads(
    project: AlembicProject,
) -> None:
    versions = project.folder / "migrations/versions"
    (versions / "sqlite").mkdir()
    for path in versions.glob("*.py"):
        path.rename(versions / "sqlite" / path.name)
    chosen = f"context.script.version_locations = [{str(versions / 'sqlite')!r}]\n"
    project.write("migrations/env.py", f"from alembic import context\n{chosen}{ENV}")
    run = project.run("upgrade")
    assert (run.error, run.heads, run.after) == ("", ("b",), ("b",))


OFFLINE = """
from alembic import context
if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
""" + "\n".join(f"    {line}" for line in ENV.splitlines()[2:])


def test_what_alembic_says_offline_comes_with_the_upgrade(project: AlembicProject) -> None:
    project.write("migrations/env.py", OFFLINE)
    stamp(project, "a")
    run = project.run("upgrade")
    assert (run.error, run.not_previewed) == ("", "")
    assert "CREATE TABLE t_a" not in run.preview
    assert "-- Running upgrade a -> b" in run.preview
    assert "CREATE TABLE t_b" in run.preview
    assert (project.run("upgrade").preview, project.run("upgrade").not_previewed) == ("", "")


def test_reading_runs_no_code_of_a_revision(project: AlembicProject) -> None:
    project.write("migrations/env.py", OFFLINE)
    project.revision("c", "b", "open('ran', 'a').write('x')")
    stamp(project, "a")
    run = project.run("current")
    assert (run.error, run.pending) == ("", ("b", "c"))
    assert (run.preview, run.not_previewed) == ("", "")
    assert not (project.folder / "ran").exists()


OWN = """
import sqlite3, sqlalchemy as sa
ENGINE = sa.create_engine({url!r})
POOLED = sa.create_engine({url!r}, poolclass=sa.pool.QueuePool)
RAW = sa.create_engine({url!r}, creator=lambda: sqlite3.connect({path!r}))
HELD = []
"""
WRITE = "\nwith {engine}.begin() as one:\n    one.execute(sa.text('INSERT INTO t_a VALUES (7)'))"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("import own" + WRITE.format(engine="own.ENGINE"), "own.py"),
        ("import own" + WRITE.format(engine="own.POOLED"), "own.py"),
        ("import own" + WRITE.format(engine="own.RAW"), "own.py"),
        (
            (
                "import own\nif not own.HELD:\n    own.HELD.append(own.POOLED.connect())\n"
                "own.HELD[0].execute(sa.text('INSERT INTO t_a VALUES (7)'))\nown.HELD[0].commit()"
            ),
            "",
        ),
        (
            (
                "import sqlite3\nwith sqlite3.connect('app.db') as one:\n"
                "    one.execute('INSERT INTO t_a VALUES (7)')"
            ),
            "app.db",
        ),
        (
            (
                "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import sqlite3\\n"
                'with sqlite3.connect("app.db") as one:\\n'
                '    one.execute("INSERT INTO t_a VALUES (7)")\'], check=True)'
            ),
            "sqlite3",
        ),
        (
            (
                "import subprocess\nsubprocess.run(['git', '--version'], check=True)\n"
                "import sqlite3\nwith sqlite3.connect('app.db') as one:\n"
                "    one.execute('INSERT INTO t_a VALUES (7)')"
            ),
            "git",
        ),
        (
            (
                "import sqlite3\ntry:\n    with sqlite3.connect('app.db') as one:\n"
                "        one.execute('INSERT INTO t_a VALUES (7)')\nexcept BaseException:\n    pass"
            ),
            "app.db",
        ),
    ],
)
def test_a_revision_with_a_connection_of_its_own_writes_once(
    project: AlembicProject, body: str, told: str
) -> None:
    project.write("migrations/env.py", OFFLINE)
    url = f"sqlite:///{project.database}"
    project.write("own.py", OWN.format(url=url, path=str(project.database)))
    assert project.run("upgrade").error == ""
    project.revision("c", "b", body)
    run = project.run("current")
    assert (run.error, run.pending) == ("", ("c",))
    assert rows(project) == []
    run = project.run("upgrade")
    assert (run.error, run.after, run.applied) == ("", ("c",), ("c",))
    assert rows(project) == [(7,)]
    assert (run.preview, bool(run.not_previewed)) == ("", True)
    assert told in run.not_previewed or "connection" in run.not_previewed


def test_a_preview_asks_no_host(project: AlembicProject) -> None:
    project.write("migrations/env.py", OFFLINE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        project.revision(
            "c", "b", f"import socket\nsocket.create_connection(('127.0.0.1', {port})).close()"
        )
        run = project.run("upgrade")
        assert (run.error, run.after) == ("", ("c",))
        server.settimeout(5)
        server.accept()[0].close()
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "127.0.0.1" in run.not_previewed


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_connection_of_a_driver_that_was_kept_writes_no_second_time(
    project: AlembicProject, journal: str
) -> None:
    path = project.folder / "other.db"
    with closing(sqlite3.connect(path)) as own:
        own.execute(f"PRAGMA journal_mode = {journal}")
        own.execute("CREATE TABLE noted (n INTEGER)")
    opened = f"import sqlite3\nOWN = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
    project.write("kept.py", opened)
    project.write("migrations/env.py", OFFLINE)
    project.revision("c", "b", "import kept\nkept.OWN.execute('INSERT INTO noted VALUES (1)')")
    run = project.run("upgrade")
    assert (run.error, run.after, run.preview) == ("", ("c",), "")
    assert run.not_previewed
    with closing(sqlite3.connect(path)) as own:
        assert own.execute("SELECT n FROM noted").fetchall() == [(1,)]
        assert own.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.docker
def test_a_connection_to_postgresql_that_was_kept_writes_no_second_time(
    project: AlembicProject, postgres: Database
) -> None:
    postgres.execute("CREATE TABLE noted (n int)")
    url = postgres.url.replace("+psycopg", "")
    opened = f"import psycopg\nOWN = psycopg.connect({url!r}, autocommit=True)\n"
    project.write("kept.py", opened)
    project.write("migrations/env.py", OFFLINE)
    project.revision("c", "b", "import kept\nkept.OWN.execute('INSERT INTO noted VALUES (1)')")
    run = project.run("upgrade")
    assert (run.error, run.after, run.preview) == ("", ("c",), "")
    assert "OperationalError" in run.not_previewed
    assert postgres.value("SELECT count(*) FROM noted") == 1


def test_a_log_that_was_opened_before_disturbs_no_preview(project: AlembicProject) -> None:
    project.write(
        "kept.py",
        "import asyncio, logging, threading\nLOOP = asyncio.new_event_loop()\n"
        "threading.Thread(target=LOOP.run_forever, daemon=True).start()\n"
        "LOG = logging.FileHandler('own.log')\nlogging.getLogger('own').addHandler(LOG)\n",
    )
    project.write("migrations/env.py", OFFLINE)
    project.revision(
        "c",
        "b",
        "import asyncio, kept, logging\nlogging.getLogger('own').error('here')\n"
        "asyncio.run_coroutine_threadsafe(asyncio.sleep(0), kept.LOOP).result(9)\n"
        "op.create_table('t_c', sa.Column('id', sa.Integer))",
    )
    run = project.run("upgrade")
    assert (run.error, run.after, run.not_previewed) == ("", ("c",), "")
    assert "CREATE TABLE t_c" in run.preview


def rows(project: AlembicProject) -> list[tuple[int]]:
    with closing(sqlite3.connect(project.database)) as connection:
        return connection.execute("SELECT id FROM t_a").fetchall()


def test_values_of_rows_are_not_previewed(project: AlembicProject) -> None:
    project.write("migrations/env.py", OFFLINE)
    project.revision(
        "c",
        "b",
        "op.bulk_insert(sa.table('t_a', sa.column('id', sa.String)), [{'id': 'pass;\\nUPDATE'}])\n"
        "op.execute(\"UPDATE t_a SET id = 'hunter''2' WHERE id = 'geheim'\")\n"
        "op.add_column('t_a', sa.Column('x', sa.String, server_default='shown'))",
    )
    run = project.run("upgrade")
    assert "INSERT INTO t_a (id) VALUES ('…');" in run.preview
    assert "UPDATE t_a SET id = '…' WHERE id = '…'" in run.preview
    assert "DEFAULT 'shown'" in run.preview
    assert "VALUES ('c')" in run.preview or "version_num='c'" in run.preview


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("op.get_bind().execute(sa.text('SELECT 1')).scalar()", "AttributeError"),
        ("with op.batch_alter_table('t_a') as batch:\n    batch.drop_column('id')", "--sql"),
    ],
)
def test_what_cannot_be_previewed_is_told_and_fails_nothing(
    project: AlembicProject, body: str, reason: str
) -> None:
    project.write("migrations/env.py", OFFLINE)
    project.revision("c", "b", f"op.add_column('t_a', sa.Column('y', sa.Integer))\n{body}")
    run = project.run("upgrade")
    assert (run.error, run.after, run.preview) == ("", ("c",), "")
    assert reason in run.not_previewed


def test_a_preview_without_end_is_cut(project: AlembicProject) -> None:
    project.write("migrations/env.py", OFFLINE)
    project.revision(
        "c", "b", "for n in range(40):\n    op.execute(f'CREATE TABLE z{n} (i INT) -- {n:02000}')"
    )
    run = project.run("upgrade")
    assert len(run.preview) < 61_000
    assert run.preview.endswith("characters more")


SEVERAL = """
import os
from alembic import context
import sqlalchemy as sa
for url in {urls!r}:
    try:
        with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
            context.configure(connection=connection, target_metadata=None)
            with context.begin_transaction():
                context.run_migrations()
    except sa.exc.OperationalError as problem:
        print("never mind", problem)
        os.makedirs({made!r}, exist_ok=True)
"""


@pytest.mark.parametrize("first", [True, False])
def test_a_database_whose_failed_connection_env_py_hides_is_told(
    project: AlembicProject, first: bool
) -> None:
    urls = [f"sqlite:///{project.folder}/gone/users.db", f"sqlite:///{project.database}"]
    text = SEVERAL.format(urls=urls if first else urls[::-1], made="elsewhere")
    project.write("migrations/env.py", text)
    stamp(project, "a")
    commands: tuple[Command, ...] = ("current", "upgrade")
    for command in commands:
        run = project.run(command)
        assert "env.py hid that it could not open the database users.db" in run.error, command


def test_a_database_that_env_py_waits_for_is_not_told(project: AlembicProject) -> None:
    url = f"sqlite:///{project.folder}/gone/users.db"
    text = SEVERAL.format(urls=[url, url], made=str(project.folder / "gone"))
    project.write("migrations/env.py", text)
    run = project.run("upgrade")
    assert (run.error, run.after) == ("", ("b",))


def test_a_database_that_a_revision_does_without_is_not_told(project: AlembicProject) -> None:
    project.revision(
        "c",
        "b",
        "try:\n    sa.create_engine('sqlite:////gone/legacy.db').connect()\n"
        "except sa.exc.OperationalError:\n    print('nothing to take over')",
    )
    run = project.run("upgrade")
    assert (run.error, run.after) == ("", ("c",))


def test_a_driver_that_the_target_does_not_have_is_named(project: AlembicProject) -> None:
    project.write(
        "migrations/env.py",
        "import sqlalchemy\nsqlalchemy.create_engine('oracle+nosuch://x').connect()",
    )
    commands: tuple[Command, ...] = ("current", "upgrade")
    for command in commands:
        run = project.run(command)
        assert "nosuch" in run.error
        assert (run.after, run.applied) == ((), ())


def test_a_migration_that_prints_without_end_is_answered_for_in_little_memory(
    project: AlembicProject,
) -> None:
    """A gigabyte: what is kept of it does not depend on how much it is."""
    flood = (
        "import os\nline = b'x' * 1_000_000\nfor _ in range(500):\n"
        "    os.write(1, line)\n    os.write(2, line)"
    )
    project.revision("c", "b", flood)
    tracemalloc.start()
    done = project.raw("upgrade", timeout=60)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    run = parse(done, nonce=NONCE, database="main")
    assert (run.error, run.after) == ("", ("c",))
    assert len(run.log) <= 8_000
    assert peak < 12_000_000
