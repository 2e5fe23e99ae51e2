import json
import sys
from pathlib import Path

import pytest

from readiness_gate.database.sqlite_enforcement import (
    SqliteConnection,
    arguments,
    parse,
    probe,
)
from readiness_gate.doors.programs import Completed, HostPrograms
from tests.database.sqlite import File

NONCE = "f00dfeedf00dfeed"
LISTENER = """
@event.listens_for(engine, "connect")
def on(connection, record):
    connection.execute("PRAGMA foreign_keys = ON")
"""
HEAD = """
import sqlite3
from sqlalchemy import create_engine, event, pool
from sqlalchemy.orm import sessionmaker
"""


def looked_at(sqlite: File, code: str, engine: str = "app.db:engine") -> Completed:
    folder = sqlite.path.parent
    (folder / "app").mkdir(exist_ok=True)
    (folder / "app/__init__.py").write_text("")
    (folder / "app/db.py").write_text(
        HEAD + f"PATH = {str(sqlite.path)!r}\nURL = {sqlite.url!r}\n" + code
    )
    return HostPrograms({"PATH": "/usr/bin:/bin"}).run(
        [sys.executable, *arguments(engine, nonce=NONCE)],
        timeout=30,
        cwd=folder,
        stdin=probe(),
    )


def seen(sqlite: File, code: str, engine: str = "app.db:engine") -> tuple[SqliteConnection, ...]:
    return parse(looked_at(sqlite, code, engine), nonce=NONCE)


def test_every_connection_of_the_pool_is_looked_at(sqlite: File) -> None:
    found = seen(sqlite, "engine = create_engine(URL, pool_size=3, max_overflow=2)\n" + LISTENER)
    assert found == (SqliteConnection(1, rejected=True, file=str(sqlite.path)),) * 5
    assert all(each.enforces for each in found)


def test_an_engine_without_the_pragma_accepts_a_violation(sqlite: File) -> None:
    found = seen(sqlite, "engine = create_engine(URL, pool_size=2, max_overflow=0)\n")
    assert [(each.pragma, each.rejected) for each in found] == [(0, False)] * 2


def test_a_pragma_that_is_set_once_leaves_the_other_connections_off(sqlite: File) -> None:
    found = seen(
        sqlite,
        "engine = create_engine(URL, pool_size=3, max_overflow=0)\n"
        "first = engine.connect()\n"
        "first.exec_driver_sql('PRAGMA foreign_keys = ON')\n"
        "first.close()\n",
    )
    assert [each.enforces for each in found] == [True, False, False]


def test_a_pragma_inside_a_transaction_does_nothing(sqlite: File) -> None:
    found = seen(
        sqlite,
        "engine = create_engine(URL, pool_size=1, max_overflow=0)\n"
        "@event.listens_for(engine, 'connect')\n"
        "def on(connection, record):\n"
        "    connection.execute('BEGIN')\n"
        "    connection.execute('PRAGMA foreign_keys = ON')\n"
        "    connection.commit()\n",
    )
    assert [each.enforces for each in found] == [False]


POOLED = "engine = create_engine(URL)\n" + LISTENER
RAW = """
def connect():
    connection = sqlite3.connect(PATH)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
"""
MANAGED = """
import contextlib
@contextlib.contextmanager
def connect():
    connection = sqlite3.connect(PATH, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
"""
INNER = """
class box:
    class inner:
        pass
engine = box.inner.engine = create_engine(URL, poolclass=pool.StaticPool)
"""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("engine = create_engine(URL, poolclass=pool.NullPool)\n" + LISTENER, "engine"),
        (POOLED + "Session = sessionmaker(engine)\n", "Session"),
        (POOLED + "def make():\n    return engine\n", "make"),
        (INNER + LISTENER, "box.inner.engine"),
        (RAW, "connect"),
        (MANAGED, "connect"),
    ],
)
def test_engines_factories_and_functions_are_understood(sqlite: File, code: str, name: str) -> None:
    found = seen(sqlite, code, f"app.db:{name}")
    assert all(each.enforces for each in found)


def test_nothing_is_left_behind(sqlite: File) -> None:
    sqlite.execute("CREATE TABLE t (a)")
    before = sqlite.path.read_bytes()
    seen(sqlite, "engine = create_engine(URL)\n")
    assert sqlite.path.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("", "engine", "app.db has no engine"),
        ("engine = 7\n", "engine", "a int opens no connections"),
        ("engine = create_engine('postgresql+psycopg://h/d')\n", "engine", "one of postgresql"),
        ("import gone\n", "engine", "app.db cannot be imported in the target"),
        ("raise SystemExit(0)\n", "engine", "SystemExit"),
        ("engine = create_engine('sqlite:////nonexistent/x.db')\n", "engine", "unable to open"),
        ("import os\nos._exit(0)\n", "engine", "no answer"),
        ("def engine():\n    return []\n", "engine", "no attribute"),
    ],
)
def test_what_cannot_be_looked_at_is_an_error(
    sqlite: File, code: str, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        seen(sqlite, code, f"app.db:{name}")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"complete": True},
        {"complete": True, "connections": []},
        {"complete": True, "connections": [1]},
        {"complete": True, "connections": [{"pragma": 1}]},
        {"complete": True, "connections": [{"pragma": 1, "violation": "maybe"}]},
        {"complete": True, "connections": [{"pragma": 1, "violation": "rejected"}], "error": "x"},
    ],
)
def test_an_answer_that_says_less_than_it_must_is_no_answer(answer: object) -> None:
    stdout = f"\nreadiness-gate:{NONCE} {json.dumps(answer)}\n"
    with pytest.raises(ValueError, match=r"."):
        parse(Completed((), 0, stdout, "", 0.1), nonce=NONCE)


def test_a_build_without_foreign_keys_does_not_enforce() -> None:
    assert not SqliteConnection(None, rejected=True, file="").enforces
    assert not SqliteConnection(1, rejected=False, file="").enforces


def test_a_probe_that_hangs_is_no_answer() -> None:
    with pytest.raises(ValueError, match="did not end in 30 s"):
        parse(Completed((), None, "", "", 30.0), nonce=NONCE)
    with pytest.raises(ValueError, match="nonce"):
        arguments("a:b", nonce="short")


def test_the_folder_of_the_service_is_where_the_module_is_found(tmp_path: Path) -> None:
    done = HostPrograms({"PATH": "/usr/bin:/bin"}).run(
        [sys.executable, *arguments("nowhere.db:engine", nonce=NONCE)],
        timeout=30,
        cwd=tmp_path,
        stdin=probe(),
    )
    with pytest.raises(ValueError, match="nowhere"):
        parse(done, nonce=NONCE)
