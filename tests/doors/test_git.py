"""Reading a real repository, whatever its content and its configuration try."""

import os
import subprocess
from pathlib import Path

import pytest

from readiness_gate.doors.git import GitUnavailable, HostGit
from readiness_gate.doors.programs import OUTPUT_CAP, HostPrograms

PROGRAMS = HostPrograms({"PATH": os.environ["PATH"]})
IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", *IDENTITY, "-C", str(root), *arguments],
        check=True,
        capture_output=True,
        input=stdin,
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
    blob = git(root, "rev-parse", "HEAD:empty")
    names = [f"many/{number:05}{'x' * 240}" for number in range(4_500)]
    assert len("\0".join(names)) > OUTPUT_CAP
    index = "".join(f"100644 {blob}\t{name}\n" for name in names)
    git(root, "update-index", "--index-info", stdin=index)
    assert len(HostGit(PROGRAMS, root).tracked()) == 4_504


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


def change(root: Path, name: str, data: bytes) -> str:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", name.encode("utf-8", "replace").decode())
    return git(root, "rev-parse", "HEAD")


def test_changed_lines_are_those_of_the_head(root: Path) -> None:
    change(root, "code.py", b"one\ntwo\nthree\n")
    base = change(root, "gone.py", b"x\n")
    change(root, "code.py", b"one\n+++ b/two\r\nthree\nfour")
    (root / "gone.py").unlink()
    (root / "a.bin").write_bytes(b"\x00\x01\nmore\n")
    for name in ("with space\t.py", 'quo"te\n.py', "ü.py", "new empty"):
        (root / name).write_text("" if name == "new empty" else "-- a\n@@ -1 +1 @@\n")
    head = change(root, "sub/deep.py", b"1\n")
    found = {one.path: one for one in HostGit(PROGRAMS, root).changed_lines(base, head)}
    assert found["code.py"].added == ((2, "+++ b/two"), (4, "four"))
    assert found["code.py"].removed == 1
    assert (found["gone.py"].deleted, found["gone.py"].removed) == (True, 1)
    assert (found["a.bin"].binary, found["a.bin"].added) == (True, ())
    for name in ("with space\t.py", 'quo"te\n.py', "ü.py"):
        assert found[name].added == ((1, "-- a"), (2, "@@ -1 +1 @@"))
    assert found["new empty"].numbers == frozenset()
    assert found["sub/deep.py"].numbers == {1}
    below = HostGit(PROGRAMS, root / "sub").changed_lines(base, head)
    assert [one.path for one in below] == ["deep.py"]
    assert HostGit(PROGRAMS, root).changed_lines(head, head) == ()


def test_attributes_and_settings_of_the_checkout_hide_no_line(root: Path) -> None:
    base = git(root, "rev-parse", "HEAD")
    (root / ".gitattributes").write_text("* binary -diff\n")
    git(root, "config", "diff.noprefix", "true")
    git(root, "config", "diff.context", "5")
    head = change(root, "code.py", b"text\n")
    changed = HostGit(PROGRAMS, root).changed_lines(base, head)
    assert [(one.path, one.added) for one in changed if one.path == "code.py"] == [
        ("code.py", ((1, "text"),))
    ]


def test_a_change_of_mode_alone_has_no_lines(root: Path) -> None:
    base = change(root, "run.sh", b"true\n")
    git(root, "update-index", "--chmod=+x", "run.sh")
    git(root, "commit", "-q", "-m", "mode")
    (changed,) = HostGit(PROGRAMS, root).changed_lines(base, git(root, "rev-parse", "HEAD"))
    assert (changed.path, changed.added, changed.deleted) == ("run.sh", (), False)


def test_histories_part_at_their_merge_base(root: Path) -> None:
    start = git(root, "rev-parse", "HEAD")
    git(root, "checkout", "-q", "-b", "work")
    head = change(root, "mine", b"1")
    git(root, "checkout", "-q", "main")
    base = change(root, "theirs", b"1")
    assert HostGit(PROGRAMS, root).merge_base(base, head) == start
    git(root, "checkout", "-q", "--orphan", "other")
    other = change(root, "orphan", b"1")
    with pytest.raises(GitUnavailable, match="no history"):
        HostGit(PROGRAMS, root).merge_base(base, other)


def test_a_shallow_checkout_is_told_what_to_set(root: Path, tmp_path: Path) -> None:
    base = change(root, "theirs", b"1")
    head = change(root, "mine", b"1")
    git(tmp_path, "clone", "-q", "--depth=1", root.as_uri(), "shallow")
    reader = HostGit(PROGRAMS, tmp_path / "shallow")
    for ask in (reader.merge_base, reader.changed_lines):
        with pytest.raises(GitUnavailable, match="fetch-depth: 0"):
            ask(base, head)


def test_an_export_of_some_paths_writes_those_that_are_there(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "tree"
    target.mkdir()
    commit = git(root, "rev-parse", "HEAD")
    HostGit(PROGRAMS, root).export(commit, target, ["sub/ü b.txt", "missing", "link"])
    assert [path.name for path in target.rglob("*")] == ["sub", "ü b.txt"]
