"""Walks the blocks of a Markdown file and keeps what a checklist document says."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from readiness_gate.checklist import boxes, orders, quantities, remarks, tables, wording
from readiness_gate.checklist.boxes import Found
from readiness_gate.checklist.comments import blanked, opened, pinned
from readiness_gate.checklist.document import BoxForm, ClaimKind, Notice
from readiness_gate.checklist.drafts import TEXT_CAP, UNDER_CAP, Draft, FieldDraft
from readiness_gate.checklist.fences import read_fence, read_html
from readiness_gate.checklist.reading import Reading
from readiness_gate.checklist.tables import Table

# Blocks are enough, inline markup is left to `wording`.
# The library cuts off below its nesting limit, and a box that is not seen is a gate left open.
_PARSER = (
    MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable(["inline", "text_join"])
)


_REPAIRS = 8
"""So many kinds of HTML that is never closed are made harmless."""


class Frame:
    """One list item around the line that is read."""

    def __init__(self, ordered: bool) -> None:
        """Begin with nothing in it; `ordered`: whether its list is numbered."""
        self.ordered = ordered
        self.item: Draft | None = None
        self.field: FieldDraft | None = None
        self.begun = False


def read(text: str) -> Reading:
    """Return what a file says; its encoding is repaired already."""
    reader = _Reader(Reading(), re.split(r"\r\n?|\n", text))
    tokens, notices = _tokens(text)
    reader.reading.notices += notices
    for index, token in enumerate(tokens):
        reader.token(token, tokens[index - 1] if index else None)
    for draft in reader.reading.drafts:
        draft.read()
    reader.reading.drafts = [one for one in reader.reading.drafts if reader.has_words(one)]
    reader.reading.notices.sort(key=lambda one: one.line)
    return reader.reading


def _tokens(text: str) -> tuple[list[Token], list[Notice]]:
    """Return the blocks; HTML that is never closed hides nothing of what follows it."""
    notices: list[Notice] = []
    while True:
        tokens = _PARSER.parse(text)
        found = opened(tokens, text) if len(notices) < _REPAIRS else None
        if found is None:
            return tokens, notices
        notices.append(Notice(found.line, f"{found.what} is never closed; what follows is read"))
        text = found.text


class _Reader:
    def __init__(self, reading: Reading, source: Sequence[str]) -> None:
        self.reading = reading
        self.source = source
        self.lists: list[bool] = []
        """Whether each list around is numbered."""
        self.frames: list[Frame] = []
        self.numbered: list[list[tuple[int, str]]] = []
        """First lines of the items of each numbered list around."""
        self.table: Table | None = None
        self.last: Draft | None = None
        """The item that a fence right behind it belongs to."""

    def token(self, token: Token, before: Token | None) -> None:
        kind = token.type
        if kind in {"bullet_list_open", "ordered_list_open"}:
            self.lists.append(kind == "ordered_list_open")
            self.numbered.append([])
        elif kind in {"bullet_list_close", "ordered_list_close"}:
            self._list_ends()
        elif kind == "list_item_open":
            self.frames.append(Frame(self.lists[-1]))
        elif kind == "list_item_close":
            self._too_deep(before)
            self.frames.pop()
        elif kind == "blockquote_close":
            self._too_deep(before)
        elif kind in {"hr", "blockquote_open"}:
            self.last = None
        elif self._of_table(token, before) or token.map is None:
            return
        elif kind == "inline" and before is not None and before.type == "heading_open":
            self._heading(token, int(before.tag[1]))
        elif kind == "inline":
            self._paragraph(token)
        elif kind in {"fence", "code_block"}:
            around = self._around()
            owner = around if self.frames else self.last
            boxed = read_fence(self.reading, token, self.source, parent=around, owner=owner)
            self.last = None if boxed else self.last
        elif kind == "html_block":
            read_html(self.reading, token, parent=self._around())
            self.last = None

    def has_words(self, draft: Draft) -> bool:
        if draft.tags.text:
            return True
        self.reading.empty(draft.line)
        return False

    def _too_deep(self, before: Token | None) -> None:
        """Take the boxes that the library left out because they are nested too deep."""
        if before is None or before.nesting != 1 or before.map is None:
            return
        for at in range(*before.map):
            if found := boxes.box(self.source[at].lstrip("> \t"), icons=True, listed=True):
                pin = pinned(self.source[at])
                self.reading.item(found, at + 1, parent=self._around(), pin=pin)

    def _around(self) -> Draft | None:
        """Return the item that the line stands in."""
        return next((one.item for one in reversed(self.frames) if one.item), None)

    # Headings and lists

    def _heading(self, token: Token, level: int) -> None:
        line, raw = _start(token) + 1, token.content
        self.last = None
        self.reading.around(raw, line)
        if (found := boxes.box(raw, icons=False)) is not None:
            self.reading.item(found, line, parent=self._around(), pin=pinned(raw))
            raw = found.text
        self.reading.sections.enter(level, raw, line)
        if any(mark in raw for mark in wording.TICKED + "✓"):
            self.reading.claim(ClaimKind.HEADING, wording.heading(raw), line)

    def _list_ends(self) -> None:
        ordered, texts = self.lists.pop(), self.numbered.pop()
        if ordered and len(steps := orders.listed(texts)) > 1:
            self.reading.order(steps)

    # Lines of prose and of list items

    def _paragraph(self, token: Token) -> None:
        frame = self.frames[-1] if self.frames else None
        first = frame is not None and not frame.begun
        if frame is not None:
            frame.begun = True
        current: Draft | None = None
        raws = token.content.split("\n")
        for offset, text in enumerate(blanked(token.content).split("\n")):
            line, raw = _start(token) + 1 + offset, raws[offset]
            decided = self.reading.around(text, line)
            if first and not offset and self.numbered:
                self.numbered[-1].append((line, _without_box(text)))
            found = self._found(text, frame, listed=first and not offset)
            pin = pinned(raw) if found else None
            for one in found:
                above = (one.item for one in reversed(self.frames[:-1]) if one.item)
                current = self.reading.item(one, line, parent=next(above, None), pin=pin)
                self.last, pin = current, None
                if frame is not None:
                    frame.item = current
            if not found and current is not None:
                self._goes_on(current, text, raw, line)
            elif not found and not decided:
                self._words(text, line, frame, first=first and not offset)

    def _found(self, text: str, frame: Frame | None, *, listed: bool) -> list[Found]:
        if "<input" in text.lower() and (found := list(boxes.inputs(text))):
            return found
        # An icon in front of a numbered sentence is no box; `[ ]` is.
        icons = not (frame is not None and frame.ordered)
        one = boxes.box(text, icons=icons, listed=frame is not None and listed)
        if one is not None and frame is not None and one.form is BoxForm.PLAIN:
            one = Found(BoxForm.LIST, one.ticked, one.text)
        return [] if one is None else [one]

    def _goes_on(self, current: Draft, text: str, raw: str, line: int) -> None:
        labelled = remarks.field_of(text.strip())
        if labelled and text.lstrip().startswith(("**", "__")):
            current.labelled(labelled, line)
        elif len(current.raw) < TEXT_CAP:
            current.raw += f" {text.strip()}"
        if current.pin is None:
            current.pin = pinned(raw)

    def _words(self, text: str, line: int, frame: Frame | None, *, first: bool) -> None:
        """Take a line without a box: a field or an option of an item, or words of their own."""
        owner = next((one for one in reversed(self.frames) if one.item), None)
        if boxes.is_empty(text):
            self.reading.empty(line)
            return
        if boxes.in_the_middle(text):
            self.reading.notice(line, "a box behind other words is not read; put it first")
        elif boxes.is_tight(text):
            self.reading.notice(line, "a box without a space behind it is not read")
        if owner is None or owner.item is None or frame is None:
            self._alone(text, line, frame)
            return
        labelled = remarks.field_of(text.strip())
        above = next((one.field for one in reversed(self.frames[:-1]) if one.field), None)
        bold = text.lstrip().startswith(("**", "__"))
        if labelled is not None and (bold or above is None):
            made = owner.item.labelled(labelled, line)
            if frame is not owner:
                frame.field = made
        elif frame is not owner and first:
            values = above.values if above is not None else owner.item.options
            if len(values) < UNDER_CAP:
                values.append(wording.plain(text[:TEXT_CAP]))

    def _alone(self, text: str, line: int, frame: Frame | None) -> None:
        """Take a line that belongs to no item."""
        words = self.reading.sections.now.words
        if frame is not None and frame.ordered and boxes.box(text, icons=True):
            told = wording.plain(text[:TEXT_CAP]).lstrip("".join(wording.TICKED) + " \ufe0f")
            self.reading.claim(ClaimKind.STEP, told, line)
        elif frame is not None and not frame.ordered:
            stated = quantities.stated(wording.plain(text[:TEXT_CAP]), line=line, section=words)
            self.reading.statistics += [stated] if stated else []
        if status := remarks.status(text):
            self.reading.claim(ClaimKind.STATUS, status, line)
        self.last = None

    # Tables

    def _of_table(self, token: Token, before: Token | None) -> bool:
        kind = token.type
        if kind == "table_open":
            self.table = Table(_start(token) + 1)
        elif self.table is None:
            return False
        elif kind == "table_close":
            self._table(self.table)
            self.table = None
        elif kind == "tr_open":
            self.table.rows.append((_start(token) + 1, []))
        elif kind == "inline" and before is not None and before.type in {"th_open", "td_open"}:
            self.table.rows[-1][1].append(token.content)
        elif kind == "thead_close":
            self.table.header = self.table.rows.pop()[1]
        return True

    def _table(self, table: Table) -> None:
        words = self.reading.sections.now.words
        self.last = None
        self.reading.phases += tables.phases(table)
        for line, cells in [(table.line, table.header), *table.rows]:
            for cell in cells:
                self.reading.around(cell, line)
        if matrix := tables.matrix(table, words):
            self.reading.matrices.append(matrix)
        self.reading.sign_offs += tables.sign_offs(table, words)
        for row in tables.rows(table):
            draft = self.reading.item(row.found, row.line, parent=self._around(), pin=row.pin)
            for head, cell in row.fields:
                kind = remarks.field_of(f"**{head}:** x")
                if kind is not None:
                    draft.labelled((kind[0], head, cell), row.line)
        self.last = None


def _without_box(text: str) -> str:
    found = boxes.box(text, icons=True)
    return found.text if found else text


def _start(token: Token) -> int:
    return token.map[0] if token.map else 0
