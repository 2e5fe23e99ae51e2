"""Reading a real repository, whatever its content and its configuration try."""

import os
import subprocess
from pathlib import Path

import pytest

from readiness_gate.doors.git import GitUnavailable, HostGit
from readiness_gate.doors.programs import HostPrograms

PROGRAMS = HostPrograms({"PATH": os.environ["PATH"]})
IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *IDENTITY, "-C", str(root), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        },
    )
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "sub").mkdir()
    (root / "a.bin").write_bytes(b"\xff\x00\r\n")
    (root / "sub" / "ü b.txt").write_text("text")
    (root / "empty").write_text("")
    (root / "link").symlink_to("/etc/passwd")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


def test_the_head_is_a_full_sha_and_none_outside_a_repository(root: Path, tmp_path: Path) -> None:
    assert HostGit(PROGRAMS, root).head() == git(root, "rev-parse", "HEAD")
    (tmp_path / "bare").mkdir()
    assert HostGit(PROGRAMS, tmp_path / "bare").head() is None


def test_a_file_at_a_commit_is_read_byte_for_byte(root: Path) -> None:
    reader, commit = HostGit(PROGRAMS, root), git(root, "rev-parse", "HEAD")
    (root / "a.bin").write_text("changed since")
    assert reader.file(commit, "a.bin") == b"\xff\x00\r\n"
    assert reader.file(commit, "sub/ü b.txt") == b"text"
    assert reader.file(commit, "empty") == b""
    assert reader.file(commit, "missing") is None
    assert reader.file(commit, "sub") is None
    assert HostGit(PROGRAMS, root / "sub").file(commit, "ü b.txt") == b"text"


def test_a_file_that_is_too_large_to_read_whole_is_no_answer(root: Path) -> None:
    (root / "large").write_bytes(b"x" * 1_100_000)
    git(root, "add", "large")
    git(root, "commit", "-q", "-m", "large")
    with pytest.raises(GitUnavailable, match="whole"):
        HostGit(PROGRAMS, root).file(git(root, "rev-parse", "HEAD"), "large")


@pytest.mark.parametrize("commit", ["main", "HEAD", "--output=x", "a" * 39, "A" * 40, ""])
def test_only_full_shas_are_commits(root: Path, commit: str) -> None:
    with pytest.raises(GitUnavailable, match="full commit SHA"):
        HostGit(PROGRAMS, root).file(commit, "a.bin")


def test_a_commit_that_is_not_here_is_named_with_the_remedy(root: Path) -> None:
    with pytest.raises(GitUnavailable, match="fetch-depth: 0"):
        HostGit(PROGRAMS, root).file("a" * 40, "a.bin")


def test_tracked_files_are_those_of_the_index(root: Path) -> None:
    (root / "untracked").write_text("")
    (root / "added\nname").write_text("")
    git(root, "add", "added\nname")
    assert HostGit(PROGRAMS, root).tracked() == (
        "a.bin",
        "added\nname",
        "empty",
        "link",
        "sub/ü b.txt",
    )
    assert HostGit(PROGRAMS, root / "sub").tracked() == ("ü b.txt",)


def test_a_list_longer_than_the_output_cap_is_whole(root: Path) -> None:
    (root / "many").mkdir()
    for number in range(6_000):
        (root / "many" / f"{number:05}{'x' * 180}").touch()
    git(root, "add", "many")
    assert len(HostGit(PROGRAMS, root).tracked()) == 6_004


def test_tracked_files_need_a_repository(tmp_path: Path) -> None:
    with pytest.raises(GitUnavailable):
        HostGit(PROGRAMS, tmp_path).tracked()


def test_a_machine_without_git_is_told_apart(root: Path) -> None:
    reader = HostGit(HostPrograms({"PATH": "/nowhere"}), root)
    assert reader.head() is None
    with pytest.raises(GitUnavailable, match="not installed"):
        reader.tracked()
    with pytest.raises(GitUnavailable, match="not installed"):
        reader.file("a" * 40, "a.bin")


def test_hooks_and_monitors_of_the_checkout_do_not_run(root: Path) -> None:
    proof = root.parent / "ran"
    script = root / ".git" / "hooks" / "fsmonitor"
    script.write_text(f"#!/bin/sh\ntouch {proof}\n")
    script.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(script))
    git(root, "config", "diff.external", str(script))
    reader = HostGit(PROGRAMS, root)
    reader.tracked()
    reader.head()
    assert not proof.exists()


def test_an_export_is_the_whole_tree_without_links(root: Path, tmp_path: Path) -> None:
    (root / ".gitattributes").write_text("sub export-ignore\nempty export-subst\n")
    (root / "folder").symlink_to("sub")
    git(root, "add", ".gitattributes", "folder")
    git(root, "commit", "-q", "-m", "attributes")
    (root / "sub" / "later").write_text("")
    target = tmp_path / "tree"
    target.mkdir()
    HostGit(PROGRAMS, root).export(git(root, "rev-parse", "HEAD"), target)
    found = sorted(path.relative_to(target).as_posix() for path in target.rglob("*"))
    assert found == [".gitattributes", "a.bin", "empty", "sub", "sub/ü b.txt"]
    assert (target / "a.bin").read_bytes() == b"\xff\x00\r\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tree", "work"]
    assert "later" not in git(root, "ls-files")


def test_an_export_of_a_folder_starts_there(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "tree"
    target.mkdir()
    HostGit(PROGRAMS, root / "sub").export(git(root, "rev-parse", "HEAD"), target)
    assert [path.name for path in target.rglob("*")] == ["ü b.txt"]
