"""The inventory of a repository out of a snapshot, and into one."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from readiness_gate.errors import ForgeError
from readiness_gate.forge.inventory_once import Question
from readiness_gate.forge.recorded import RecordedInventory
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


class SnapshotInventory:
    """Answers from what was recorded; what was not is an error, never an absence."""

    def __init__(
        self,
        recorded: RecordedInventory,
        lost: Callable[[str, str], ForgeError],
        called: Callable[[str], None],
    ) -> None:
        """Answer from `recorded`; `lost` makes the error for a fact and a key."""
        self._recorded = recorded
        self._lost = lost
        self._called = called

    def changes(self, number: int) -> tuple[FileChange, ...]:
        """Return what a pull request does to files."""
        self._called("changes")
        return self._known("changes", str(number), self._recorded.changes.get(number))

    def plain_changes(self, numbers: Collection[int]) -> Mapping[int, tuple[FileChange, ...]]:
        """Return what was recorded of them."""
        known = self._recorded.changes
        return {number: known[number] for number in numbers if number in known}

    def permission(self, login: str) -> str:
        """Return what a person may."""
        self._called("permission")
        key = login.lower()
        return self._known("permissions", key, self._recorded.permissions.get(key))

    def owners(self, commit: str) -> OwnersFile:
        """Return CODEOWNERS at a commit."""
        self._called("owners")
        found = _first(one for one in self._recorded.owners if one.commit == commit)
        return self._known("owners", commit, found)

    def lines(self, path: str, commit: str) -> LineHistory:
        """Return who last changed the lines of a file."""
        self._called("lines")
        found = _first(
            one for one in self._recorded.lines if (one.path, one.commit) == (path, commit)
        )
        return self._known("lines", f"{path} at {commit}", found)

    def history(self, workflow: str, branch: str) -> WorkflowHistory:
        """Return runs of a workflow on a branch."""
        self._called("history")
        found = _first(
            one
            for one in self._recorded.histories
            if (one.workflow, one.branch) == (workflow, branch)
        )
        return self._known("histories", f"{workflow} on {branch}", found)

    def commit_runs(self, commit: str, workflow: str) -> CommitRuns:
        """Return the runs of a commit with their artifacts."""
        self._called("commit_runs")
        found = _first(
            one
            for one in self._recorded.commit_runs
            if (one.workflow, one.commit) == (workflow, commit)
        )
        return self._known("commit_runs", f"{workflow} on {commit}", found)

    def release(self, tag: str) -> ReleaseAnswer:
        """Return a release."""
        self._called("release")
        found = _first(one for one in self._recorded.releases if one.asked == tag)
        return self._known("releases", tag, found)

    def tag(self, name: str) -> TagAnswer:
        """Return a git tag."""
        self._called("tag")
        found = _first(one for one in self._recorded.tags if one.tag == name)
        return self._known("tags", name, found)

    def image(self, image: str) -> ImageAnswer:
        """Return the version of an image."""
        self._called("image")
        found = _first(one for one in self._recorded.images if one.image == image)
        return self._known("images", image, found)

    def _known(self, fact: str, key: str, found: Value | None) -> Value:
        if found is None:
            raise self._lost(fact, key)
        return found


def inventory_of(answers: Mapping[Question, Any]) -> RecordedInventory:
    """Return what was answered, as a snapshot holds it; errors are left out."""
    good = {key: found for key, found in answers.items() if not isinstance(found, ForgeError)}

    def of(fact: str) -> dict[Any, Any]:
        return {key: found for (name, key), found in good.items() if name == fact}

    return RecordedInventory(
        changes=of("changes"),
        permissions=of("permissions"),
        owners=tuple(of("owners").values()),
        lines=tuple(of("lines").values()),
        histories=tuple(of("histories").values()),
        commit_runs=tuple(of("commit_runs").values()),
        releases=tuple(of("releases").values()),
        tags=tuple(of("tags").values()),
        images=tuple(of("images").values()),
    )


def _first(found: Iterable[Value]) -> Value | None:
    return next(iter(found), None)
