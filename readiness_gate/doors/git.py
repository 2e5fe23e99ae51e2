"""The one door to git: only plumbing that reads, with hooks and helpers of the checkout off."""

import re
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from readiness_gate.doors.programs import Completed, Programs

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TIMEOUT = 60.0


class GitUnavailable(Exception):  # noqa: N818
    """The workspace is no repository, git is missing, or the commit is not in the checkout."""


class Git(Protocol):
    """Reads the repository of the workspace."""

    def head(self) -> str | None:
        """Return the commit that is checked out, or `None` outside a repository."""
        ...

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file at a commit, `None` where it is absent.

        Raises:
            GitUnavailable: the commit is not here.
        """
        ...

    def tracked(self) -> tuple[str, ...]:
        """Return the tracked files of the working tree.

        Raises:
            GitUnavailable: there is no repository.
        """
        ...

    def export(self, commit: str, directory: Path) -> None:
        """Write the whole tree of a commit below `directory`, which exists and is empty.

        Raises:
            GitUnavailable: the commit is not here.
        """
        ...


class HostGit:
    """The `git` of this machine."""

    def __init__(self, programs: Programs, root: Path) -> None:
        """Read the repository that contains `root`."""
        self._programs = programs
        self._root = root

    def head(self) -> str | None:
        """Return the full SHA of HEAD."""
        try:
            done = self._git("rev-parse", "--verify", "HEAD^{commit}")
        except FileNotFoundError:
            return None
        return done.stdout.strip() if done.succeeded else None

    def file(self, commit: str, path: str) -> bytes | None:
        """Return the blob at `commit:path`."""
        self._require(commit)
        done = self._git("cat-file", "blob", f"{commit}:./{path}")
        return done.stdout.encode() if done.succeeded else None

    def tracked(self) -> tuple[str, ...]:
        """Return `git ls-files`, in git's order."""
        try:
            done = self._git("ls-files", "-z")
        except FileNotFoundError as error:
            raise GitUnavailable("git is not installed") from error
        if not done.succeeded:
            raise GitUnavailable(done.stderr.strip() or "not a git repository")
        return tuple(name for name in done.stdout.split("\0") if name)

    def export(self, commit: str, directory: Path) -> None:
        """Write `git archive` of the commit, through a file, links and devices left out."""
        self._require(commit)
        archive = directory.parent / f"{directory.name}.tar"
        done = self._git("archive", "--format=tar", f"--output={archive}", commit)
        try:
            if not done.succeeded:
                raise GitUnavailable(done.stderr.strip())
            with tarfile.open(archive) as tar:
                tar.extractall(directory, filter="data")
        finally:
            archive.unlink(missing_ok=True)

    def _require(self, commit: str) -> None:
        if not _COMMIT.fullmatch(commit):
            raise GitUnavailable(f"{commit!r} is not a full commit SHA")
        try:
            done = self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except FileNotFoundError as error:
            raise GitUnavailable("git is not installed") from error
        if not done.succeeded:
            raise GitUnavailable(f"commit {commit[:7]} is not in the checkout (fetch-depth: 0)")

    def _git(self, *arguments: str) -> Completed:
        options: Sequence[str] = (
            "-c", f"safe.directory={self._root}",
            "-c", "core.hooksPath=/dev/null",
            "-c", "core.fsmonitor=false",
            "-c", "protocol.ext.allow=never",
        )  # fmt: skip
        return self._programs.run(
            ["git", *options, "-C", str(self._root), *arguments],
            timeout=_TIMEOUT,
            environment={"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"},
        )
