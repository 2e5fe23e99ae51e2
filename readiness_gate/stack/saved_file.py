"""Keeps a copy of a file and puts it back, also after a run that was killed.

For SQLite databases that are the stack's own: the gate migrates and probes them, and the
developer's file must come back byte for byte. Copies are kept outside of the workspace.
"""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

_COMPANIONS = ("", "-wal", "-shm", "-journal")
_ABSENT = ".absent"


class SavedFile:
    """A file and its SQLite companions, saved before use and restored after it."""

    def __init__(self, path: Path, keep: Path) -> None:
        """Save `path` below the folder `keep`, whose name belongs to the workspace."""
        self.path = path
        digest = hashlib.sha256(str(path).encode()).hexdigest()[:16]
        self._copy = keep / f"{digest}-{path.name}"

    @property
    def is_saved(self) -> bool:
        """Whether a copy is kept, of this run or of one that was killed."""
        return self._complete.exists()

    @property
    def _complete(self) -> Path:
        return self._copy.with_name(f"{self._copy.name}.complete")

    def save(self) -> None:
        """Keep a copy; what a killed run left behind is put back first.

        Raises:
            OSError: the file cannot be read or the copy cannot be written.
        """
        if self.is_saved:
            self.restore()
        self._copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for ending in _COMPANIONS:
            source, copy = self._ending(ending)
            absent = copy.with_name(copy.name + _ABSENT)
            copy.unlink(missing_ok=True)
            absent.unlink(missing_ok=True)
            if source.exists():
                _copied(source, copy)
            else:
                absent.touch()
        # Written last: a copy without this mark was cut off and is never restored from.
        self._complete.touch()

    def restore(self) -> None:
        """Put the copy back and forget it; nothing saved is fine.

        Raises:
            OSError: the file cannot be written.
        """
        if not self.is_saved:
            return
        # Companions first: the database must never stand beside a journal of another state.
        for ending in reversed(_COMPANIONS):
            target, copy = self._ending(ending)
            if copy.exists():
                _copied(copy, target)
            else:
                target.unlink(missing_ok=True)
        self._complete.unlink()
        for ending in _COMPANIONS:
            _, copy = self._ending(ending)
            copy.unlink(missing_ok=True)
            copy.with_name(copy.name + _ABSENT).unlink(missing_ok=True)
        with suppress(OSError):
            self._copy.parent.rmdir()

    def _ending(self, ending: str) -> tuple[Path, Path]:
        return (
            self.path.with_name(self.path.name + ending),
            self._copy.with_name(self._copy.name + ending),
        )


def _copied(source: Path, target: Path) -> None:
    """Copy with mode and times; the target is complete or untouched, never half."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        shutil.copy2(source, partial)
        owner = source.stat()
        if os.geteuid() == 0:
            os.chown(partial, owner.st_uid, owner.st_gid)
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
