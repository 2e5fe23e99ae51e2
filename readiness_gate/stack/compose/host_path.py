"""The workspace under the name that the engine's machine has for it (notes on stacks 2.2, F19).

Compose resolves paths by their text. Where the gate's container knows the workspace under another
path than the host, a link of the host's name makes every path of the model valid on both sides.
"""

from pathlib import Path

from readiness_gate.errors import StackError


def linked_workspace(workspace: Path, known_as: Path) -> Path:
    """Return `known_as` after it leads to `workspace` here; makes a link where it has to.

    Raises:
        StackError: something else already stands at that path.
    """
    workspace = workspace.resolve()
    if known_as == workspace or (known_as.exists() and known_as.resolve() == workspace):
        return known_as
    if known_as.is_symlink():
        known_as.unlink()
    if known_as.exists():
        raise StackError(
            f"{known_as} exists in the gate's container, so the workspace cannot be shown there",
            advice="Use an image of the gate without that folder.",
        )
    try:
        known_as.parent.mkdir(parents=True, exist_ok=True)
        known_as.symlink_to(workspace, target_is_directory=True)
    except OSError as error:
        raise StackError(f"cannot link {known_as} to the workspace: {error}") from error
    return known_as
