"""What a scan for secrets looks at: lines that a change adds, or tracked files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from readiness_gate.checks.compared import Comparison
from readiness_gate.checks.context import CheckContext
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import Workspace
from readiness_gate.formats.secret_lines import SecretFinding


@dataclass
class Seen:
    """What was looked at, as it grows."""

    files: int = 0
    lines: int = 0
    left_out: int = 0
    binary: int = 0
    known: int = 0
    found: list[tuple[str, SecretFinding]] = field(default_factory=list)
    excused: list[tuple[str, SecretFinding]] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """Lines of one file, each with its number."""

    path: str
    lines: Sequence[tuple[int, str]]


def changed_parts(comparison: Comparison, seen: Seen) -> Iterator[Part]:
    """Yield what a change adds; count binary files."""
    for file in comparison.changed:
        if file.binary:
            seen.binary += 1
        elif file.added:
            yield Part(file.path, file.added)


def tracked_parts(context: CheckContext, seen: Seen) -> Iterator[Part]:
    """Yield every tracked file, every file where there is no git; links are left out."""
    workspace = context.workspace
    try:
        names = context.git.tracked() if context.git is not None else tuple(workspace.files())
    except GitUnavailable:  # a folder without git: everything in it
        names = tuple(workspace.files())
    for name in names:
        place = workspace.root / name
        if place.is_symlink() or not place.is_file():  # a submodule is a folder
            seen.left_out += 1
        elif b"\0" in workspace.begins(name):
            seen.binary += 1
        else:
            yield Part(name, _Lines(workspace, name))


class _Lines(Sequence[tuple[int, str]]):
    """The lines of a file, read when they are first asked for, as most names decide already."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace, self._name = workspace, name
        self._lines: list[tuple[int, str]] | None = None

    @property
    def _read(self) -> list[tuple[int, str]]:
        if self._lines is None:
            text = self._workspace.text(self._name)
            self._lines = list(enumerate(text.split("\n"), start=1))
        return self._lines

    def __len__(self) -> int:
        return len(self._read)

    def __getitem__(self, index: int) -> tuple[int, str]:  # type: ignore[override] # no slices
        return self._read[index]
