"""Boxes in single lines: brackets, icons, inputs, and where they stand in the file."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from readiness_gate.checklist import attributes, wording
from readiness_gate.checklist.document import Box, BoxForm

_DONE = "xX✓✔✅☑"
_OPEN = " \N{NO-BREAK SPACE}"
_BULLET = r"(?:[-*+]\s+|\d{1,9}[.)]\s+)"
# Code such as `[x] = f()` is no box.
_BOX = re.compile(
    rf"^\s*({_BULLET})?[*_~]{{0,3}}\[([{_OPEN}{_DONE}])\]\ufe0f?[*_~]{{0,3}}\s+(?![=,;)\]])(\S.*)$"
)
_LOOSE = re.compile(rf"^\s*({_BULLET})?\[([-~]?)\]\s+(\S.*)$")
_TIGHT = re.compile(rf"^\s*{_BULLET}?\[[ xX]\](?=[^\s(\[:=,;.)])")
_STATE = re.compile(
    r"^(?:done|open|planned|yes|no|ok|completed?|in progress|to ?do|pending|ready|pass(?:ed)?"
    r"|fail(?:ed)?|n/?a|tbd|closed|wip|partial(?:ly)?|blocked|offen|erledigt|готово|да|нет)$",
    re.IGNORECASE,
)
_EMPTY = re.compile(rf"^\s*{_BULLET}?\[[{_OPEN}{_DONE}]\]\s*$")
_EMOJI = re.compile(
    rf"^\s*(?:[-*+]\s+)?([{wording.TICKED}{wording.UNTICKED}])\ufe0f?\s*(\W{{0,3}}\w.*)$"
)
_PAPER = re.compile(r"^\s*(?:[-*+]\s+)?([☐☑⬜🔲🗹])\ufe0f?\s*(\W{0,3}\w.*)$")
_INPUT = re.compile(attributes.INPUT, re.IGNORECASE)
_TAG = re.compile(rf"{attributes.TAG}|</?[A-Za-z][^<>]{{0,400}}>")
_ALONE = re.compile(
    rf"^\W{{0,4}}?(?:\[([{_OPEN}{_DONE}])\]|([{wording.TICKED}{wording.UNTICKED}✓✗✘]))\ufe0f?"
    r"\s*([^\W\d][\w -]{0,24})?$"
)
_MARK = re.compile(
    rf"\[(?:[{_OPEN}{_DONE}]\ufe0f?|[-~]?)\]|[{wording.TICKED}{wording.UNTICKED}✓✗✘]\ufe0f?"
    rf"|{attributes.INPUT}",
    re.IGNORECASE,
)
_MIDDLE = re.compile(r"(?:^|\s)\[[ xX]\](?=\s|$)")
_PIECES = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


class Found(NamedTuple):
    """A box in a line, its words, and which of the line's marks it is."""

    form: BoxForm
    ticked: bool
    text: str
    nth: int = 0


def box(line: str, *, icons: bool, fenced: bool = False, listed: bool = False) -> Found | None:
    """Return the box that a line starts with.

    Args:
        line: without the list's own bullet or with it.
        icons: whether an icon in front counts.
        fenced: whether it stands in a fence, where an icon that judges is somebody's output.
        listed: whether it begins an item of a list, where `[]` and `[-]` are open boxes.
    """
    if match := _BOX.match(line):
        form = BoxForm.LIST if match[1] else BoxForm.PLAIN
        return Found(form, match[2] not in _OPEN, match[3])
    if (match := _LOOSE.match(line)) and (listed or match[1]):
        return Found(BoxForm.LIST, False, match[3])
    if icons and (match := (_PAPER if fenced else _EMOJI).match(line)):
        return Found(BoxForm.ICON, match[1] in wording.TICKED, match[2])
    return None


def is_empty(line: str) -> bool:
    """Return whether a line is a box without words."""
    return bool(_EMPTY.match(line))


def in_the_middle(line: str) -> bool:
    """Return whether a box stands behind other words, where it is not read."""
    return bool(_MIDDLE.search(line)) and "`" not in line


def is_tight(line: str) -> bool:
    """Return whether a line starts with a box that no space follows, which nobody renders."""
    return bool(_TIGHT.match(line))


def inputs(line: str) -> Iterator[Found]:
    """Yield the `<input type=checkbox>` of a line, each with the words behind or before it."""
    found = [one for one in _INPUT.finditer(line) if attributes.is_checkbox(one[0])]
    marked = [one.start() for one in _MARK.finditer(line)] if found else []
    for nth, one in enumerate(found):
        end = found[nth + 1].start() if nth + 1 < len(found) else len(line)
        text = without_tags(line[one.end() : end])
        if not text and len(found) == 1:
            text = without_tags(line[: one.start()]).lstrip("-*+ ")
        ticked = attributes.is_checked(one[0])
        yield Found(BoxForm.INPUT, ticked, text, bisect_left(marked, one.start()))


def without_tags(text: str) -> str:
    """Return a line of HTML without its tags."""
    return _TAG.sub(" ", text).strip()


def alone(cell: str) -> Found | None:
    """Return the box of a cell that holds a box or an icon and at most a word or two."""
    if match := _ALONE.match(cell.strip()):
        mark = match[1] or match[2]
        if match[1] and match[3] and not _STATE.match(match[3].strip()):
            return None
        form = BoxForm.CELL
        return Found(form, mark in _DONE or mark in wording.TICKED, (match[3] or "").strip())
    for one in inputs(cell):
        return Found(BoxForm.CELL, one.ticked, one.text)
    return None


def marks(text: str) -> int:
    """Return how many marks a piece of a line holds."""
    return sum(1 for _ in _MARK.finditer(text))


def place(found: Found, *, repaired: str, raw: bytes, start: int) -> Box | None:
    """Return where a box stands in the file.

    Args:
        found: with the number of its mark in the line.
        repaired: the line as it was read.
        raw: the line's bytes in the file.
        start: offset of the line in the file.
    """
    match = next(islice(_MARK.finditer(repaired), found.nth, None), None)
    if match is None:
        return None
    original = raw.decode("utf-8", "surrogateescape")
    begin = _moved(match.start(), repaired, original, end=False)
    end = _moved(match.end(), repaired, original, end=True)
    if begin is None or end is None:
        return None
    before = len(original[:begin].encode("utf-8", "surrogateescape"))
    mark = original[begin:end].encode("utf-8", "surrogateescape")
    return Box(found.form, start + before, mark.decode("utf-8", "replace"))


def _moved(index: int, repaired: str, original: str, *, end: bool) -> int | None:
    """Return an index of the repaired line in the original: runs of ASCII are the same in both.

    Within a run that was repaired it is the run's start, or its end.
    """
    if repaired == original:
        return index
    at, there = 0, 0
    ours, theirs = _PIECES.findall(repaired), _PIECES.findall(original)
    for mine, other in zip(ours, theirs, strict=False):
        if mine.isascii() != other.isascii():
            return None
        inside = index <= at + len(mine) if end else index < at + len(mine)
        if inside:
            if mine == other:
                return there + index - at
            return there + (len(other) if end else 0) if not mine.isascii() else None
        at, there = at + len(mine), there + len(other)
    return None
