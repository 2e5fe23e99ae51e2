import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from readiness_gate.checks.database.backup_recency import CHECK, BackupRecencyOptions
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.programs import Completed
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.stack import FakeStack, completed
from tests.forge.clock import FakeClock

NOW = FakeClock().now()
HOUR = 3600


def line(hours: float, size: int = 1000, name: str = "") -> str:
    when = (NOW - timedelta(hours=hours)).timestamp()
    return f"{size} {when:.0f} {name or f'db-{hours:.0f}.dump'}"


def listed(*lines: str, done: Completed | None = None, **given: Any) -> CheckResult:
    options = BackupRecencyOptions.model_validate_json(
        json.dumps({"list": {"command": "list", "in": {"service": "db"}}, **given})
    )
    said = done or completed(stdout="\n".join(lines))
    stack = FakeStack(answer=lambda _call: said)
    return CHECK.run(context(stack=stack, clock=FakeClock()), options)


def test_recent_backups_pass() -> None:
    found = listed(line(2), line(26), line(50))
    assert (found.outcome, found.summary) == (Outcome.PASSED, "3 backups, the newest 2 h old")


def test_an_old_newest_one_fails() -> None:
    found = listed(line(30), line(54))
    assert found.outcome is Outcome.FAILED
    assert found.summary == "the newest, db-30.dump, is 30 h old: more than 26 h"
    assert listed(line(30), within="2d").outcome is Outcome.PASSED


def test_no_backup_fails() -> None:
    assert listed().summary == "there is no backup"
    found = listed(line(1, name="readme.txt"), name="*.dump")
    assert (found.outcome, found.summary) == (
        Outcome.FAILED,
        "there is no backup: none of 1 file is called *.dump",
    )


def test_too_few_and_too_short_a_time_fail() -> None:
    found = listed(line(2), line(26), count={"ge": 7}, retention="30d")
    assert found.outcome is Outcome.FAILED
    assert found.details.splitlines() == [
        "number of backups: expected at least 7, got 2",
        "the oldest is 26 h old: 30 d are to be kept",
    ]


def test_one_that_is_much_smaller_than_usual_fails() -> None:
    found = listed(line(1, 100), line(25, 1000), line(49, 900))
    assert "db-1.dump has 100 bytes, where 950 are usual" in found.summary
    assert listed(line(1, 0)).summary == "db-1.dump is empty"
    assert listed(line(1, 600), line(25, 1000)).outcome is Outcome.PASSED


def test_one_of_the_future_fails() -> None:
    assert "dated in the future" in listed(line(-5)).summary


def test_encryption_that_nobody_tells_is_not_a_pass() -> None:
    found = listed(line(1), encrypted=True)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (completed(1, stderr="no such bucket"), "no such bucket"),
        (completed(None), "did not end in time"),
        (completed(stdout="total 4"), "is not SIZE TIME NAME"),
    ],
)
def test_a_list_that_cannot_be_had_or_read_cannot_tell(done: Completed, said: str) -> None:
    found = listed(done=done)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert said in found.summary


def of_folder(root: Path, **given: Any) -> CheckResult:
    options = BackupRecencyOptions.model_validate({"folder": "backups", **given}, by_alias=True)
    return CHECK.run(context(workspace=root, clock=SystemClock()), options)


def saved(folder: Path, name: str, content: bytes, *, hours: float = 1) -> None:
    (folder / "backups").mkdir(exist_ok=True)
    file = folder / "backups" / name
    file.write_bytes(content)
    when = SystemClock().now().timestamp() - hours * HOUR
    os.utime(file, (when, when))


def test_a_folder_of_the_checkout(tmp_path: Path) -> None:
    saved(tmp_path, "a.dump", b"x" * 50)
    saved(tmp_path, "b.dump", b"x" * 50, hours=25)
    (tmp_path / "backups" / "link").symlink_to("/etc/passwd")
    assert of_folder(tmp_path).summary == "2 backups, the newest 1 h old"


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"age-encryption.org/v1\n", Outcome.PASSED),
        (b"-----BEGIN PGP MESSAGE-----\n", Outcome.PASSED),
        (b"Salted__12345678", Outcome.PASSED),
        (b"\x85\x02\x0c\x03", Outcome.PASSED),
        (b"PGDMP\x01\x0e", Outcome.FAILED),
        (b"-- MariaDB dump", Outcome.FAILED),
    ],
)
def test_encryption_is_seen_by_how_a_file_begins(
    tmp_path: Path, content: bytes, outcome: Outcome
) -> None:
    saved(tmp_path, "a.bin", content)
    assert of_folder(tmp_path, encrypted=True).outcome is outcome


def test_a_folder_that_is_not_there_cannot_tell(tmp_path: Path) -> None:
    found = of_folder(tmp_path)
    assert (found.outcome, found.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert of_folder(tmp_path, folder="../elsewhere").outcome is Outcome.ERROR


def test_needs_are_those_of_the_place() -> None:
    assert CHECK.refine_needs is not None
    folder = BackupRecencyOptions.model_validate({"folder": "b"})
    assert CHECK.refine_needs(folder) == {Need.WORKSPACE}


@pytest.mark.parametrize(
    "options",
    [{}, {"folder": "a", "list": {"command": "x", "in": "host"}}, {"folder": "a", "within": "0s"}],
)
def test_options_without_one_source_are_refused(options: object) -> None:
    with pytest.raises(ValidationError):
        BackupRecencyOptions.model_validate_json(json.dumps(options))
