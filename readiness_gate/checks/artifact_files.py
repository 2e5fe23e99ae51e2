"""Reports that other jobs wrote, as files of the workspace; a missing one is never a pass."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from posixpath import normpath
from typing import TypeVar

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, has_wildcards, matches
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import cannot_tell

SIZE_CAP = 64 * 1024 * 1024
_FILES = 500
_OWN = "readiness-report/"

ReportT = TypeVar("ReportT")


def reports(
    context: CheckContext,
    patterns: Sequence[str],
    reader: Callable[[bytes], ReportT],
    *,
    kind: str,
) -> list[tuple[str, ReportT]]:
    """Return every report that paths and patterns name, by its path; each pattern given counts.

    Raises:
        Unclear: there is none, one is missing, or one cannot be read.
    """
    found: list[tuple[str, ReportT]] = []
    for name in _names(context, patterns, kind):
        try:
            data = context.workspace.read(name, cap=SIZE_CAP)
            _not_committed(context, name, data)
            found.append((name, reader(data)))
        except PathRefused as error:
            raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
        except ValueError as error:
            text = f"{name} is no {kind}: {str(error)[:300]}"
            raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text)) from error
        except OSError as error:
            text = f"{name} cannot be read: {error.strerror}"
            raise Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error
    return found


def _not_committed(context: CheckContext, name: str, data: bytes) -> None:
    """Refuse a report that is the committed one: it is older than the commit that holds it."""
    if context.git is None:
        return
    with suppress(GitUnavailable):  # a folder without git
        head = context.git.head()
        if head is not None and context.git.file(head, normpath(name)) == data:
            text = f"{name} is committed, so it is not what CI wrote for this commit"
            advice = f"Take {name} out of git, ignore its folder, and bring the one of this run."
            raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text, remediation=advice))


def of_this_commit(context: CheckContext, name: str, told: Iterable[str]) -> None:
    """Compare the commits that a report names with the one that is judged.

    Raises:
        Unclear: it names another one.
    """
    mine = {context.head_sha}
    if context.git is not None:
        with suppress(GitUnavailable):
            mine.add(context.git.head())
    known = {one for one in mine if one}
    for commit in told:
        if known and len(commit) >= 7 and not any(one.startswith(commit) for one in known):
            text = f"{name} is about commit {commit[:12]}, not about {min(known)[:12]}"
            advice = "Let the job that writes it run for this commit."
            raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text, remediation=advice))


def _names(context: CheckContext, patterns: Sequence[str], kind: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    missing: list[str] = []
    names: tuple[str, ...] | None = None
    try:
        for pattern in patterns:
            if not has_wildcards(pattern) or context.workspace.exists(pattern):
                mine = [pattern] if context.workspace.path(pattern).is_file() else []
            else:
                names = _foreign(context) if names is None else names
                mine = [name for name in names if matches(name, pattern)]
            found |= dict.fromkeys(normpath(name) for name in mine)
            missing += [] if mine else [pattern]
    except PathRefused as error:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    except OSError as error:
        text = f"the workspace cannot be read: {error.strerror}"
        raise Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error
    if missing:
        raise Unclear(
            cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"no {kind} at {', '.join(missing)}",
                remediation=f"Let CI write the {kind}, upload it with actions/upload-artifact, and "
                "bring it here: `needs:` that job, and actions/download-artifact before the gate.",
            )
        )
    if len(found) > _FILES:
        text = f"{len(found)} files are more than the {_FILES} that one check reads"
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text))
    return tuple(found)


def _foreign(context: CheckContext) -> tuple[str, ...]:
    """Return the files that a pattern may mean: not the gate's own reports of an earlier run."""
    return tuple(name for name in context.workspace.files() if not name.startswith(_OWN))


def first_found(context: CheckContext, choices: Sequence[str], kind: str) -> tuple[str, ...]:
    """Return those of the usual places that lead to a file.

    Raises:
        Unclear: none does; all are named.
    """
    names = _foreign(context)
    found = tuple(one for one in choices if any(matches(name, one) for name in names))
    return found or _names(context, choices, kind)
