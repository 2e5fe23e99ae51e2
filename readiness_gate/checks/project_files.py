"""Files of the checkout as rules read them: chosen by pattern, bounded, judged with places.

For checks that hold rules against files; what cannot be read ends the check as `Unclear`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readiness_gate.checks.chosen_files import all_seen
from readiness_gate.doors.project_yaml import SIZE_CAP, OutOfBounds, PlacedDocument, load_placed
from readiness_gate.doors.workspace import PathRefused, Workspace, has_wildcards, matches
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_FILES = 2_000
_SHOWN = 20
_TEXT = 300


class Unclear(Exception):  # noqa: N818 - carries the result that ends the check
    """The check ends here, with `result`."""

    def __init__(self, result: CheckResult) -> None:
        """Keep the result."""
        super().__init__(result.summary)
        self.result = result


def inconclusive(text: str) -> Unclear:
    """Return what ends a check that cannot tell, for this reason."""
    return Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))


@dataclass(frozen=True)
class Problem:
    """One rule that does not hold, and where; `line` counts from 1."""

    text: str
    path: str | None = None
    line: int | None = None

    @property
    def place(self) -> LocationEvidence | None:
        """Return the place in the repository, where there is one."""
        if self.path is None:
            return None
        return LocationEvidence(path=self.path, line=self.line, text=self.text[:_TEXT])

    def __str__(self) -> str:
        """Return one line for a person."""
        where = "" if self.path is None else f"{self.path}{f':{self.line}' if self.line else ''}: "
        return where + " ".join(self.text[:_TEXT].split())


def chosen(workspace: Workspace, patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the files that paths and patterns name, each once; every pattern leads to one.

    Raises:
        Unclear: failed where there is no such file; cannot tell where a path leads out.
    """
    found: dict[str, None] = {}
    try:
        names: Sequence[str] | None = None
        for pattern in patterns:
            if not has_wildcards(pattern) or workspace.exists(pattern):
                mine = [pattern] if workspace.exists(pattern) else []
            else:
                names = tuple(workspace.files()) if names is None else names
                all_seen(workspace, [pattern])
                mine = [name for name in names if matches(name, pattern)]
            if not mine:
                advice = f"Add {pattern}, or correct the path."
                raise Unclear(failed(f"no file at {pattern}", remediation=advice))
            found |= dict.fromkeys(mine)
    except (PathRefused, OSError) as error:
        raise Unclear(unreadable(error, patterns[0])) from error
    if len(found) > _FILES:
        text = f"{len(found)} files are more than the {_FILES} that one check reads"
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text))
    return tuple(found)


def text_of(workspace: Workspace, name: str, *, cap: int = SIZE_CAP) -> str:
    """Return a file as text, bytes that are not UTF-8 replaced.

    Raises:
        Unclear: failed where it is missing; cannot tell where it leads out or is over `cap`.
    """
    try:
        return workspace.text(name, cap=cap)
    except FileNotFoundError as error:
        raise Unclear(failed(f"no file at {name}", remediation=f"Add {name}.")) from error
    except (PathRefused, OSError) as error:
        raise Unclear(unreadable(error, name)) from error


def documents_of(workspace: Workspace, name: str) -> list[PlacedDocument]:
    """Return the YAML documents of a file.

    Raises:
        Unclear: failed where the file is missing or not YAML; cannot tell where it is out of
            bounds.
    """
    text = text_of(workspace, name)
    try:
        return load_placed(text, name=name)
    except OutOfBounds as error:
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, error.message)) from error
    except ConfigurationError as error:
        if "{{" in text:
            advice = "Render templates first, and name the rendered files."
            summary = f"{error.message[:200]}; it looks like a template"
            result = cannot_tell(ErrorClass.INCONCLUSIVE, summary, remediation=advice)
            raise Unclear(result) from error
        place = LocationEvidence(path=name, text=error.message[:_TEXT])
        raise Unclear(failed(error.message, evidence=[place])) from error


def judged(
    problems: Iterable[Problem], said: str, *, doubts: Iterable[Problem] = ()
) -> CheckResult:
    """Return failed with every problem and its place, else what is doubtful, else `said`."""
    found = list(dict.fromkeys(problems))
    unclear = list(dict.fromkeys(doubts))
    if not found and not unclear:
        return passed(said)
    shown = found or unclear
    more = f"; and {len(shown) - 1} more" if len(shown) > 1 else ""
    summary = f"{shown[0]}{more}"
    details = "\n".join(str(one) for one in [*found, *unclear][:_SHOWN])
    evidence = [one.place for one in shown[:_SHOWN] if one.place]
    if not found:
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, details=details, evidence=evidence)
    return failed(summary, details=details, evidence=evidence)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping, or an empty one for everything else."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a list, or an empty one for everything else."""
    return value if isinstance(value, list) else []


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unreadable(error: PathRefused | OSError, name: str = "a file") -> CheckResult:
    """Return the result where a file leads out of the checkout, or cannot be read."""
    if isinstance(error, PathRefused):
        return cannot_tell(ErrorClass.CONFIGURATION, str(error))
    text = f"{error.filename or name} cannot be read: {error.strerror}"
    return cannot_tell(ErrorClass.INFRASTRUCTURE, text)
