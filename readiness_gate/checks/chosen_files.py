"""Which files of the checkout a check reads: patterns, less what is left out."""

from collections.abc import Sequence

from readiness_gate.doors.workspace import Workspace, matches


def chosen(workspace: Workspace, patterns: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """Return the files that match a pattern and none of `exclude`, in the tree's order.

    A path without wildcards is taken as it is, where it is there.

    Raises:
        PathRefused: a path leads out of the workspace.
    """
    plain = {one for one in patterns if not any(sign in one for sign in "*?[")}
    wild = [one for one in patterns if one not in plain]
    names = dict.fromkeys(name for name in sorted(plain) if workspace.exists(name))
    if wild:
        names |= dict.fromkeys(
            name for name in workspace.files() if any(matches(name, one) for one in wild)
        )
    return [name for name in names if not any(matches(name, one) for one in exclude)]
