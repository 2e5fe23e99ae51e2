"""The path guard, and one pass over the files."""

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.doors.workspace import PathRefused, Workspace, matches


@pytest.fixture
def tree(tmp_path: Path) -> Workspace:
    root = tmp_path / "work"
    (root / "docs" / "deep").mkdir(parents=True)
    (root / "docs" / "a.md").write_bytes(b"\xef\xbb\xbftext \xff")
    (root / "docs" / "deep" / "b.md").write_text("b")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("secret")
    (tmp_path / "outside").write_text("secret")
    return Workspace(root)


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "..", "../outside", "docs/../../outside", "a\0b", "x" * 256]
)
def test_paths_that_lead_out_are_refused(tree: Workspace, path: str) -> None:
    with pytest.raises(PathRefused):
        tree.path(path)
    with pytest.raises(PathRefused):
        tree.read(path)
    with pytest.raises(PathRefused):
        tree.exists(path)


def test_links_that_lead_out_are_refused_and_inner_ones_followed(tree: Workspace) -> None:
    (tree.root / "file").symlink_to(tree.root.parent / "outside")
    (tree.root / "folder").symlink_to(tree.root.parent)
    (tree.root / "inner").symlink_to(tree.root / "docs" / "deep" / "b.md")
    for path in ("file", "folder/outside"):
        with pytest.raises(PathRefused):
            tree.read(path)
    assert tree.read("inner") == b"b"


def test_links_in_a_circle_are_refused(tree: Workspace) -> None:
    (tree.root / "one").symlink_to("two")
    (tree.root / "two").symlink_to("one")
    with pytest.raises((PathRefused, FileNotFoundError)):
        tree.read("one")


def test_only_regular_files_are_read(tree: Workspace) -> None:
    os.mkfifo(tree.root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree.root / "socket"))
        for path in ("pipe", "socket", "docs"):
            with pytest.raises(PathRefused, match="not a regular file"):
                tree.read(path)
        assert list(tree.files()) == ["docs/a.md", "docs/deep/b.md"]


@pytest.mark.parametrize("path", ["missing", "docs/missing", "docs/a.md/x"])
def test_a_missing_file_is_missing(tree: Workspace, path: str) -> None:
    assert not tree.exists(path)
    with pytest.raises(FileNotFoundError):
        tree.read(path)


@pytest.mark.parametrize("of", ["file", "folder"])
def test_what_became_a_link_since_it_was_listed_leads_nowhere(tree: Workspace, of: str) -> None:
    outside = tree.root.parent / "elsewhere"
    outside.mkdir()
    (outside / "b.md").write_text("secret")
    assert tree.read("docs/deep/b.md") == b"b"
    assert list(tree.files()) == ["docs/a.md", "docs/deep/b.md"]
    assert tree.read("docs/deep/b.md") == b"b"
    folder = tree.root / "docs" / "deep"
    (folder / "b.md").unlink()
    if of == "file":
        (folder / "b.md").symlink_to(outside / "b.md")
    else:
        folder.rmdir()
        folder.symlink_to(outside)
    with pytest.raises(PathRefused):
        tree.read("docs/deep/b.md")


def test_what_is_gone_since_it_was_listed_is_missing(tree: Workspace) -> None:
    assert list(tree.files())
    (tree.root / "docs" / "a.md").unlink()
    with pytest.raises(FileNotFoundError):
        tree.read("docs/a.md")


def test_what_became_a_folder_since_it_was_listed_is_no_file(tree: Workspace) -> None:
    assert list(tree.files())
    (tree.root / "docs" / "a.md").unlink()
    (tree.root / "docs" / "a.md").mkdir()
    with pytest.raises(PathRefused, match="not a regular file"):
        tree.read("docs/a.md")


def test_a_listed_file_of_any_name_is_read(tree: Workspace) -> None:
    name = os.fsdecode(b"docs/n\xff\n (deleted)")
    (tree.root / name).write_text("odd")
    assert name in list(tree.files())
    assert tree.read(name) == b"odd"


def test_a_file_over_the_cap_is_refused(tree: Workspace) -> None:
    (tree.root / "big").write_bytes(b"x" * 11)
    assert len(tree.read("big", cap=11)) == 11
    with pytest.raises(PathRefused, match="larger than 10"):
        tree.read("big", cap=10)


