import os
from pathlib import Path

import pytest

from readiness_gate.report.files import ReportNotWritten, write
from readiness_gate.report.json_report import from_json
from tests.report.builders import BLOCKED


def test_the_folder_holds_report_comment_and_logs(tmp_path: Path) -> None:
    path = write(tmp_path, "out/report", BLOCKED, comment="text\n", logs={"db/1 log": "lines"})
    assert path == "out/report/report.json"
    assert from_json((tmp_path / path).read_bytes()) == BLOCKED
    assert (tmp_path / "out/report/comment.md").read_text() == "text\n"
    assert (tmp_path / "out/report/logs/db-1-log.log").read_text() == "lines"


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    write(tmp_path, "out", BLOCKED, comment="one")
    write(tmp_path, "out", BLOCKED, comment="two")
    assert (tmp_path / "out/comment.md").read_text() == "two"
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["comment.md", "report.json"]


@pytest.mark.parametrize("folder", ["/tmp/x", "../x", "a/../../x", ""])
def test_a_folder_outside_of_the_workspace_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ReportNotWritten):
        write(tmp_path, folder, BLOCKED)


@pytest.mark.parametrize("link", ["out", "out/report", "out/report/logs"])
def test_a_link_to_a_folder_is_not_followed(tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    workspace = tmp_path / "workspace"
    (workspace / link).parent.mkdir(parents=True)
    (workspace / link).symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(ReportNotWritten):
        write(workspace, "out/report", BLOCKED, logs={"a": "text"})
    assert list(elsewhere.iterdir()) == []


def test_a_link_in_place_of_a_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/report.json").symlink_to(victim)
    (tmp_path / "out/comment.md").symlink_to(victim)
    write(tmp_path, "out", BLOCKED, comment="text")
    assert victim.read_text() == "untouched"
    assert not (tmp_path / "out/report.json").is_symlink()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportNotWritten, match="out"):
        write(tmp_path, "out", BLOCKED)


@pytest.mark.parametrize("name", ["../../escape", "/etc/passwd", "..", "a\x00b", "é" * 300])
def test_the_name_of_a_log_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path, "out", BLOCKED, logs={name: "text"})
    assert len(list((tmp_path / "out/logs").iterdir())) == 1


def test_a_log_keeps_its_end(tmp_path: Path) -> None:
    write(tmp_path, "out", BLOCKED, logs={"db": "x" * 3_000_000 + "end"})
    text = (tmp_path / "out/logs/db.log").read_text()
    assert len(text) == 1024 * 1024
    assert text.endswith("end")


def test_everything_belongs_to_the_owner_of_the_workspace(tmp_path: Path) -> None:
    owner = (12345, 12346) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    if os.geteuid() == 0:
        os.chown(tmp_path, *owner)
    write(tmp_path, "out/deep", BLOCKED, comment="text", logs={"db": "text"})
    written = list(tmp_path.rglob("*"))
    assert len(written) == 6
    assert {(one.stat().st_uid, one.stat().st_gid) for one in written} == {owner}
