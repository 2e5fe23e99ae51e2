"""When a path was last changed, as git tells it."""

from pathlib import Path

import pytest

from readiness_gate.doors.git import GitUnavailable, HostGit
from readiness_gate.doors.programs import HostPrograms
from tests.fakes.checkout import Checkout


def test_the_newest_commit_that_changed_a_path_is_told(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "a")
    checkout.commit({"docs/a.md": "a", "[x].md": "a", "x.md": "x"})
    first = checkout.run("log", "-1", "--format=%ct")
    checkout.run("-c", "core.abbrev=7", "commit", "-q", "--allow-empty", "-m", "later")
    seen = checkout.git.last_change("docs/a.md")
    assert seen is not None
    assert str(int(seen.timestamp())) == first
    assert checkout.git.last_change("[x].md") == seen
    assert checkout.git.last_change("gone.md") is None


def test_a_shallow_clone_cannot_tell(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "a")
    checkout.commit({"a.md": "a"})
    checkout.commit({"b.md": "b"})
    checkout.run("clone", "-q", "--depth=1", f"file://{checkout.root}", str(tmp_path / "b"))
    git = HostGit(HostPrograms({"PATH": "/usr/bin:/bin"}), tmp_path / "b")
    with pytest.raises(GitUnavailable, match="fetch-depth: 0"):
        git.last_change("a.md")


def test_no_repository_cannot_tell(tmp_path: Path) -> None:
    git = HostGit(HostPrograms({"PATH": "/usr/bin:/bin"}), tmp_path)
    with pytest.raises(GitUnavailable):
        git.last_change("a.md")
