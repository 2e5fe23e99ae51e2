import sys

import pytest

from readiness_gate.database.sqlite_enforcement import (
    Observed,
    SqliteConnection,
    observed,
    observing_arguments,
    observing_probe,
)
from readiness_gate.doors.programs import Completed, HostPrograms
from tests.database.sqlite import File

NONCE = "f00dfeedf00dfeed"
KEYS = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x INTEGER REFERENCES p(id));"
ON = ".execute('PRAGMA foreign_keys = ON')\n"


@pytest.fixture
def keyed(sqlite: File) -> File:
    sqlite.execute(KEYS)
    return sqlite


def run(database: File, code: str, *, seconds: float = 20.0, program: str = "python") -> Completed:
    folder = database.path.parent
    (folder / "job.py").write_text(f"import sqlite3\nPATH = {str(database.path)!r}\n" + code)
    asked = observing_arguments([[program, "job.py"]], seconds=seconds, nonce=NONCE)
    return HostPrograms({"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}).run(
        [sys.executable, *asked], timeout=30, cwd=folder, stdin=observing_probe()
    )


def watch(database: File, code: str, *, seconds: float = 20.0) -> Observed:
    return observed(run(database, code, seconds=seconds), nonce=NONCE)


def pragmas(found: Observed) -> list[tuple[int | None, bool]]:
    return [(each.pragma, each.rejected) for each in found.connections]


OFF_ON = "a = sqlite3.connect(PATH)\nb = sqlite3.connect(PATH)\nb" + ON


@pytest.mark.parametrize(
    "end",
    [
        "b.close()\na.close()\n",
        "",
        "del b\ndel a\n",
        "with b:\n    b.execute('INSERT INTO p VALUES (7)')\n",
    ],
)
def test_every_connection_is_looked_at_however_it_ends(keyed: File, end: str) -> None:
    found = watch(keyed, OFF_ON + end)
    assert sorted(pragmas(found)) == [(0, False), (1, True)]
    assert found.connections[0].file == str(keyed.path)
    assert (found.unseen, found.others) == ((), 0)


def test_what_the_program_does_is_as_ever(keyed: File) -> None:
    code = OFF_ON + "a.execute('INSERT INTO p VALUES (7)')\na.commit()\na.close()\n"
    watch(keyed, code + "b.execute('INSERT INTO p VALUES (8)')\nb.close()\n")
    assert keyed.value("SELECT group_concat(id) FROM p") == "7"
    assert keyed.value("SELECT count(*) FROM sqlite_master WHERE name LIKE '%readiness%'") == 0
    assert list(keyed.path.parent.glob("readiness-gate-*")) == []


def test_connections_of_threads_engines_and_classes_of_their_own_are_looked_at(
    keyed: File,
) -> None:
    found = watch(
        keyed,
        "import threading\n"
        "from sqlalchemy import create_engine\n"
        "class Own(sqlite3.Connection):\n"
        "    def execute(self, *_):\n"
        "        raise TypeError('not for everybody')\n"
        "def work():\n"
        "    sqlite3.connect(PATH).close()\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n"
        f"engine = create_engine({keyed.url!r})\nengine.connect().close()\nengine.dispose()\n"
        "own = sqlite3.connect(PATH, factory=Own)\nassert isinstance(own, Own)\nown.close()\n"
        "sqlite3.connect(PATH, 5.0, 0, None, True, Own).close()\n",
    )
    assert pragmas(found) == [(0, False)] * 4
    assert found.unseen == ()


def test_processes_that_a_program_starts_are_watched_too(keyed: File) -> None:
    child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', CODE], check=True)\n"
    found = watch(keyed, f"CODE = f'import sqlite3; sqlite3.connect({{PATH!r}})'\n{child}")
    assert pragmas(found) == [(0, False)]


def test_a_database_without_keys_is_only_counted(keyed: File) -> None:
    found = watch(keyed, "sqlite3.connect(':memory:').close()\nsqlite3.connect(PATH).close()\n")
    assert (len(found.connections), found.others) == (1, 1)
    with pytest.raises(ValueError, match="no connection to a database with foreign keys was op"):
        watch(keyed, "sqlite3.connect(':memory:').close()\n")


def test_a_handle_that_goes_around_is_seen_by_the_audit_hook_and_never_taken_for_good(
    keyed: File,
) -> None:
    around = "import _sqlite3\nhandle = _sqlite3.connect(PATH)\n"
    assert pragmas(watch(keyed, around)) == [(0, False)]
    closed = watch(keyed, around + "handle.close()\n" + OFF_ON)
    assert len(closed.unseen) == 1
    assert len(closed.connections) == 2


def test_a_program_that_ends_at_once_leaves_its_connection_unseen(keyed: File) -> None:
    found = watch(keyed, "import os\na = sqlite3.connect(PATH)\nos._exit(0)\n")
    assert found == Observed((), 0, ("its program ended without closing it",))


def test_the_target_s_own_sitecustomize_still_runs(keyed: File) -> None:
    folder = keyed.path.parent
    (folder / "site").mkdir()
    (folder / "site/sitecustomize.py").write_text("import sys\nsys.own = True\n")
    (folder / "outer.py").write_text(
        "import os, subprocess, sys\n"
        "path = os.environ['PYTHONPATH'] + os.pathsep + 'site'\n"
        "subprocess.run([sys.executable, 'inner.py'], check=True,"
        " env=dict(os.environ, PYTHONPATH=path))\n"
    )
    (folder / "inner.py").write_text(
        f"import sqlite3, sys\nassert sys.own\nsqlite3.connect({str(keyed.path)!r}).close()\n"
    )
    assert len(watch(keyed, "exec(open('outer.py').read())\n").connections) == 1


@pytest.mark.parametrize(
    ("code", "program", "message"),
    [
        ("raise SystemExit(3)\n", "python", "python job.py ended with 3"),
        ("import time\ntime.sleep(60)\n", "python", "python job.py did not end in time"),
        ("", "no-such-program", "no-such-program job.py could not be started"),
    ],
)
def test_a_program_that_fails_is_no_answer(
    keyed: File, code: str, program: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        observed(run(keyed, OFF_ON + code, seconds=1.5, program=program), nonce=NONCE)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        f'readiness-gate:{NONCE} {{"complete": true}}',
        f'readiness-gate:{NONCE} {{"complete": true, "lines": [[{{"kind": "seen"}}]]}}',
        f'readiness-gate:{NONCE} {{"complete": true, "lines": []}}',
    ],
)
def test_half_an_answer_is_none(answer: str) -> None:
    with pytest.raises(ValueError, match=r"the probe|no connection"):
        observed(Completed(("python",), 0, answer, "", 0.1), nonce=NONCE)
    with pytest.raises(ValueError, match="did not end"):
        observed(Completed(("python",), None, answer, "", 5.0), nonce=NONCE)


def test_the_nonce_cannot_be_guessed() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        observing_arguments([["a"]], seconds=1.0, nonce="1")


def test_a_connection_enforces_only_if_setting_and_behaviour_say_so() -> None:
    assert not SqliteConnection(0, rejected=True, file="").enforces
    assert not SqliteConnection(None, rejected=False, file="").enforces
