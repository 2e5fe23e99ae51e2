"""The folder of one run: gone with it, and where it was killed, with the next one.

It holds what compose made of the project's files, with the values of variables, and what registries
are asked with, so that it must not outlive a gate that nobody could tell to clean up.
"""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from readiness_gate.stack.owner import ProcessIdentity, identity_of, is_gone, own_identity
from readiness_gate.stack.process_state import temporary_folder
from readiness_gate.stack.project import Owner

_PREFIX = "readiness-gate-"
_OWNER = "owner.json"
_CAP = 10_000


def open_scratch(deadline: datetime) -> tempfile.TemporaryDirectory[str]:
    """Return a new folder for this user alone, which says whose it is and when it is forgotten."""
    folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
    said = {"owner": own_identity().owner.label, "deadline": deadline.isoformat()}
    Path(folder.name, _OWNER).write_text(json.dumps(said), encoding="utf-8")
    return folder


def remove_abandoned_scratch(
    now: datetime,
    *,
    root: Path | None = None,
    living: Callable[[int], ProcessIdentity | None] = identity_of,
) -> tuple[str, ...]:
    """Remove this user's folders whose gate is gone; return the names of those that are gone now.

    The folder that they lie in is everybody's: what belongs to somebody else, or may be written by
    others, is none of ours. One that resists is left, for the next time.
    """
    removed = []
    for folder in sorted((root or temporary_folder()).glob(f"{_PREFIX}*")):
        if _is_ours(folder) and _is_abandoned(folder / _OWNER, now, living):
            _remove(folder)
            removed += [] if folder.exists() else [folder.name]
    return tuple(removed)


def _remove(folder: Path) -> None:
    # Whose it is goes last: without it what is left would never be found again.
    with suppress(OSError, RecursionError):
        for entry in [one for one in folder.iterdir() if one.name != _OWNER]:
            if entry.is_dir() and not entry.is_symlink():
                _let_in(entry)
                shutil.rmtree(entry)
            else:
                entry.unlink()
        shutil.rmtree(folder)


def _let_in(folder: Path) -> None:
    """Make folders writable for their owner, as trees of a checkout need not be."""
    folder.chmod(0o700)
    for above, names, _ in os.walk(folder):
        for name in names:
            if not (found := Path(above, name)).is_symlink():
                found.chmod(0o700)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    private = not stat.S_IMODE(found.st_mode) & 0o077
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and private


def _is_abandoned(
    file: Path, now: datetime, living: Callable[[int], ProcessIdentity | None]
) -> bool:
    try:
        said = json.loads(_read(file))
        owner, deadline = Owner.parse(said["owner"]), datetime.fromisoformat(said["deadline"])
        return is_gone(owner, deadline, now=now, container_runs=lambda _: True, living=living)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _read(file: Path) -> bytes:
    """Return the file's bytes; a pipe in its place would never end."""
    opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise ValueError(f"{file} is no file")
        return os.read(opened, _CAP)
    finally:
        os.close(opened)
