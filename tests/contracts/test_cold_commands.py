"""Commands that answer at once import none of the heavy libraries, and open no connection."""

import json
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    "command",
    [["--version"], ["--help"], ["validate"], ["checks"], ["checks", "--format", "json"],
     ["schema"]],
    ids=" ".join,
)  # fmt: skip
def test_a_cold_command_imports_nothing_heavy(command: list[str], tmp_path: Path) -> None:
    config = tmp_path / ".github/readiness.yml"
    config.parent.mkdir()
    config.write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    seen = json.loads(done.stderr.splitlines()[-1])
    assert seen["code"] == 0, done.stderr
    loaded = {name.partition(".")[0] for name in seen["modules"]} & set(HEAVY)
    assert loaded == set()
    assert done.stdout


def test_who_binds_fifty_items_loads_nothing_that_runs_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, "validate"],
        capture_output=True, text=True, cwd=SHOP, timeout=60, check=False,
    )  # fmt: skip
    seen = json.loads(done.stderr.splitlines()[-1])
    assert seen["code"] == 0, done.stderr
    assert len(done.stdout.splitlines()) > 50
    loaded = {name for name in seen["modules"] if name.startswith("readiness_gate.checks.")}
    assert len(loaded) > 33, "its checks were bound"
    assert [
        name for name in seen["modules"] for one in OF_RUNNING if f"{name}.".startswith(f"{one}.")
    ] == []


def test_a_configuration_without_a_checklist_loads_no_reader_of_markdown(tmp_path: Path) -> None:
    config = tmp_path / ".github/readiness.yml"
    config.parent.mkdir()
    config.write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, "validate"],
        capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
    )  # fmt: skip
    seen = json.loads(done.stderr.splitlines()[-1])
    assert seen["code"] == 0, done.stderr
    assert "markdown_it" not in seen["modules"]
