"""Ids pinned beside the lines of a Markdown checklist: `<!-- id: … -->`; nothing else changes."""

from collections.abc import Sequence

from readiness_gate.adopt.reading import read
from readiness_gate.checklist.document import BoxForm, Item

_TEXT = frozenset({BoxForm.LIST, BoxForm.PLAIN, BoxForm.ICON})


def with_ids(path: str, data: bytes, items: Sequence[Item]) -> tuple[bytes, tuple[str, ...]]:
    """Return the file with a pin at the end of every line that has none, and who got none.

    Lines whose form holds no comment, such as cells of tables, keep their id by their words; they
    are named. Bytes that are not touched stay as they are, whatever their encoding.
    """
    lines = data.splitlines(keepends=True)  # of bytes: no other sign ends a line
    left = [item.id for item in items if not item.pinned and not _takes(item)]
    wanted = [item for item in items if not item.pinned and _takes(item)]
    if not wanted:
        return data, tuple(left)
    for item in wanted:
        at = item.line - 1
        body = lines[at].rstrip(b"\r\n")
        ending = lines[at][len(body) :]
        lines[at] = body.rstrip() + f" <!-- id: {item.id} -->".encode() + ending
    written = b"".join(lines)
    again = {item.line: item.id for item in read([(path, written)]).items}
    if [again.get(item.line) for item in items] != [item.id for item in items]:
        return data, tuple(item.id for item in items if not item.pinned)
    return written, tuple(left)


def _takes(item: Item) -> bool:
    return item.box is None or item.box.form in _TEXT
