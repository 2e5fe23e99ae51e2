"""What a walk over the checkout does not see: where links lead, submodules not checked out."""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_PATH = re.compile(rb'^[ \t]*path[ \t]*=[ \t]*"?([^"\r\n]+?)"?[ \t]*$', re.MULTILINE)
_GITMODULES_CAP = 1_000_000


class Unseen(NamedTuple):
    """A path of the checkout whose content is not looked at."""

    name: str
    why: str
    """Reads on after the name."""
    folder: bool
    """Whether it leads to a folder, so that there may be more below it."""


def unseen(
    root: Path, links: Iterable[str], listed: Collection[str], never: frozenset[str]
) -> Iterator[Unseen]:
    """Yield links to something that is not among the files `listed`, and empty submodules.

    A link to a place in the checkout where nothing is hides nothing. `never` are the names of
    folders that a walk does not enter.
    """
    for name in links:
        folder = Path(root, name).is_dir()
        try:
            real = Path(root, name).resolve(strict=False)
            within = real.relative_to(root).as_posix()
        except (OSError, RuntimeError):
            yield Unseen(name, "is a link that leads nowhere", folder)
            continue
        except ValueError:
            yield Unseen(name, "is a link that leads out of the workspace", folder)
            continue
        hidden = within not in listed and not never.isdisjoint(within.split("/"))
        if hidden and real.exists():
            yield Unseen(name, "is a link into a folder that is not looked at", folder)
    yield from _submodules(root)


def _submodules(root: Path) -> Iterator[Unseen]:
    file = root / ".gitmodules"
    if file.is_symlink() or not file.is_file():
        return
    with file.open("rb") as stream:
        data = stream.read(_GITMODULES_CAP)
    for found in _PATH.findall(data):
        name = os.fsdecode(found).strip("/")
        folder = Path(root, name)
        if ".." in name.split("/") or folder.is_symlink() or not folder.is_dir():
            continue
        if not any(folder.iterdir()):
            advice = "give actions/checkout `submodules: true`"
            yield Unseen(name, f"is a submodule that is not checked out: {advice}", True)
