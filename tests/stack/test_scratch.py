import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness_gate.stack.process_state import temporary_folder
from readiness_gate.stack.scratch import open_scratch, remove_abandoned_scratch

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from readiness_gate.stack.process_state import temporary_folder
from readiness_gate.stack.scratch import open_scratch
folder = open_scratch(datetime.now(UTC) + timedelta(hours=1))
print(folder.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def left_by_a_killed_gate(root: Path) -> Path:
    environment = {**os.environ, "TMPDIR": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True, check=False
    )
    return Path(done.stdout.strip())


def test_the_folder_of_a_living_gate_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_scratch(LATER) as name:
        assert remove_abandoned_scratch(NOW) == ()
        assert Path(name).is_dir()
        assert Path(name).stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_gate_is_removed(tmp_path: Path) -> None:
    left = left_by_a_killed_gate(tmp_path)
    (left / "base").mkdir()
    (left / "base/file").write_text("secret")
    assert remove_abandoned_scratch(datetime.now(UTC), root=tmp_path) == (left.name,)
    assert not left.exists()
    assert remove_abandoned_scratch(datetime.now(UTC), root=tmp_path) == ()


def test_a_gate_of_another_boot_is_believed_until_its_deadline(tmp_path: Path) -> None:
    folder = tmp_path / "readiness-gate-x"
    folder.mkdir(mode=0o700)
    said = {"owner": "process:other-boot/1/2/3", "deadline": NOW.isoformat()}
    (folder / "owner.json").write_text(json.dumps(said))
    assert remove_abandoned_scratch(NOW - timedelta(seconds=1), root=tmp_path) == ()
    assert remove_abandoned_scratch(NOW + timedelta(seconds=1), root=tmp_path) == (folder.name,)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "not JSON", '{"owner": 1, "deadline": 2}', "[" * 9_000]
)
def test_what_does_not_say_whose_it_is_stays(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "readiness-gate-x"
    folder.mkdir(mode=0o700)
    (folder / "owner.json").write_text(text)
    assert remove_abandoned_scratch(LATER, root=tmp_path) == ()
    assert folder.is_dir()


def test_a_folder_that_others_may_write_and_a_link_are_none_of_ours(tmp_path: Path) -> None:
    left = left_by_a_killed_gate(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    left.rename(elsewhere)
    (tmp_path / "readiness-gate-link").symlink_to(elsewhere)
    assert remove_abandoned_scratch(LATER, root=tmp_path) == ()
    elsewhere.rename(left)
    left.chmod(0o777)
    assert remove_abandoned_scratch(LATER, root=tmp_path) == ()
    assert left.is_dir()


def test_a_pipe_that_says_whose_it_is_keeps_nobody_waiting(tmp_path: Path) -> None:
    folder = tmp_path / "readiness-gate-x"
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / "owner.json")
    assert remove_abandoned_scratch(LATER, root=tmp_path) == ()
    assert folder.is_dir()


def test_folders_that_nobody_may_write_are_removed_too(tmp_path: Path) -> None:
    left = left_by_a_killed_gate(tmp_path)
    (left / "base/deep").mkdir(parents=True)
    (left / "base/deep/file").write_text("secret")
    (left / "link").symlink_to(tmp_path)
    (left / "base/deep").chmod(0o500)
    (left / "base").chmod(0o500)
    assert remove_abandoned_scratch(LATER, root=tmp_path) == (left.name,)
    assert list(tmp_path.iterdir()) == []


def test_folders_within_folders_without_end_stop_no_gate(tmp_path: Path) -> None:
    left = left_by_a_killed_gate(tmp_path)
    here = os.open(left, os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("a", 0o500, dir_fd=here)
        os.chmod("a", 0o700, dir_fd=here)
        below = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    remove_abandoned_scratch(LATER, root=tmp_path)
    assert (left / "owner.json").is_file() or not left.exists()
    subprocess.run(["rm", "-rf", str(left)], check=True)


def test_whose_it_is_goes_last_so_that_what_resists_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_by_a_killed_gate(tmp_path)
    for name in ("a", "z"):
        (left / name).mkdir()

    def refuses(path: Path) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", refuses)
        assert remove_abandoned_scratch(LATER, root=tmp_path) == ()
        assert (left / "owner.json").is_file()
    assert remove_abandoned_scratch(LATER, root=tmp_path) == (left.name,)


def test_where_nothing_can_be_written_what_was_left_is_still_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", full)
    assert temporary_folder() == Path("/tmp")
