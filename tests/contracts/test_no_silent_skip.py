"""A test that cannot run is a named skip on a laptop, and a failure where CI=true."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.contracts.sources import ROOT

SKIPS = re.compile(r"\bpytest\.(?:skip|importorskip|xfail)\(|\bmark\.(?:skip|skipif|xfail)\b")
ALLOWED = {
    "tests/conftest.py": "no engine: skipped by name, a failure where CI=true",
    "tests/stack/compose/own_engine.py": "no root to start a second engine, likewise",
    "tests/github_double/conftest.py": "no GraphQL schema: skipped by name, likewise",
}


def test_only_known_places_skip() -> None:
    skipping = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if path.name != Path(__file__).name and SKIPS.search(path.read_text("utf-8"))
    }
    assert skipping == set(ALLOWED)


def test_each_of_them_asks_whether_this_is_ci() -> None:
    for name in ALLOWED:
        assert 'os.environ.get("CI")' in (ROOT / name).read_text("utf-8"), name


def outcome(ci: str, folder: Path) -> str:
    """How a test that needs an engine ends where none answers."""
    probe = folder / "test_probe.py"
    probe.write_text("import pytest\n\n@pytest.mark.docker\ndef test_it():\n    pass\n")
    plugin = folder / "no_engine.py"
    plugin.write_text("from tests import conftest\nconftest.engine_version = lambda: None\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no_engine", "-p", "tests.conftest",
         "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(probe)],
        cwd=ROOT,
        env={**os.environ, "CI": ci, "PYTHONPATH": f"{ROOT}:{folder}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    return done.stdout


def test_without_an_engine_a_laptop_skips_by_name_and_ci_fails(tmp_path: Path) -> None:
    assert "1 skipped" in (said := outcome("", tmp_path)), said
    assert "no Docker engine answers" in said
    assert "1 failed" in (said := outcome("true", tmp_path)) or "1 error" in said, said
