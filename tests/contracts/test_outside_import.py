"""A reader follows `docs/import.md` from a Markdown file to a blocked and then a ready gate."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.sources import ROOT

LEFT_OUT = shutil.ignore_patterns("*.db", ".venv", "readiness-report", ".*_cache", "__pycache__")
PAGE = (ROOT / "docs/import.md").read_text("utf-8")
STEPS = [
    (line.removeprefix("$ "), told)
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line, told in re.findall(r"^(\$ .*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
READY, BLOCKED = 0, 1


def called(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    """Return what a command of the page came to; `readiness-gate` is this checkout's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    program = f"{sys.executable} -m readiness_gate"
    return subprocess.run(
        ["sh", "-c", re.sub(r"^readiness-gate\b", program, command)], cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        timeout=180,
    )  # fmt: skip


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    shutil.copytree(ROOT / "examples/clinic", folder, ignore=LEFT_OUT)
    (folder / "data").mkdir(exist_ok=True)
    (folder / ".venv").symlink_to(sys.prefix)
    for path in (folder / ".github").glob("readiness*.yml"):
        path.unlink()
    for arguments in ("-m alembic upgrade head", "create_data.py"):
        done = called(folder, f"{sys.executable} {arguments}")
        assert done.returncode == 0, done.stderr
    return folder


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_page_leads_to_a_blocked_and_then_to_a_ready_gate(clinic: Path) -> None:
    codes = []
    for command, told in STEPS:
        done = called(clinic, command)
        said = words(done.stdout + done.stderr)
        for line in told.splitlines():
            assert words(line) in said, f"{command}: {line!r} was not said\n{said}"
        if " run " in command:
            codes.append(done.returncode)
        else:
            assert done.returncode == 0, f"{command}: {done.stderr}"
    assert codes == [BLOCKED, READY]
    shown = re.findall(r"^```yaml\nitems:\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert shown[0] in (clinic / ".github/readiness.yml").read_text("utf-8")


def test_import_write_back_and_import_again_change_boxes_alone(clinic: Path) -> None:
    path = clinic / "docs/PRODUCTION_READINESS.md"
    first = called(clinic, "readiness-gate import docs/PRODUCTION_READINESS.md --update")
    assert first.returncode == 0, first.stderr
    config = (clinic / ".github/readiness.yml").read_bytes()
    before = path.read_bytes()
    called(clinic, "readiness-gate run --snapshot snapshot.json --write-back")
    after = path.read_bytes()
    assert after != before
    boxes = re.compile(rb"\[[ x]\]|\xe2\x9c\x85|\xe2\xac\x9c|\xe2\x9d\x8c|\xe2\x98\x90")
    assert boxes.sub(b"[]", after) == boxes.sub(b"[]", before)
    again = called(clinic, "readiness-gate import docs/PRODUCTION_READINESS.md --update")
    assert "nothing to add" in again.stderr
    assert (clinic / ".github/readiness.yml").read_bytes() == config
