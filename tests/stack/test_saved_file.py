import sqlite3
from pathlib import Path

import pytest

from readiness_gate.stack.saved_file import SavedFile


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "work" / "app.db"
    path.parent.mkdir()
    path.write_bytes(b"as the developer left it")
    path.chmod(0o640)
    return path


def test_a_file_comes_back_byte_for_byte_with_its_mode(database: Path, tmp_path: Path) -> None:
    saved = SavedFile(database, tmp_path / "kept")
    saved.save()
    database.write_bytes(b"migrated")
    database.chmod(0o600)
    saved.restore()
    assert database.read_bytes() == b"as the developer left it"
    assert database.stat().st_mode & 0o777 == 0o640
    assert not saved.is_saved
    assert not (tmp_path / "kept").exists()


def test_the_leftover_of_a_killed_run_is_put_back_before_the_next_is_kept(
    database: Path, tmp_path: Path
) -> None:
    SavedFile(database, tmp_path / "kept").save()
    database.write_bytes(b"half migrated by a killed run")
    again = SavedFile(database, tmp_path / "kept")
    again.save()
    assert database.read_bytes() == b"as the developer left it"
    again.restore()
    assert database.read_bytes() == b"as the developer left it"


def test_a_copy_that_was_cut_off_is_never_restored(database: Path, tmp_path: Path) -> None:
    saved = SavedFile(database, tmp_path / "kept")
    saved.save()
    next((tmp_path / "kept").glob("*.complete")).unlink()
    database.write_bytes(b"newer")
    saved.restore()
    assert database.read_bytes() == b"newer"


def test_a_file_that_was_not_there_is_removed_again(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    saved = SavedFile(path, tmp_path / "kept")
    saved.save()
    path.write_bytes(b"made by the stack")
    saved.restore()
    assert not path.exists()


def test_a_write_ahead_log_is_kept_with_its_database(tmp_path: Path) -> None:
    path = tmp_path / "wal.db"
    holder = sqlite3.connect(path, isolation_level=None)
    try:
        holder.execute("PRAGMA journal_mode=WAL")
        holder.execute("CREATE TABLE patient (id INTEGER)")
        holder.execute("INSERT INTO patient VALUES (1)")
        assert path.with_name("wal.db-wal").exists()
        saved = SavedFile(path, tmp_path / "kept")
        saved.save()
    finally:
        holder.close()
    path.unlink()
    saved.restore()
    again = sqlite3.connect(path)
    try:
        assert again.execute("SELECT count(*) FROM patient").fetchone() == (1,)
    finally:
        again.close()


def test_a_journal_that_came_later_does_not_stay_beside_the_old_database(
    database: Path, tmp_path: Path
) -> None:
    saved = SavedFile(database, tmp_path / "kept")
    saved.save()
    journal = database.with_name("app.db-journal")
    journal.write_bytes(b"of another state")
    saved.restore()
    assert not journal.exists()
