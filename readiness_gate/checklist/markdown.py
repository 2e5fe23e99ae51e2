"""Checklist lines out of Markdown: boxes in lists, in fences, as emoji, wherever they stand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from readiness_gate.checklist import ids, repair, wording
from readiness_gate.doors.records import Problem, failure
from readiness_gate.doors.yaml import Position
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import Severity

SIZE_CAP = 512 * 1024
_TEXT_CAP = 2_000
_BOX = re.compile(r"^\s*(?:[-*+]\s+|\d{1,9}[.)]\s+)?\[([ xX✓✔])\]\s+(\S.*)$")
_EMOJI = re.compile(
    rf"^\s*(?:[-*+]\s+)?([{wording.TICKED}{wording.UNTICKED}])\ufe0f?\s*(\W{{0,3}}\w.*)$"
)
_PIN = re.compile(r"<!--\s*id:\s*(\S*)\s*-->")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")


@dataclass(frozen=True)
class ChecklistLine:
    """One line that somebody can tick."""

    id: str
    text: str
    """Plain words, without markup and tags."""
    ticked: bool
    path: str
    line: int
    """Line in the file, from 1."""
    section: tuple[str, ...]
    """Headings above it, outermost first, without icons."""
    severity: Severity | None = None
    phase: str | None = None
    pinned: bool = False
    """Whether the id was written beside the line, `<!-- id: … -->`."""


@dataclass(frozen=True)
class Checklist:
    """Every line of all checklist files, in their order."""

    lines: tuple[ChecklistLine, ...]
    phases: tuple[str, ...]
    """Phases in the order of the sign-off matrix, then of first appearance."""
    warnings: tuple[str, ...] = ()


def read_checklists(sources: Sequence[tuple[str, bytes]]) -> Checklist:
    """Return the lines of files, given as path and bytes; ids are unique over all of them.

    Raises:
        ConfigurationError: a file is over the cap, or a pinned id is malformed or used twice.
    """
    lines: list[ChecklistLine] = []
    matrix: list[str] = []
    warnings: list[str] = []
    for path, data in sources:
        if len(data) > SIZE_CAP:
            raise ConfigurationError(f"{path}: {len(data)} bytes are more than {SIZE_CAP}")
        text, broken = repair.decode(data)
        if broken:
            warnings.append(f"{path}: {broken} places are not UTF-8")
        found, phases = _parse(repair.repaired(text), path)
        lines += found
        matrix += phases
        if not found:
            warnings.append(f"{path}: no line can be ticked")
    _refuse_bad_pins(lines)
    names = ids.distinct((line.id, line.pinned) for line in lines)
    lines = [replace(line, id=name) for line, name in zip(lines, names, strict=True)]
    ordered = dict.fromkeys([*matrix, *(line.phase for line in lines if line.phase)])
    return Checklist(tuple(lines), tuple(ordered), tuple(warnings))


def _parse(text: str, path: str) -> tuple[list[ChecklistLine], list[str]]:
    # Blocks are enough, inline markup is left to `wording`.
    # The library cuts off below its nesting limit, and a box that is not seen is a gate left open.
    parser = (
        MarkdownIt("commonmark", {"maxNesting": 100})
        .enable("table")
        .disable(["inline", "text_join"])
    )
    tokens = parser.parse(text)
    headings: list[tuple[int, str]] = []
    lines: list[ChecklistLine] = []
    lists: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "inline" and tokens[index - 1].type == "heading_open":
            level = int(tokens[index - 1].tag[1])
            headings = [entry for entry in headings if entry[0] < level]
            headings.append((level, token.content))
            continue
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token.type)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        # An icon in front of a numbered sentence or in a table's cell is no box; `[ ]` is.
        in_cell = tokens[index - 1].type in {"td_open", "th_open"}
        emoji = not in_cell and lists[-1:] != ["ordered_list_open"]
        for number, box in _boxes(token, emoji=emoji):
            line = _line(box, path, number, [words for _, words in headings])
            lines += [line] if line.text else []
    return lines, _matrix(tokens)


@dataclass
class _Box:
    ticked: bool
    text: str


def _boxes(token: Token, *, emoji: bool) -> Iterator[tuple[int, _Box]]:
    """Yield the boxes of one block with the file's line; following lines belong to the last."""
    if token.map is None or token.type not in {"inline", "fence", "code_block", "html_block"}:
        return
    if token.type == "html_block" and token.content.lstrip().startswith("<!--"):
        return
    first = token.map[0] + (2 if token.type == "fence" else 1)
    found: list[tuple[int, _Box]] = []
    for offset, line in enumerate(token.content.split("\n")):
        if box := _box(line, emoji=emoji):
            found.append((first + offset, box))
        elif found and token.type == "inline":
            found[-1][1].text += f" {line.strip()}"
    yield from found


def _box(line: str, *, emoji: bool) -> _Box | None:
    if match := _BOX.match(line):
        return _Box(match[1] != " ", match[2])
    if emoji and (match := _EMOJI.match(line)):
        return _Box(match[1] in wording.TICKED, match[2])
    return None


def _line(box: _Box, path: str, number: int, headings: list[str]) -> ChecklistLine:
    text = box.text[:_TEXT_CAP]
    pin = _PIN.search(text)
    found = wording.tags(text)
    words = [wording.heading(text[:_TEXT_CAP]) for text in headings]
    severity, phase = found.severity, found.phase
    for above in reversed(words):
        severity = severity or wording.heading_severity(above)
        phase = phase or wording.heading_phase(above)
    return ChecklistLine(
        id=pin[1] if pin else ids.item_id(found.text),
        text=found.text,
        ticked=box.ticked,
        path=path,
        line=number,
        section=tuple(words),
        severity=severity,
        phase=phase,
        pinned=pin is not None,
    )


def _matrix(tokens: Sequence[Token]) -> list[str]:
    """Return the phases that head the columns of a table, where two or more do."""
    phases: list[str] = []
    row: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "tr_open":
            row = []
        elif token.type == "th_open":
            name = wording.heading_phase(wording.plain(tokens[index + 1].content))
            row += [name] if name else []
        elif token.type == "thead_close" and len(row) > 1:
            phases += row
    return phases


def _refuse_bad_pins(lines: Sequence[ChecklistLine]) -> None:
    first: dict[str, ChecklistLine] = {}
    for line in lines:
        if not line.pinned:
            continue
        before = first.setdefault(line.id, line)
        if not _NAME.fullmatch(line.id):
            message = f"{line.id[:80]!r} is no id; letters, digits, dots, dashes"
        elif before is not line:
            message = f"id {line.id!r} is already at {before.path}:{before.line}"
        else:
            continue
        raise failure(line.path, [Problem(Position(line.line, 1), message)])
