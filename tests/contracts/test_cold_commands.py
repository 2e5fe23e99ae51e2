"""Commands that answer at once import none of the heavy libraries, and open no connection."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HEAVY = ("github", "docker", "sqlalchemy", "alembic", "requests", "psycopg", "pymysql", "jinja2")
CONFIG = """\
version: 1
merge: {order: [2, 1]}
stack: {}
databases: {main: {service: db, migrations: {}}}
items: {readme: {check: file-exists, with: {path: README.md}}}
"""
WATCHED = """\
import json, socket, sys
def refuse(*_, **__):
    raise AssertionError("a cold command opened a connection")
socket.socket.connect = refuse
sys.argv = ["readiness-gate", *sys.argv[1:]]
from readiness_gate.cli import main
try:
    main()
except SystemExit as stop:
    code = stop.code
print(json.dumps({"code": code or 0, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


SHOP = Path(__file__).parents[2] / "examples/shop"
OF_RUNNING = (
    "readiness_gate.checks.context",
    "readiness_gate.checks.runs",
    "readiness_gate.database.connection",
    "readiness_gate.doors.web",
    "readiness_gate.merge",
    "readiness_gate.migrations",
    "readiness_gate.stack",
    "jsonpath",
)


class Seen(NamedTuple):
    """What a command loaded, and what it printed."""

    modules: frozenset[str]
    output: str


def seen(command: list[str], folder: Path) -> Seen:
    """Return what a command that succeeds leaves loaded in its process."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command],
        capture_output=True, text=True, cwd=folder, timeout=60, check=False,
    )  # fmt: skip
    told = json.loads(done.stderr.splitlines()[-1])
    assert told["code"] == 0, done.stderr
    return Seen(frozenset(told["modules"]), done.stdout)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Give a folder with a configuration that names no checklist."""
    config = tmp_path / ".github/readiness.yml"
    config.parent.mkdir()
    config.write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [["--version"], ["--help"], ["validate"], ["checks"], ["checks", "--format", "json"],
     ["schema"]],
    ids=" ".join,
)  # fmt: skip
def test_a_cold_command_imports_nothing_heavy(command: list[str], small: Path) -> None:
    found = seen(command, small)
    assert {name.partition(".")[0] for name in found.modules} & set(HEAVY) == set()
    assert found.output


def test_who_binds_fifty_items_loads_nothing_that_runs_them() -> None:
    found = seen(["validate"], SHOP)
    assert len(found.output.splitlines()) > 50
    loaded = {name for name in found.modules if name.startswith("readiness_gate.checks.")}
    assert len(loaded) > 33, "its checks were bound"
    assert [
        name for name in found.modules for one in OF_RUNNING if f"{name}.".startswith(f"{one}.")
    ] == []


def test_a_checklist_is_read_on_another_processor_where_there_is_one() -> None:
    here = len(os.sched_getaffinity(0)) < 2 if hasattr(os, "sched_getaffinity") else True
    assert ("markdown_it" in seen(["validate"], SHOP).modules) is here


def test_a_configuration_without_a_checklist_loads_no_reader_of_markdown(small: Path) -> None:
    assert "markdown_it" not in seen(["validate"], small).modules
