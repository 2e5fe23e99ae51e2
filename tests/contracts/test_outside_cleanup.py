"""The clinic is repaired by the revision that the gate writes for it, and can be taken back."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.sources import ROOT

LEFT_OUT = shutil.ignore_patterns("*.db", ".venv", "repaired", "readiness-report", ".*_cache")


def python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GITHUB_WORKSPACE": str(folder)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def plan(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return python(folder, "-m", "readiness_gate", "database", "cleanup-plan", *options)


def rows(clinic: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(clinic / "data/clinic.db") as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if name != "alembic_version"
        ]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def orphans(clinic: Path) -> int:
    with sqlite3.connect(clinic / "data/clinic.db") as connection:
        return len(connection.execute("PRAGMA foreign_key_check").fetchall())


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    shutil.copytree(ROOT / "examples/clinic", folder, ignore=LEFT_OUT)
    (folder / "data").mkdir(exist_ok=True)
    for arguments in (("-m", "alembic", "upgrade", "head"), ("create_data.py",)):
        done = python(folder, *arguments)
        assert done.returncode == 0, done.stderr
    return folder


def test_84_orphans_become_none_and_every_row_can_be_had_back(clinic: Path) -> None:
    before = rows(clinic)
    assert orphans(clinic) == 84
    done = plan(clinic, "--database", "main")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("84 orphaned rows; every one is copied before it is changed")
    (revision,) = (clinic / "migrations/versions").glob("*_clean_up_orphans.py")
    assert f"written: migrations/versions/{revision.name}" in done.stderr
    upgraded = python(clinic, "-m", "alembic", "upgrade", "head")
    assert upgraded.returncode == 0, upgraded.stderr
    assert orphans(clinic) == 0
    assert plan(clinic).stdout == "main: no orphaned row\n"
    taken_back = python(clinic, "-m", "alembic", "downgrade", "-1")
    assert taken_back.returncode == 0, taken_back.stderr
    assert {name: sorted(found, key=str) for name, found in rows(clinic).items()} == {
        name: sorted(found, key=str) for name, found in before.items()
    }


def test_the_plan_is_data_and_a_dry_run_writes_nothing(clinic: Path) -> None:
    files = sorted((clinic / "migrations/versions").iterdir())
    done = plan(clinic, "--dry-run", "--format", "json")
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)
    assert sum(step["rows"] for step in steps) == 84
    assert {step["action"] for step in steps} == {"delete", "set null", "quarantine"}
    kept = [step for step in steps if step["key"].startswith(("visits(patient", "payments("))]
    assert {step["action"] for step in kept} == {"quarantine"}
    assert sorted((clinic / "migrations/versions").iterdir()) == files


def test_the_same_plan_is_written_once(clinic: Path) -> None:
    assert plan(clinic).returncode == plan(clinic).returncode == 0
    assert len(list((clinic / "migrations/versions").glob("*_clean_up_orphans.py"))) == 1


def test_a_pending_revision_is_told_what_it_has_to_follow(clinic: Path) -> None:
    assert python(clinic, "-m", "alembic", "stamp", "a472c3be82f0").returncode == 0
    done = plan(clinic)
    assert "it has to be the first pending revision" in done.stderr
    assert "c05e319d2b7a_search_indexes.py: set down_revision to '" in done.stderr


def test_somebody_else_s_database_is_planned_for_by_name_only(clinic: Path) -> None:
    config = clinic / ".github/readiness.yml"
    text = config.read_text("utf-8").replace("    service: api\n    url:", "    url:", 1)
    text = text.split("    seed:\n", 1)[0] + "items:\n" + text.split("items:\n", 1)[1]
    config.write_text(text, "utf-8")
    done = plan(clinic)
    assert done.returncode == 2
    assert "ask for it by name: --database main" in done.stderr
    assert plan(clinic, "--database", "main", "--dry-run").returncode == 0


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--database", "other"], 2, "there is no database other; configured: main"),
        (["--format", "yaml"], 2, "'yaml' is not one of text, json"),
        (["--url", "sqlite:///data/none.db"], 3, "unable to open database file"),
    ],
)
def test_what_cannot_be_planned_is_said(
    clinic: Path, options: list[str], code: int, said: str
) -> None:
    done = plan(clinic, *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_database_that_is_not_there_yet_is_said_with_what_to_do(clinic: Path) -> None:
    (clinic / "data/clinic.db").unlink()
    done = plan(clinic, "--dry-run")
    assert done.returncode == 3
    assert "there is no " in done.stderr
    assert "run the migrations first" in done.stderr
