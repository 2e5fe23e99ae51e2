"""Ticks and unticks a checklist as the gate found its items; nothing but boxes changes.

What passed is ticked, what failed is not. Every other outcome leaves its line as somebody wrote it:
what waits, is waived, was skipped or could not be checked is neither true nor untrue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.checklist.attributes import with_checked
from readiness_gate.checklist.document import Box, Item
from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Outcome

_TICKS = {"☐": "☑", "⬜": "✅", "🔲": "✅", "❌": "✅", "❎": "✅", "✗": "✓", "✘": "✓"}
_PAPER = frozenset({"☐", "⬜", "🔲"})
_UNTICKS = {"✅": "⬜", "☑": "☐", "✔": "☐", "🗹": "☐", "✓": "✗"}
_VARIATION = "\N{VARIATION SELECTOR-16}"
_CODECS = ("cp1252", "cp1254", "mac_roman")
_UNDEFINED = {chr(code): code for code in (0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E)}
"""Bytes that cp1252 or cp1254 leave open; lenient readers pass them on as they are."""


@dataclass(frozen=True)
class Written:
    """A file with its boxes as they are to stand."""

    path: str
    data: bytes
    ticked: tuple[str, ...]
    unticked: tuple[str, ...]
    """Ids whose box changes."""


def wanted(results: Iterable[ItemResult]) -> dict[str, bool]:
    """Return whether an item's box is to be ticked, by id; undecided items are left out."""
    ticks = {Outcome.PASSED: True, Outcome.FAILED: False}
    return {one.id: ticks[one.outcome] for one in results if one.outcome in ticks}


def write_back(
    sources: Sequence[tuple[str, bytes]], ticks: Mapping[str, bool]
) -> tuple[Written, ...]:
    """Return the files, given as path and bytes, in which a box changes.

    Raises:
        ConfigurationError: a file cannot be read, or would be read differently afterwards.
    """
    try:
        return _written(sources, ticks, paper=False)
    except ConfigurationError:
        # In a fence `✅` is somebody's output; there a box stays one only on paper, as `☑`.
        return _written(sources, ticks, paper=True)


def _written(
    sources: Sequence[tuple[str, bytes]], ticks: Mapping[str, bool], *, paper: bool
) -> tuple[Written, ...]:
    before = read_checklists(sources)
    written = [_file(path, data, before.lines, ticks, paper) for path, data in sources]
    changed = {one.path: one for one in written if one.ticked or one.unticked}
    if not changed:
        return ()
    after = read_checklists(
        [(path, changed[path].data if path in changed else data) for path, data in sources]
    )
    _require_same(before.lines, after.lines, ticks)
    return tuple(changed.values())


def _file(
    path: str, data: bytes, lines: Sequence[Item], ticks: Mapping[str, bool], paper: bool
) -> Written:
    parts: list[bytes] = []
    done: dict[bool, list[str]] = {True: [], False: []}
    at = 0
    for line in _in_place(lines, path):
        tick = ticks.get(line.id, line.ticked)
        box = line.box
        if tick is line.ticked or box is None:
            continue
        old = box.mark.encode(errors="surrogateescape")
        if box.start < at or data[box.start : box.start + len(old)] != old:
            raise ConfigurationError(f"{path}:{line.line}: the box of {line.id} is not found")
        parts += [
            data[at : box.start],
            marked(box, tick, paper=paper).encode(errors="surrogateescape"),
        ]
        at = box.start + len(old)
        done[tick].append(line.id)
    return Written(path, b"".join([*parts, data[at:]]), tuple(done[True]), tuple(done[False]))


def _in_place(lines: Iterable[Item], path: str) -> list[Item]:
    mine = [line for line in lines if line.path == path and line.box is not None]
    return sorted(mine, key=lambda line: line.box.start if line.box else 0)


def marked(box: Box, ticked: bool, *, paper: bool = False) -> str:
    """Return what has to stand in place of a box's mark, in the encoding that it went through.

    Raises:
        ConfigurationError: the mark is not one that is known.
    """
    mark = box.mark
    if mark.startswith("["):
        return "[x]" if ticked else "[ ]"
    if mark.startswith("<"):
        return with_checked(mark, checked=ticked)
    for codec in (None, *_CODECS):
        icon = (mark if codec is None else _undamaged(mark, codec)).rstrip(_VARIATION)
        if icon in _TICKS or icon in _UNTICKS:
            # An icon that says it already stays: nobody asks for it.
            other = (_TICKS if ticked else _UNTICKS).get(icon, icon)
            if paper and ticked and icon in _PAPER:
                other = "☑"
            return other if codec is None else _damaged(other, codec)
    raise ConfigurationError(f"{mark[:20]!r} is no box that can be written")


def _undamaged(text: str, codec: str) -> str:
    try:
        return b"".join(_byte(char, codec) for char in text).decode()
    except UnicodeError:
        return ""


def _byte(char: str, codec: str) -> bytes:
    if char in _UNDEFINED and codec != "mac_roman":
        return bytes([_UNDEFINED[char]])
    return char.encode(codec)


def _damaged(text: str, codec: str) -> str:
    return "".join(_char(byte, codec) for byte in text.encode())


def _char(byte: int, codec: str) -> str:
    try:
        return bytes([byte]).decode(codec)
    except UnicodeError:
        return chr(byte)


def _require_same(before: Sequence[Item], after: Sequence[Item], ticks: Mapping[str, bool]) -> None:
    """Refuse to write what would bind, count or mean something else when it is read again."""
    for old, new in zip(before, after, strict=False):
        if (old.id, old.text, old.line) != (new.id, new.text, new.line):
            raise ConfigurationError(f"{old.path}:{old.line}: {old.id} would be read as {new.id}")
        if old.box is not None and new.ticked is not ticks.get(old.id, old.ticked):
            raise ConfigurationError(f"{old.path}:{old.line}: the box of {old.id} stays as it is")
    if len(before) != len(after):
        raise ConfigurationError("other lines would be read: nothing is written")
