"""The formats of files that hold data, and the names that such files have."""

from pathlib import PurePosixPath
from typing import Literal

DataFormat = Literal["json", "yaml", "toml", "ini", "xml", "plist", "properties"]
_ENDINGS: dict[str, DataFormat] = {
    ".json": "json",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".toml": "toml",
    ".ini": "ini",
    ".cfg": "ini",
    ".conf": "ini",
    ".xml": "xml",
    ".plist": "plist",
    ".properties": "properties",
    ".env": "properties",
}


def format_of(name: str) -> DataFormat | None:
    """Return the format that a file's name stands for, `None` where it says nothing."""
    return _ENDINGS.get(PurePosixPath(name.lower()).suffix)
