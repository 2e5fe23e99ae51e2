"""The one door to git: only plumbing that reads, with hooks and helpers of the checkout off."""

import os
import re
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from readiness_gate.doors.changes import ChangedFile, read_changes
from readiness_gate.doors.programs import Completed, Programs

AnswerT = TypeVar("AnswerT")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Name of the tree without entries, which every repository knows."""
_TIMEOUT = 60.0
_PATCH_CAP = 64 * 1024 * 1024
_SHALLOW = "give actions/checkout `fetch-depth: 0`"


class GitUnavailable(Exception):  # noqa: N818
    """The workspace is no repository, git is missing, or the commit is not in the checkout."""


class Git(Protocol):
    """Reads the repository of the workspace."""

    def head(self) -> str | None:
        """Return the commit that is checked out, or `None` outside a repository."""
        ...

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the parents that a commit names, also where a shallow checkout lacks them.

        Raises:
            GitUnavailable: the commit is not here.
        """
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

    def merge_base(self, one: str, other: str) -> str:
        """Return the commit at which two histories part.

        Raises:
            GitUnavailable: a commit is not here, or a shallow checkout ends before that point.
        """
        ...

    def changed_lines(self, base: str, head: str) -> tuple[ChangedFile, ...]:
        """Return every file that differs between two commits, with the lines of `head` that do.

        Renames count as a deleted and a new file; binary files have no lines.

        Raises:
            GitUnavailable: a commit is not here, or the difference is too large to read whole.
        """
        ...

    def last_change(self, path: str) -> datetime | None:
        """Return when the last commit before HEAD that changed a path was made, aware, in UTC.

        `None` where no commit has it.

        Raises:
            GitUnavailable: there is no repository, or it is shallow, so that the oldest commit
                that is here would seem to have changed everything.
        """
        ...

    def export(self, commit: str, directory: Path, paths: Sequence[str] | None = None) -> None:
        """Write the tree of a commit, or `paths` of it, below `directory`, existing and empty.

        Paths that the commit does not have are left out.

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
        # What a full SHA names never changes, and a dozen checks ask the same.
        self._here: set[str] = set()
        self._told: dict[tuple[str, ...], Any] = {}
        self._one_at_a_time = threading.Lock()

    def head(self) -> str | None:
        """Return the full SHA of HEAD."""
        try:
            done = self._git("rev-parse", "--verify", "HEAD^{commit}")
        except FileNotFoundError:
            return None
        return done.stdout.strip() if done.succeeded else None

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the `parent` lines of the commit object itself, which no graft changes."""
        return self._once(("parents", commit), lambda: self._parents(commit))

    def _once(self, question: tuple[str, ...], answer: Callable[[], AnswerT]) -> AnswerT:
        """Return an answer about commits; who asks the same at once waits for it."""
        with self._one_at_a_time:
            if question not in self._told:
                self._told[question] = answer()
            found: AnswerT = self._told[question]
            return found

    def _parents(self, commit: str) -> tuple[str, ...]:
        self._require(commit)
        header, _, _ = self._must("cat-file", "commit", commit).stdout.partition("\n\n")
        return tuple(
            line.removeprefix("parent ")
            for line in header.splitlines()
            if line.startswith("parent ")
        )

    def file(self, commit: str, path: str) -> bytes | None:
        """Return the blob at `commit:path`."""
        self._require(commit)
        blob = f"{commit}:./{path}"
        size = self._git("cat-file", "-s", blob)
        if not size.succeeded:
            return None
        done = self._git("cat-file", "blob", blob)
        data = done.stdout.encode() if done.stdout_bytes is None else done.stdout_bytes
        if done.succeeded and len(data) == int(size.stdout):
            return data
        if self._git("cat-file", "-t", blob).stdout.strip() != "blob":
            return None
        raise GitUnavailable(f"{path!r} at {commit[:7]} could not be read whole")

    def tracked(self) -> tuple[str, ...]:
        """Return the files of git's index, in git's order.

        Written to a file by git, as what a program prints is capped and this list must be whole.
        """
        with tempfile.TemporaryDirectory() as folder:
            listed = Path(folder, "names")
            try:
                done = self._git(
                    "diff", "--cached", "--relative", "--name-only", "--no-renames",
                    "--no-ext-diff", "--ignore-submodules=none", "-z", f"--output={listed}",
                    _EMPTY_TREE,
                )  # fmt: skip
            except FileNotFoundError as error:
                raise GitUnavailable("git is not installed") from error
            if not done.succeeded:
                raise GitUnavailable(done.stderr.strip() or "not a git repository")
            names = os.fsdecode(listed.read_bytes()).split("\0")
        return tuple(name for name in names if name)

    def merge_base(self, one: str, other: str) -> str:
        """Return git's best common ancestor."""
        return self._once(("merge-base", one, other), lambda: self._merge_base(one, other))

    def _merge_base(self, one: str, other: str) -> str:
        self._require(one)
        self._require(other)
        done = self._git("merge-base", one, other)
        found = done.stdout.strip()
        if done.succeeded and _COMMIT.fullmatch(found):
            return found
        shallow = self._git("rev-parse", "--is-shallow-repository").stdout.strip() == "true"
        why = f"the checkout is shallow; {_SHALLOW}" if shallow else "they share no history"
        raise GitUnavailable(f"no common commit of {one[:7]} and {other[:7]}: {why}")

    def changed_lines(self, base: str, head: str) -> tuple[ChangedFile, ...]:
        """Return what `git diff-tree` says, whatever attributes of the checkout call binary."""
        return self._once(("changes", base, head), lambda: self._changed_lines(base, head))

    def _changed_lines(self, base: str, head: str) -> tuple[ChangedFile, ...]:
        self._require(base)
        self._require(head)
        with tempfile.TemporaryDirectory() as folder:
            patch = Path(folder, "patch")
            self._must(
                "diff-tree", "-r", "--patch", "--unified=0", "--text", "--no-renames",
                "--no-ext-diff", "--no-textconv", "--no-color", "--relative", "--full-index",
                "--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/",
                f"--output={patch}", base, head,
            )  # fmt: skip
            if patch.stat().st_size > _PATCH_CAP:
                raise GitUnavailable(f"the difference is larger than {_PATCH_CAP} bytes")
            try:
                with patch.open("rb") as stream:
                    return read_changes(stream)
            except ValueError as error:
                raise GitUnavailable(str(error)) from error

    def last_change(self, path: str) -> datetime | None:
        """Return the committer's date of the newest commit that changed the path."""
        try:
            shallow = self._must("rev-parse", "--is-shallow-repository").stdout.strip()
        except FileNotFoundError as error:
            raise GitUnavailable("git is not installed") from error
        if shallow != "false":
            raise GitUnavailable(f"the checkout is shallow; {_SHALLOW}")
        listed = ("rev-list", "--max-count=1", "--timestamp", "HEAD", "--", f":(literal){path}")
        answer = self._must(*listed).stdout.split()
        return datetime.fromtimestamp(int(answer[0]), UTC) if answer else None

    def export(self, commit: str, directory: Path, paths: Sequence[str] | None = None) -> None:
        """Write the tree through an index of its own; then remove links.

        Not `git archive`: it leaves out what a repository marks `export-ignore`.
        """
        self._require(commit)
        index = {"GIT_INDEX_FILE": str(directory.parent / f"{directory.name}.index")}
        try:
            top = self._must("rev-parse", "--show-toplevel").stdout.removesuffix("\n")
            self._must("read-tree", f"{commit}:./", environment=index)
            # From the top, as elsewhere git would write the entries below the folder only.
            wanted = ["--all"] if paths is None else ["--stdin", "-z"]
            done = self._git(
                "-C", top, "checkout-index", *wanted, "--quiet", f"--prefix={directory}/",
                environment=index,
                stdin=b"".join(os.fsencode(path) + b"\0" for path in paths or ()),
            )  # fmt: skip
            if paths is None and not done.succeeded:
                raise GitUnavailable(done.stderr.strip()[:500] or "git checkout-index failed")
        finally:
            Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        for folder, names, files in os.walk(directory):
            for path in (Path(folder, name) for name in (*names, *files)):
                if path.is_symlink():
                    path.unlink()

    def _must(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Completed:
        done = self._git(*arguments, environment=environment)
        if not done.succeeded:
            raise GitUnavailable(done.stderr.strip()[:500] or f"git {arguments[0]} failed")
        return done

    def _require(self, commit: str) -> None:
        if not _COMMIT.fullmatch(commit):
            raise GitUnavailable(f"{commit!r} is not a full commit SHA")
        if commit in self._here:
            return
        try:
            done = self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except FileNotFoundError as error:
            raise GitUnavailable("git is not installed") from error
        if not done.succeeded:
            raise GitUnavailable(f"commit {commit[:7]} is not in the checkout (fetch-depth: 0)")
        self._here.add(commit)

    def _git(
        self, *arguments: str, environment: Mapping[str, str] | None = None, stdin: bytes = b""
    ) -> Completed:
        options: Sequence[str] = (
            "-c", "safe.directory=*",
            "-c", "core.hooksPath=/dev/null",
            "-c", "core.fsmonitor=false",
            "-c", "protocol.ext.allow=never",
        )  # fmt: skip
        return self._programs.run(
            ["git", *options, "-C", str(self._root), *arguments],
            timeout=_TIMEOUT,
            environment={
                "GIT_TERMINAL_PROMPT": "0",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_NO_LAZY_FETCH": "1",
                **(environment or {}),
            },
            stdin=stdin,
        )
