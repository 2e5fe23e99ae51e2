"""What a change adds: git's patch without context, read line by line.

Written by git over content of a pull request: counts come from the hunks' headers, so that a line
which looks like a header is still a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_HUNK = re.compile(rb"@@ -[0-9]+(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13}


@dataclass(frozen=True)
class ChangedFile:
    """One file that differs."""

    path: str
    """POSIX path relative to the workspace; names that are not UTF-8 as the system decodes them."""
    added: tuple[tuple[int, str], ...] = ()
    """Number (from 1) and text of every line that is new or changed, without its line end."""
    removed: int = 0
    """How many lines went."""
    deleted: bool = False
    binary: bool = False
    """Whether what is new holds a zero byte; then it has no lines."""

    @property
    def numbers(self) -> frozenset[int]:
        """Return the numbers of the new and changed lines."""
        return frozenset(number for number, _ in self.added)


def read_changes(patch: BinaryIO) -> tuple[ChangedFile, ...]:
    """Return the files of a patch that was written with `--unified=0 --no-renames --text`.

    Raises:
        ValueError: a hunk ends early.
    """
    return tuple(_files(iter(patch)))


def _files(lines: Iterator[bytes]) -> Iterator[ChangedFile]:
    name: bytes | None = None
    deleted = False
    removed = 0
    added: list[tuple[int, bytes]] = []
    for line in lines:
        if line.startswith(b"diff --git "):
            if name is not None:
                yield _file(name, added, removed, deleted=deleted)
            name, deleted, removed, added = _both(line.rstrip(b"\n")[11:]), False, 0, []
        elif line.startswith(b"deleted file mode"):
            deleted = True
        elif line.startswith(b"+++ ") and not line.startswith(b"+++ /dev/null"):
            name = _name(line[4:].rstrip(b"\n").removesuffix(b"\t"))
        elif hunk := _HUNK.match(line):
            removed += _hunk(lines, hunk, added)
    if name is not None:
        yield _file(name, added, removed, deleted=deleted)


def _hunk(lines: Iterator[bytes], hunk: re.Match[bytes], added: list[tuple[int, bytes]]) -> int:
    gone = int(hunk[1] or 1)
    first, new = int(hunk[2]), int(hunk[3] or 1)
    for _ in range(gone):
        _next(lines, b"-")
    added += [(number, _next(lines, b"+")) for number in range(first, first + new)]
    return gone


def _next(lines: Iterator[bytes], sign: bytes) -> bytes:
    line = next(lines, b"")
    while line.startswith(b"\\ "):  # "No newline at end of file", between old and new lines
        line = next(lines, b"")
    if not line.startswith(sign):
        raise ValueError("a hunk of the patch ends early")
    return line[1:].removesuffix(b"\n").removesuffix(b"\r")


def _file(
    name: bytes, added: list[tuple[int, bytes]], removed: int, *, deleted: bool
) -> ChangedFile:
    path = name.decode("utf-8", "surrogateescape")
    if any(b"\0" in text for _, text in added):
        return ChangedFile(path, removed=removed, deleted=deleted, binary=True)
    lines = tuple((number, text.decode("utf-8", "replace")) for number, text in added)
    return ChangedFile(path, lines, removed, deleted)


def _both(names: bytes) -> bytes:
    """Return the name out of `a/name b/name`, which are equal where nothing is renamed."""
    if names.startswith(b'"'):
        return _name(names[: (len(names) - 1) // 2])
    return names[2 : 2 + (len(names) - 5) // 2]


def _name(written: bytes) -> bytes:
    if written.startswith(b'"'):
        written = _ESCAPE.sub(_unescaped, written[1:-1])
    return written[2:]


def _unescaped(match: re.Match[bytes]) -> bytes:
    sign = match[1]
    if len(sign) == 3:
        return bytes([int(sign, 8)])
    return bytes([_NAMED[sign]]) if sign in _NAMED else sign
