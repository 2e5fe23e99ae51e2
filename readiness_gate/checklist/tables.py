"""Tables: rows that can be ticked, percentages by phase, and who signs."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from readiness_gate.checklist import boxes, comments, ids, remarks, wording
from readiness_gate.checklist.boxes import Found
from readiness_gate.checklist.document import DeclaredShares, Matrix, Share, SignOff

_ROLE = re.compile(r"^(role|approver|signatory|sign-?off|роль|должность)\b", re.IGNORECASE)
_SIGNS = re.compile(r"sign|approv|date|подпис|дата", re.IGNORECASE)
_NAME = re.compile(r"^(name|who|person|имя|фио)\b", re.IGNORECASE)
_SIGNATURE = re.compile(r"signature|signed|approved|sign-?off|подпис", re.IGNORECASE)
_DATE = re.compile(r"^(date|when|дата)\b", re.IGNORECASE)
_SAID = re.compile(
    r"^(item|check|task|requirement|description|question|control|what|criteri\w+|title|step"
    r"|пункт|задача|проверка|требование|описание)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[#№\w.-]{0,12}$")
_OVERALL = re.compile(r"^\W*(?:overall|total|all|итого|всего)\b", re.IGNORECASE)


class Table:
    """Cells as they are written; rows with their line."""

    def __init__(self, line: int) -> None:
        """Begin with no cell; `line`: the one of its header."""
        self.line = line
        self.header: list[str] = []
        self.rows: list[tuple[int, list[str]]] = []


class Row(NamedTuple):
    """A row that can be ticked: its box, its words, and its other cells by their header."""

    found: Found
    raw: str
    line: int
    fields: tuple[tuple[str, str], ...]
    pin: str | None


def phases(table: Table) -> list[str]:
    """Return the phases that head the columns, where two or more do."""
    named = [wording.heading_phase(wording.plain(cell)) for cell in table.header]
    found = [name for name in named if name]
    return found if len(found) > 1 else []


def matrix(table: Table, section: tuple[str, ...]) -> Matrix | None:
    """Return the table as percentages by phase, where its cells are."""
    heads = [wording.plain(cell) for cell in table.header[1:]]
    columns = [wording.heading_phase(head) or ids.item_id(head) for head in heads]
    rows = []
    for line, cells in table.rows:
        shares = tuple(
            Share(column, *found)
            for column, cell in zip(columns, cells[1:], strict=False)
            if (found := remarks.percentage(cell))
        )
        name = wording.plain(cells[0]) if cells else ""
        if not shares or not name:
            continue
        overall = bool(_OVERALL.match(name))
        rows.append(DeclaredShares(name, shares, line, section, overall=overall))
    if not rows or len(rows) * 2 < len(table.rows):
        return None
    used = {share.phase for row in rows for share in row.shares}
    return Matrix(table.line, section, tuple(one for one in columns if one in used), tuple(rows))


def sign_offs(table: Table, section: tuple[str, ...]) -> Iterator[SignOff]:
    """Yield the rows of a table of roles with a column for a signature or a date."""
    heads = [wording.plain(cell) for cell in table.header]
    if len(heads) < 2 or not _ROLE.match(heads[0]) or not any(map(_SIGNS.search, heads[1:])):
        return
    for line, cells in table.rows:
        named = {head: cell for head, cell in zip(heads, cells, strict=False) if head != heads[0]}
        name = _first(named, _NAME)
        signature = _first(named, _SIGNATURE)
        mark = boxes.alone(signature) if signature else None
        date = remarks.filled(_first(named, _DATE))
        written = bool(remarks.filled(signature)) if signature else bool(date)
        role = wording.plain(cells[0]) if cells else ""
        if role:
            signed = mark.ticked if mark else written
            yield SignOff(role, line, section, remarks.filled(name), date, signed)


def rows(table: Table) -> Iterator[Row]:
    """Yield the rows that can be ticked.

    A cell that starts with a bracketed box always can. An icon, or a box alone in its cell, needs
    words in another cell; icons in several columns compare things and tick nothing.
    """
    width = max((len(cells) for _, cells in table.rows), default=0)
    alone = [
        [boxes.alone(cells[at]) if at < len(cells) else None for _, cells in table.rows]
        for at in range(width)
    ]
    ticking = [at for at in range(width) if any(alone[at]) and _column(table, at, alone[at])]
    single = ticking[0] if len(ticking) == 1 else None
    for number, (line, cells) in enumerate(table.rows):
        before = 0
        for at, cell in enumerate(cells):
            found = boxes.box(cell, icons=False)
            lone = alone[at][number]
            bracketed = bool(re.match(r"\W{0,4}\[|<input", cell, re.IGNORECASE))
            if lone and (bracketed or at == single):
                words = _words(table, cells, at)
                if len(ticking) > 1 and words:
                    words = f"{words}: {wording.plain(table.header[at])}".rstrip(": ")
                text = words or lone.text
                yield _row(table, cells, at, line, Found(lone.form, lone.ticked, text, before))
            elif found:
                yield _row(
                    table, cells, at, line, Found(found.form, found.ticked, found.text, before)
                )
            before += boxes.marks(cell)


def _row(table: Table, cells: list[str], at: int, line: int, found: Found) -> Row:
    fields = tuple(
        (wording.plain(head), cell)
        for index, (head, cell) in enumerate(zip(table.header, cells, strict=False))
        if index != at and wording.plain(head) and cell.strip() and cell.strip() != found.text
    )
    pins = (comments.pinned(cell) for cell in cells)
    pin = next((pin for pin in pins if pin is not None), None)
    return Row(found, found.text, line, fields, pin)


def _column(table: Table, at: int, found: list[Found | None]) -> bool:
    """Return whether a column holds marks and nothing else, beside words in another column."""
    cells = [(cells[at] if at < len(cells) else "").strip() for _, cells in table.rows]
    marked = all(one or not cell for one, cell in zip(found, cells, strict=True))
    return marked and any(_words(table, cells, at) for _, cells in table.rows)


def _words(table: Table, cells: list[str], at: int) -> str:
    """Return the cell that says what a row is about: by its header, else the first with words."""
    others = [
        (table.header[index] if index < len(table.header) else "", cell)
        for index, cell in enumerate(cells)
        if index != at and cell.strip() and not boxes.alone(cell)
    ]
    named = [cell for head, cell in others if _SAID.match(wording.plain(head))]
    told = [cell for _, cell in others if not _NUMBER.match(wording.plain(cell))]
    return next(iter([*named, *told, *(cell for _, cell in others)]), "")


def _first(cells: dict[str, str], pattern: re.Pattern[str]) -> str:
    return next((cell for head, cell in cells.items() if pattern.search(head)), "")
