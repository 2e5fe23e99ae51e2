"""SQLite's own backup (`Connection.backup`): a copy of one state, also beside writers."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def copied(source: Path, target: Path, *, seconds: float) -> None:
    """Copy a database page by page into a new file, and check the copy's integrity.

    Raises:
        ValueError: it could not be copied, or the copy is not sound.
    """
    location = f"file:{quote(str(source), safe='/')}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(location, uri=True, timeout=seconds)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)
            found = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise ValueError(str(error)) from error
    if found is None or found[0] != "ok":
        raise ValueError(f"the copy is not sound: {found[0] if found else 'no answer'}")
