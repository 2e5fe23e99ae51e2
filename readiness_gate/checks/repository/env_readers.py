"""Who speaks of the variables of an environment: documentation, code, and what git tracks."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

from readiness_gate.checks.chosen_files import chosen, in_scope
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.options.scope import Scope
from readiness_gate.checks.project_files import Unclear, text_of
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, Workspace, matches
from readiness_gate.formats.environment_file import NAME
from readiness_gate.formats.variables_read import SCRIPTS, may_read, variables_of_script
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import cannot_tell, failed


def undocumented(
    workspace: Workspace, patterns: Sequence[str], path: str, names: Sequence[str]
) -> Iterator[LocationEvidence]:
    """Yield the variables of `path` that no page names.

    Raises:
        Unclear: there is no page, no variable, or a page cannot be read.
    """
    pages = _named(workspace, patterns)
    if not names:
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, "no variable to look for"))
    sought = dict.fromkeys(names)
    for page in pages:
        text = text_of(workspace, page)
        likely = {name for name in sought if name in text}
        for name in likely.intersection(re.findall(NAME, text)) if likely else ():
            del sought[name]
        if not sought:
            return
    for name in sought:
        yield LocationEvidence(path=path, text=f"{name} is not named in {', '.join(pages[:3])}")


def unset(
    context: CheckContext, patterns: Sequence[str], scope: Scope, place: str, known: Collection[str]
) -> Iterator[LocationEvidence]:
    """Yield every place in the code that reads a variable which `place` does not set.

    Raises:
        Unclear: there is no such code, it cannot be read, or the whole of it reads no variable.
    """
    read = 0
    every = _named(context.workspace, patterns)
    names = in_scope(context, every, scope)
    for name in names:
        for variable, line in _read_by(context.workspace, name):
            read += 1
            if variable not in known:
                text = f"reads {variable}, which {place} does not set"
                yield LocationEvidence(path=name, line=line, text=text)
    if not read and len(names) == len(every):
        text = f"no variable is read in {', '.join(patterns)}"
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))


def _read_by(workspace: Workspace, name: str) -> Sequence[tuple[str, int]]:
    from readiness_gate.formats.python_facts import python_facts  # noqa: PLC0415 - for code alone

    ending = PurePosixPath(name).suffix
    try:
        data = workspace.read(name)
        if ending in SCRIPTS:
            return tuple(variables_of_script(data))
        if ending == ".py":
            return python_facts(data).variables if may_read(data) else ()
    except PathRefused as error:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    except ValueError as error:
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, f"{name}: {error}")) from None
    except OSError as error:
        text = f"{name} cannot be read: {error.strerror}"
        raise Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error
    text = f"{name}: no Python or JavaScript"
    raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))


def tracked(context: CheckContext, patterns: Sequence[str]) -> Iterator[LocationEvidence]:
    """Yield every file of these patterns that git tracks.

    Raises:
        Unclear: git cannot say, or tracks nothing at all.
    """
    if context.git is None:
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, "there is no git repository to ask"))
    try:
        names = context.git.tracked()
    except GitUnavailable as error:
        text = f"git cannot say what is tracked: {error}"
        raise Unclear(cannot_tell(ErrorClass.INFRASTRUCTURE, text)) from error
    if not names:
        text = "git tracks no file at all here"
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))
    for name in names:
        if any(matches(name, pattern) for pattern in patterns):
            yield LocationEvidence(path=name, text="is tracked by git")


def _named(workspace: Workspace, patterns: Sequence[str]) -> list[str]:
    try:
        names = chosen(workspace, patterns, ())
    except PathRefused as error:
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, str(error))) from error
    if not names:
        advice = f"Add {patterns[0]}, or correct the path."
        raise Unclear(failed(f"no file at {', '.join(patterns)}", remediation=advice))
    return names
