"""The inventory of a repository, each question asked once for a command."""

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar, cast

from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Forge
from readiness_gate.model.change import FileChange
from readiness_gate.model.delivery import (
    CommitRuns,
    ImageAnswer,
    LineHistory,
    OwnersFile,
    ReleaseAnswer,
    TagAnswer,
    WorkflowHistory,
)

Value = TypeVar("Value")
_BATCH = 25
Question = tuple[str, Hashable]
"""Name of the fact, as in a snapshot, and its key."""


class InventoryOnce:
    """Keeps answers and errors alike; `answers` holds them by question, in order."""

    def __init__(self, forge: Forge, lock: "threading.RLock | None" = None) -> None:
        """Ask `forge`, one question after another."""
        self._inventory = forge.inventory
        self._lock = lock or threading.RLock()
        self.answers: dict[Question, Any] = {}
        self.expected: dict[int, None] = {}
        """Numbers of the pull requests that a sweep will ask about, in this order."""

    def changes(self, number: int) -> tuple[FileChange, ...]:
        """Return what a pull request does to files."""
        with self._lock:
            if number in self.expected and ("changes", number) not in self.answers:
                self._read_beside(number)
        return self._ask("changes", number, lambda: self._inventory.changes(number))

    def _read_beside(self, number: int) -> None:
        """Read the changes of the next ones along with these; who is left out is asked alone."""
        places = list(self.expected)
        some = places[places.index(number) :][:_BATCH]
        unread = [one for one in some if ("changes", one) not in self.answers]
        with suppress(ForgeError):
            found = self._inventory.plain_changes(unread)
            self.answers |= {("changes", one): told for one, told in found.items()}
        for one in unread:
            self.expected.pop(one, None)

    def permission(self, login: str) -> str:
        """Return what a person may."""
        key = login.lower()
        return self._ask("permissions", key, lambda: self._inventory.permission(login))

    def owners(self, commit: str) -> OwnersFile:
        """Return CODEOWNERS at a commit."""
        return self._ask("owners", commit, lambda: self._inventory.owners(commit))

    def lines(self, path: str, commit: str) -> LineHistory:
        """Return who last changed the lines of a file."""
        return self._ask(
            "lines", f"{path} at {commit}", lambda: self._inventory.lines(path, commit)
        )

    def history(self, workflow: str, branch: str) -> WorkflowHistory:
        """Return runs of a workflow on a branch."""
        key = f"{workflow} on {branch}"
        return self._ask("histories", key, lambda: self._inventory.history(workflow, branch))

    def commit_runs(self, commit: str, workflow: str) -> CommitRuns:
        """Return the runs of a commit with their artifacts."""
        key = f"{workflow} on {commit}"
        return self._ask("commit_runs", key, lambda: self._inventory.commit_runs(commit, workflow))

    def release(self, tag: str) -> ReleaseAnswer:
        """Return a release."""
        return self._ask("releases", tag, lambda: self._inventory.release(tag))

    def tag(self, name: str) -> TagAnswer:
        """Return a git tag."""
        return self._ask("tags", name, lambda: self._inventory.tag(name))

    def image(self, image: str) -> ImageAnswer:
        """Return the version of an image."""
        return self._ask("images", image, lambda: self._inventory.image(image))

    def _ask(self, fact: str, key: Hashable, read: Callable[[], Value]) -> Value:
        with self._lock:
            if (fact, key) not in self.answers:
                try:
                    self.answers[fact, key] = read()
                except ForgeError as error:
                    self.answers[fact, key] = error
            found = self.answers[fact, key]
        if isinstance(found, ForgeError):
            raise found
        return cast("Value", found)
