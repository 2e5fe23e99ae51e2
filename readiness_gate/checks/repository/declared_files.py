"""What manifests and lock files of a checkout declare, each with its file and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.checks.chosen_files import all_seen
from readiness_gate.doors.workspace import Workspace, has_wildcards

USUAL = (
    "pyproject.toml",
    "setup.cfg",
    "requirements*.txt",
    "requirements/*.txt",
    "Pipfile",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
)
"""Manifests and lock files at the top of a tree."""


@dataclass(frozen=True)
class Declared:
    """One dependency of one file."""

    path: str
    lock: bool
    dependency: Any  # Dependency, whose library loads slowly
    line: int | None


def paths_of(workspace: Workspace, given: tuple[str, ...]) -> Mapping[str, list[str]]:
    """Return the files of each path or pattern, of the usual ones where none is given.

    Raises:
        PathRefused: a path leads out of the workspace.
    """
    found: dict[str, list[str]] = {}
    for pattern in given or USUAL:
        if has_wildcards(pattern):
            all_seen(workspace, [pattern])
            found[pattern] = workspace.glob(pattern)
        else:
            found[pattern] = [pattern] if workspace.exists(pattern) else []
    return found


def declared_in(workspace: Workspace, name: str) -> Iterator[Declared]:
    """Yield what one file declares.

    Raises:
        ValueError: it is no such file, or broken.
        PathRefused, OSError: it cannot be read.
    """
    from readiness_gate.formats.dependencies import is_lock, reader_of  # noqa: PLC0415

    reader = reader_of(name)
    if reader is None:
        raise ValueError(f"{name} is no manifest or lock file that the gate reads")
    text = workspace.text(name)
    try:
        found = list(reader(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{name}: {type(error).__name__}: {str(error)[:200]}") from None
    lines = {} if is_lock(name) else _lines(text)
    for one in found:
        yield Declared(name, is_lock(name), one, lines.get(one.name))


def _lines(text: str) -> Mapping[str, int]:
    """Return the first line that begins with each word, where a manifest declares it."""
    from readiness_gate.formats.dependency import canonical  # noqa: PLC0415

    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        start = line.strip().lstrip("\"'")
        end = next((at for at, sign in enumerate(start) if sign in " \t\"'=<>!~[;@^,"), len(start))
        if start.startswith("@"):
            end = start.find('"', 1)
        if end > 0:
            found.setdefault(canonical(start[:end]), number)
    return found
