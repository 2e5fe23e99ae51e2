"""`database cleanup-plan` on a database that is there only while its stack is."""

import signal
import time
from pathlib import Path

import pytest

from tests.e2e import tiny
from tests.e2e.command_line import begin, call, finish
from tests.e2e.leftovers import docker, left_behind

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240)]

ORPHANED = (
    tiny.TABLES
    + """\
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('a');
SET session_replication_role = replica;
INSERT INTO orders VALUES (12, 77), (13, 77);
"""
)
MIGRATED = tiny.DATABASE_CONFIG.replace(
    "{service: db}", "{service: db, migrations: {config: alembic.ini, run: before-start}}"
)


def repository(folder: Path, *, rows: str = ORPHANED, config: str = tiny.DATABASE_CONFIG) -> Path:
    return tiny.repository(
        folder,
        {
            ".github/readiness.yml": config,
            "docker-compose.yml": tiny.DATABASE_COMPOSE,
            "begin.sql": rows,
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "migrations/env.py": "",
            "migrations/versions/a_.py": "revision = 'a'\ndown_revision = None\n",
        },
    )


def test_the_stack_is_booted_planned_for_and_gone(tmp_path: Path) -> None:
    folder = repository(tmp_path / "tiny")
    done = call(folder, "database", "cleanup-plan", "--dry-run")
    assert done.exit_code == 0, done.said
    assert "main is a service of the stack: it is started, read, and removed again" in done.stderr
    assert done.stdout.startswith("2 orphaned rows; every one is copied before it is changed")
    assert "quarantine" in done.stdout
    assert left_behind(done.project_prefix) == {}


def test_the_revision_is_written_from_the_booted_database(tmp_path: Path) -> None:
    folder = repository(tmp_path / "tiny", config=MIGRATED)
    done = call(folder, "database", "cleanup-plan")
    assert done.exit_code == 0, done.said
    (revision,) = (folder / "migrations/versions").glob("*_clean_up_orphans.py")
    assert "down_revision = 'a'" in revision.read_text().replace('"', "'")
    assert left_behind(done.project_prefix) == {}


def test_a_base_that_is_not_there_is_said_before_anything_is_booted(tmp_path: Path) -> None:
    folder = repository(tmp_path / "tiny")
    for base, said in (("main", "is not a full commit SHA"), ("0" * 40, "is not in the checkout")):
        done = call(folder, "database", "cleanup-plan", "--base", base)
        assert (done.exit_code, done.stdout) == (2, ""), done.said
        assert said in done.stderr


def test_a_stack_without_orphans_has_no_plan(tmp_path: Path) -> None:
    rows = ORPHANED.partition("SET session")[0]
    folder = repository(tmp_path / "tiny", rows=rows)
    done = call(folder, "database", "cleanup-plan")
    assert (done.exit_code, done.stdout) == (0, "main: no orphaned row\n"), done.said
    assert left_behind(done.project_prefix) == {}


def test_a_stack_that_does_not_come_up_is_an_error_and_gone(tmp_path: Path) -> None:
    folder = repository(tmp_path / "tiny", rows="SELECT nothing FROM nowhere;")
    done = call(folder, "database", "cleanup-plan", "--dry-run")
    assert (done.exit_code, done.stdout) == (3, ""), done.said
    assert "db: " in done.stderr
    assert left_behind(done.project_prefix) == {}


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    rows = "SELECT pg_sleep(60);\n" + ORPHANED
    folder = repository(tmp_path / "tiny", rows=rows)
    process = begin(folder, "database", "cleanup-plan", "--dry-run")
    prefix = f"rg-local-{process.pid}-"
    end = time.monotonic() + 60
    while not left_behind(prefix).get("container") and time.monotonic() < end:
        time.sleep(0.2)
    assert left_behind(prefix).get("container"), docker("ps", "--all").stdout
    process.send_signal(signal.SIGINT)
    done = finish(process, folder, 90)
    assert done.exit_code == 130, done.said
    assert left_behind(prefix) == {}
