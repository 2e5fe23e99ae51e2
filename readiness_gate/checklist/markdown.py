"""Checklists out of Markdown: boxes wherever they stand, and what is said around them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from readiness_gate.checklist import boxes, ids, reader, repair
from readiness_gate.checklist.document import Checklist, Document
from readiness_gate.checklist.drafts import Draft
from readiness_gate.checklist.reading import Reading
from readiness_gate.doors.records import Problem, failure
from readiness_gate.doors.yaml import Position
from readiness_gate.errors import ConfigurationError

SIZE_CAP = 16 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_BREAK = re.compile(rb"\r\n?|\n")
_MARK = b"\xef\xbb\xbf"
_WARNINGS = 20
"""So many notices of a file are warnings; the rest is counted."""


class _Parsed(NamedTuple):
    path: str
    reading: Reading
    broken: int


def read_checklists(sources: Sequence[tuple[str, bytes]]) -> Checklist:
    """Return the lines of files, given as path and bytes; ids are unique over all of them.

    Raises:
        ConfigurationError: a file is over the cap or no text, or a pinned id is malformed or used
            twice.
    """
    parsed = [_parsed(path, data) for path, data in sources]
    drafts = [(one.path, draft) for one in parsed for draft in one.reading.drafts]
    _refuse_bad_pins(drafts)
    names = ids.distinct((draft.wanted, draft.pin is not None) for _, draft in drafts)
    for (_, draft), name in zip(drafts, names, strict=True):
        draft.given = name
    same = _same([draft for _, draft in drafts])
    documents = tuple(_document(one, same) for one in parsed)
    phases = [phase for one in parsed for phase in one.reading.phases]
    lines = tuple(item for one in documents for item in one.items)
    ordered = dict.fromkeys([*phases, *(line.phase for line in lines if line.phase)])
    warnings = (warning for one in parsed for warning in _warnings(one))
    return Checklist(lines, tuple(ordered), tuple(warnings), documents)


def read_document(path: str, data: bytes) -> Document:
    """Return what one file says.

    Raises:
        ConfigurationError: as `read_checklists`.
    """
    return read_checklists([(path, data)]).documents[0]


def _parsed(path: str, data: bytes) -> _Parsed:
    if len(data) > SIZE_CAP:
        raise ConfigurationError(f"{path}: {len(data)} bytes are more than {SIZE_CAP}")
    text, broken = repair.decode(data, name=path)
    repaired = repair.repaired(text)
    reading = reader.read(repaired)
    _place(reading.drafts, repaired, data)
    return _Parsed(path, reading, broken)


def _place(drafts: Sequence[Draft], repaired: str, data: bytes) -> None:
    lines = re.split(r"\r\n?|\n", repaired)
    start = len(_MARK) if data.startswith(_MARK) else 0
    spans: list[tuple[int, int]] = []
    for match in _BREAK.finditer(data):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(data)))
    for draft in drafts:
        start, end = spans[draft.line - 1]
        text = lines[draft.line - 1]
        draft.box = boxes.place(draft.found, repaired=text, raw=data[start:end], start=start)


def _same(drafts: Sequence[Draft]) -> dict[str, str]:
    """Return for the id of every item whose words came before the id of the first."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for draft in drafts:
        before = first.setdefault(draft.words_id, draft.given)
        if before != draft.given:
            same[draft.given] = before
    return same


def _document(parsed: _Parsed, same: dict[str, str]) -> Document:
    reading = parsed.reading
    items = tuple(
        draft.item(parsed.path, same_as=same.get(draft.given)) for draft in reading.drafts
    )
    counted = [figure for draft in reading.drafts for figure in draft.statistics()]
    statistics = sorted([*reading.statistics, *counted], key=lambda one: one.line)
    phases = dict.fromkeys([*reading.phases, *(item.phase for item in items if item.phase)])
    return Document(
        path=parsed.path,
        items=items,
        phases=tuple(phases),
        sequences=tuple(reading.sequences),
        dependencies=tuple(dict.fromkeys(reading.dependencies)),
        sign_offs=tuple(reading.sign_offs),
        headings=tuple(reading.sections.declared),
        matrices=tuple(reading.matrices),
        decisions=tuple(reading.decisions),
        statistics=tuple(statistics),
        claims=tuple(reading.claims),
        placeholders=tuple(reading.placeholders),
        commands=tuple(reading.commands),
        notices=tuple(reading.notices),
    )


def _warnings(parsed: _Parsed) -> Iterator[str]:
    if parsed.broken:
        yield f"{parsed.path}: {parsed.broken} places are not UTF-8"
    notices = parsed.reading.notices
    for notice in notices[:_WARNINGS]:
        yield f"{parsed.path}:{notice.line}: {notice.message}"
    if len(notices) > _WARNINGS:
        yield f"{parsed.path}: {len(notices) - _WARNINGS} more such lines"
    if not parsed.reading.drafts:
        yield f"{parsed.path}: no line can be ticked"


def _refuse_bad_pins(drafts: Sequence[tuple[str, Draft]]) -> None:
    first: dict[str, str] = {}
    for path, draft in drafts:
        if draft.pin is None:
            continue
        here = f"{path}:{draft.line}"
        if not _NAME.fullmatch(draft.pin):
            message = f"{draft.pin[:80]!r} is no id; letters, digits, dots, dashes"
        elif draft.pin in first:
            message = f"id {draft.pin!r} is already at {first[draft.pin]}"
        else:
            first[draft.pin] = here
            continue
        raise failure(path, [Problem(Position(draft.line, 1), message)])
