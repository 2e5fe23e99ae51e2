"""Where the files that a report names are in the checkout: it may come from another machine."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from readiness_gate.doors.workspace import PathRefused, Workspace


def in_checkout(workspace: Workspace, path: str, root: str = "") -> str | None:
    """Return the path of a file in the checkout, `None` where there is no such file.

    An absolute path is looked for by its ends, longest first; `root` is the folder that relative
    ones start in.
    """
    if not path:
        return None
    plain = path.replace("\\", "/")
    if not root and workspace.lists(plain):
        return plain
    if plain.startswith("file:"):
        plain = unquote(urlsplit(plain).path)
    top = f"{workspace.root}/"
    if plain.startswith(top):
        plain = plain.removeprefix(top)
    elif not plain.startswith("/"):
        plain = str(PurePosixPath(root, plain))
    else:
        parts = plain.lstrip("/").split("/")[-30:]
        ends = ("/".join(parts[start:]) for start in range(len(parts)))
        return next((one for one in ends if _is_file(workspace, one)), None)
    return plain if _is_file(workspace, plain) else None


def _is_file(workspace: Workspace, path: str) -> bool:
    try:
        return workspace.lists(path) or workspace.path(path).is_file()
    except (PathRefused, OSError):
        return False
