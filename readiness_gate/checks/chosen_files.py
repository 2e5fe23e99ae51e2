"""Which files of the checkout a check reads: those of its patterns, all or what a change alters."""

from collections.abc import Sequence

from readiness_gate.checks.compared import compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.options.scope import Scope
from readiness_gate.doors.workspace import PathRefused, Workspace, has_wildcards, matches
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.result import CheckResult, passed


def chosen(
    workspace: Workspace, patterns: Sequence[str], exclude: Sequence[str], *, part: bool = False
) -> list[str]:
    """Return the files that match a pattern and none of `exclude`, in the tree's order.

    A path without wildcards is taken as it is, where it is there. With `part` the workspace holds
    some files of a tree, so that nothing can be said about where links lead.

    Raises:
        PathRefused: a path leads out of the workspace, or a pattern means what cannot be seen.
    """
    plain = {one for one in patterns if not has_wildcards(one)}
    wild = [one for one in patterns if one not in plain]
    if not part:
        all_seen(workspace, wild, exclude)
    names = dict.fromkeys(name for name in sorted(plain) if workspace.exists(name))
    if len(wild) == 1:
        names |= dict.fromkeys(workspace.glob(wild[0]))
    elif wild:
        found = {name for one in wild for name in workspace.glob(one)}
        names |= dict.fromkeys(name for name in workspace.files() if name in found)
    return [name for name in names if not any(matches(name, one) for one in exclude)]


def is_pattern(path: str, workspace: Workspace) -> bool:
    """Return whether a path has wildcards and is not the name of something that is there.

    Raises:
        PathRefused: the path leads out of the workspace.
    """
    return has_wildcards(path) and not workspace.exists(path)


def all_seen(workspace: Workspace, patterns: Sequence[str], exclude: Sequence[str] = ()) -> None:
    """Go on only where patterns mean nothing that the workspace does not show.

    Raises:
        PathRefused: there is a link that leads out, or a submodule that is not checked out.
    """
    for pattern in patterns:
        for one in workspace.unseen(pattern):
            if not any(matches(one.name, left_out) for left_out in exclude):
                raise PathRefused(f"{one.name!r} {one.why}, and {pattern} means it too")


def in_scope(context: CheckContext, names: Sequence[str], scope: Scope) -> Sequence[str]:
    """Return the files that are looked at: all, or those that the change adds or alters.

    Without a change it is all of them.

    Raises:
        ConfigurationError: there is a base, but git cannot compare with it; or a path is no file,
            so that no change would ever touch it.
    """
    comparison = compared(context) if scope == "diff" else None
    if comparison is None:
        return names
    workspace = context.workspace
    for name in names:
        if not (workspace.lists(name) or workspace.path(name).is_file()):
            raise ConfigurationError(f"{name} is not a regular file")
    changed = {one.path for one in comparison.changed}
    return [name for name in names if name in changed]


def untouched(names: Sequence[str]) -> CheckResult:
    """Return the result where the change touches none of the files that are chosen."""
    return passed(f"the change touches none of {len(names)} file{'s' if len(names) > 1 else ''}")