def test_text_never_fails_on_bytes(tree: Workspace) -> None:
    assert tree.text("docs/a.md") == "text \N{REPLACEMENT CHARACTER}"


def test_version_control_and_links_are_not_walked(tree: Workspace) -> None:
    (tree.root / "again").symlink_to(tree.root / "docs")
    (tree.root / "node_modules").mkdir()
    (tree.root / "node_modules" / "x.md").write_text("")
    assert list(tree.files()) == ["docs/a.md", "docs/deep/b.md"]
    assert tree.glob("**/*.md") == ["docs/a.md", "docs/deep/b.md"]
    assert tree.glob("docs/*.md") == ["docs/a.md"]


@pytest.mark.parametrize(
    ("name", "pattern", "matched"),
    [
        ("a.md", "*.md", True),
        ("docs/a.md", "*.md", False),
        ("docs/a.md", "docs/*", True),
        ("docs/x/a.md", "docs/*", False),
        ("docs/a.md", "docs/**/*.md", True),
        ("docs/x/y/a.md", "docs/**/*.md", True),
        ("docs/x/y", "docs/**", True),
        ("a.md", "**", True),
        ("a.md", "./a.md", True),
        ("A.md", "a.md", False),
        ("a1.md", "a[0-9].md", True),
        ("ab.md", "a?.md", True),
        ("x/docs/a.md", "docs/**", False),
    ],
)
def test_globs(name: str, pattern: str, matched: bool) -> None:
    assert matches(name, pattern) is matched


def test_a_hostile_glob_is_decided_quickly() -> None:
    assert not matches("/".join("a" * 500), "/".join(["**", "a"] * 200) + "/b")
    assert not matches("a" * 2000, "*a" * 20 + "b")


WORKSPACE = Workspace(Path(tempfile.gettempdir()))


@given(st.text())
def test_no_path_leads_out(relative: str) -> None:
    try:
        path = WORKSPACE.path(relative)
    except PathRefused:
        return
    assert path.is_relative_to(WORKSPACE.root)


def test_the_first_bytes_of_a_file_of_any_size(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"a" * 100_000)
    assert Workspace(tmp_path).begins("large", size=10) == b"a" * 10
    with pytest.raises(PathRefused):
        Workspace(tmp_path).begins("../large")


def test_the_tree_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "first").touch()
    workspace = Workspace(tmp_path)
    assert list(workspace.files()) == ["first"]
    (tmp_path / "second").touch()
    assert list(workspace.files()) == ["first"]
    assert list(Workspace(tmp_path).files()) == ["first", "second"]


def test_links_to_what_is_listed_hide_nothing(tree: Workspace) -> None:
    (tree.root / "again").symlink_to(tree.root / "docs")
    (tree.root / "docs" / "c.md").symlink_to("a.md")
    (tree.root / "docs" / "later.md").symlink_to("../build/later.md")
    assert tree.unseen("**/*.md") == []


def test_links_to_what_is_not_listed_are_told_where_a_pattern_may_mean_them(
    tree: Workspace,
) -> None:
    (tree.root / "node_modules" / "own").mkdir(parents=True)
    (tree.root / "node_modules" / "x.md").write_text("")
    (tree.root / "docs" / "x.md").symlink_to("../node_modules/x.md")
    (tree.root / "docs" / "own").symlink_to("../node_modules/own")
    (tree.root / "away").symlink_to(tree.root.parent)
    (tree.root / "loop.md").symlink_to("loop.md")
    found = {one.name for one in tree.unseen("**/*.md")}
    assert found == {"docs/x.md", "docs/own", "away", "loop.md"}
    assert [one.name for one in tree.unseen("docs/*.md")] == ["docs/x.md"]
    assert [one.name for one in tree.unseen("docs/*/a/*.py")] == ["docs/own"]
    assert tree.unseen("src/**/*.md") == []


def test_a_submodule_is_unseen_until_it_is_checked_out(tree: Workspace) -> None:
    (tree.root / ".gitmodules").write_text('[submodule "a"]\n  path = "lib"\n  url = ../a\n')
    (tree.root / "lib").mkdir()
    assert [one.name for one in tree.unseen("**/*.md")] == ["lib"]
    assert tree.unseen("docs/*.md") == []
    (tree.root / "lib" / "a.md").write_text("")
    assert Workspace(tree.root).unseen("**/*.md") == []
