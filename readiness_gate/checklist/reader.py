"""Walks the blocks of a Markdown file and keeps what a checklist document says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from readiness_gate.checklist import boxes, quantities, remarks, repair, shell, tables, wording
from readiness_gate.checklist import document as said
from readiness_gate.checklist.boxes import Found
from readiness_gate.checklist.comments import blanked, opened, pinned
from readiness_gate.checklist.document import BoxForm, ClaimKind
from readiness_gate.checklist.drafts import TEXT_CAP, UNDER_CAP, Draft, FieldDraft
from readiness_gate.checklist.sections import Sections
from readiness_gate.checklist.tables import Table

# Blocks are enough, inline markup is left to `wording`.
# The library cuts off below its nesting limit, and a box that is not seen is a gate left open.
_PARSER = (
    MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable(["inline", "text_join"])
)


_REPAIRS = 8
"""So many kinds of HTML that is never closed are made harmless."""


@dataclass
class Frame:
    """One list item around the line that is read."""

    ordered: bool
    item: Draft | None = None
    field: FieldDraft | None = None
    begun: bool = False


@dataclass
class Reading:
    """What has been read so far."""

    sections: Sections = field(default_factory=Sections)
    drafts: list[Draft] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    sequences: list[said.Sequence] = field(default_factory=list)
    dependencies: list[said.Dependency] = field(default_factory=list)
    sign_offs: list[said.SignOff] = field(default_factory=list)
    matrices: list[said.Matrix] = field(default_factory=list)
    decisions: list[said.Decision] = field(default_factory=list)
    statistics: list[said.Statistic] = field(default_factory=list)
    claims: list[said.Claim] = field(default_factory=list)
    placeholders: list[said.Placeholder] = field(default_factory=list)
    commands: list[tuple[tuple[str, ...], said.Command]] = field(default_factory=list)
    notices: list[said.Notice] = field(default_factory=list)


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


def _tokens(text: str) -> tuple[list[Token], list[said.Notice]]:
    """Return the blocks; HTML that is never closed hides nothing of what follows it."""
    notices: list[said.Notice] = []
    while True:
        tokens = _PARSER.parse(text)
        found = opened(tokens, text) if len(notices) < _REPAIRS else None
        if found is None:
            return tokens, notices
        notices.append(
            said.Notice(found.line, f"{found.what} is never closed; what follows is read")
        )
        text = found.text


@dataclass
class _Reader:
    reading: Reading
    source: Sequence[str]
    lists: list[bool] = field(default_factory=list)
    """Whether each list around is numbered."""
    frames: list[Frame] = field(default_factory=list)
    numbered: list[list[tuple[int, str]]] = field(default_factory=list)
    """First lines of the items of each numbered list around."""
    table: Table | None = None
    last: Draft | None = None
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
            self._fence(token)
        elif kind == "html_block":
            self._html(token)

    def has_words(self, draft: Draft) -> bool:
        if draft.tags.text:
            return True
        self._empty(draft.line)
        return False

    def _too_deep(self, before: Token | None) -> None:
        """Take the boxes that the library left out because they are nested too deep."""
        if before is None or before.nesting != 1 or before.map is None:
            return
        for at in range(*before.map):
            if found := boxes.box(self.source[at].lstrip("> \t"), icons=True, listed=True):
                self._item(found, at + 1, pin=pinned(self.source[at]))

    # Headings and lists

    def _heading(self, token: Token, level: int) -> None:
        line, raw = _start(token) + 1, token.content
        self.last = None
        self._around(raw, line)
        if (found := boxes.box(raw, icons=False)) is not None:
            self._item(found, line)
            raw = found.text
        section = self.reading.sections.enter(level, raw, line)
        if any(mark in raw for mark in wording.TICKED + "✓"):
            words = repair.readable(wording.heading(raw))
            self.reading.claims.append(said.Claim(ClaimKind.HEADING, words, line, section.words))

    def _list_ends(self) -> None:
        ordered, texts = self.lists.pop(), self.numbered.pop()
        if ordered and len(steps := remarks.listed(texts)) > 1:
            self._sequence(steps)

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
            decided = self._around(text, line)
            if first and not offset and self.numbered:
                self.numbered[-1].append((line, _without_box(text)))
            found = self._found(text, frame, listed=first and not offset)
            pin = pinned(raw) if found else None
            for one in found:
                current, pin = self._item(one, line, frame=frame, pin=pin), None
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
            self._field(current, labelled, line)
        elif len(current.raw) < TEXT_CAP:
            current.raw += f" {text.strip()}"
        if current.pin is None:
            current.pin = pinned(raw)

    def _words(self, text: str, line: int, frame: Frame | None, *, first: bool) -> None:
        """Take a line without a box: a field or an option of an item, or words of their own."""
        owner = next((one for one in reversed(self.frames) if one.item), None)
        if boxes.is_empty(text):
            self._empty(line)
            return
        if boxes.in_the_middle(text):
            self._notice(line, "a box behind other words is not read; put it first")
        elif boxes.is_tight(text):
            self._notice(line, "a box without a space behind it is not read")
        if owner is None or owner.item is None or frame is None:
            self._alone(text, line, frame)
            return
        labelled = remarks.field_of(text.strip())
        above = next((one.field for one in reversed(self.frames[:-1]) if one.field), None)
        bold = text.lstrip().startswith(("**", "__"))
        if labelled is not None and (bold or above is None):
            made = self._field(owner.item, labelled, line)
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
            self.reading.claims.append(
                said.Claim(ClaimKind.STEP, repair.readable(told), line, words)
            )
        elif frame is not None and not frame.ordered:
            stated = quantities.stated(wording.plain(text[:TEXT_CAP]), line=line, section=words)
            self.reading.statistics += [stated] if stated else []
        if status := remarks.status(text):
            self.reading.claims.append(
                said.Claim(ClaimKind.STATUS, repair.readable(status), line, words)
            )
        self.last = None

    def _field(
        self, item: Draft, labelled: tuple[said.FieldKind, str, str], line: int
    ) -> FieldDraft:
        made = FieldDraft(*labelled, line)
        if len(item.fields) < UNDER_CAP:
            item.fields.append(made)
        return made

    def _item(
        self,
        found: Found,
        line: int,
        *,
        frame: Frame | None = None,
        language: str | None = None,
        pin: str | None = None,
    ) -> Draft:
        chosen = remarks.go(wording.plain(found.text[:TEXT_CAP])) if found.text else None
        draft = Draft(found, found.text[:TEXT_CAP], line, self.reading.sections.now, language)
        draft.pin = pin
        if chosen is not None:
            self._chosen(chosen, found, line)
            return draft
        above = self.frames[:-1] if frame is not None else self.frames
        draft.parent = next((one.item for one in reversed(above) if one.item), None)
        if frame is not None:
            frame.item = draft
        self.reading.drafts.append(draft)
        self.last = draft
        return draft

    def _chosen(self, chosen: str, found: Found, line: int) -> None:
        """Keep the box of a `GO` or a `NO-GO` on lines of their own."""
        decisions, words = self.reading.decisions, self.reading.sections.now.words
        ticked = chosen if found.ticked else None
        last = decisions[-1] if decisions else None
        if last and last.section == words and line - last.line <= 2 and chosen not in last.options:
            decisions[-1] = said.Decision(
                last.line, words, (*last.options, chosen), last.chosen or ticked, last.text
            )
        else:
            text = wording.plain(found.text)
            decisions.append(said.Decision(line, words, (chosen,), ticked, text))

    # Fences and HTML

    def _fence(self, token: Token) -> None:
        start = _start(token) + (2 if token.type == "fence" else 1)
        language = token.info.split()[0].lower() if token.info.strip() else ""
        lines = [(start + at, text) for at, text in enumerate(token.content.split("\n"))]
        around = next((one.item for one in reversed(self.frames) if one.item), None)
        owner = around if self.frames else self.last
        current: Draft | None = None
        indent, boxed = 0, False
        rest: list[tuple[int, str]] = []
        for line, text in lines:
            deep = len(text) - len(text.lstrip())
            decided = self._around(text, line, fenced=True)
            if decided:
                current = None
            elif found := boxes.box(text, icons=True, fenced=True):
                boxed, indent = True, deep
                current = self._item(found, line, language=language, pin=pinned(text))
            elif boxes.is_empty(text):
                self._empty(line)
            elif current is not None and text.strip() and deep > indent:
                self._under(current, text.strip(), line, language)
            else:
                current = current if not text.strip() else None
                rest.append((line, text))
        if language in shell.LANGUAGES:
            self._commands(shell.commands(rest, language=language), None if boxed else owner)
        if boxed:
            self.last = None
        if token.type == "fence" and token.map is not None:
            end = self.source[token.map[1] - 1] if token.map[1] - 1 > token.map[0] else ""
            if token.markup not in end:
                self._notice(token.map[0] + 1, "a fence is never closed; all below is inside it")

    def _under(self, item: Draft, text: str, line: int, language: str) -> None:
        if text[:2] in {"- ", "* ", "+ "}:
            if labelled := remarks.field_of(text[2:].strip()):
                self._field(item, labelled, line)
            elif len(item.options) < UNDER_CAP:
                item.options.append(wording.plain(text[2:TEXT_CAP]))
        elif language in shell.LANGUAGES and len(item.commands) < UNDER_CAP:
            item.commands.append(shell.command(text, line=line, language=language))

    def _commands(self, found: Sequence[said.Command], owner: Draft | None) -> None:
        if len(steps := remarks.merges(found)) > 1:
            self._sequence(steps)
        if owner is not None:
            owner.commands += found[: UNDER_CAP - len(owner.commands)]
        else:
            words = self.reading.sections.now.words
            self.reading.commands += [(words, one) for one in found]

    def _html(self, token: Token) -> None:
        waiting: tuple[Found, int] | None = None
        raws = token.content.split("\n")
        for offset, text in enumerate(blanked(token.content).split("\n")):
            line, raw = _start(token) + 1 + offset, raws[offset]
            self._around(text, line)
            words = boxes.without_tags(text)
            if waiting and words:
                held, at = waiting
                self._item(Found(held.form, held.ticked, words, held.nth), at)
                waiting = None
            found = list(boxes.inputs(text)) if "<input" in text.lower() else []
            pin = pinned(raw) if found else None
            for one in found:
                if one.text:
                    self._item(one, line, pin=pin)
                    pin = None
                else:
                    waiting = one, line
            if not found and (box := boxes.box(words, icons=True)):
                self._item(box, line, pin=pinned(raw))
        if waiting:
            self._empty(waiting[1])
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
                self._around(cell, line)
        if matrix := tables.matrix(table, words):
            self.reading.matrices.append(matrix)
        self.reading.sign_offs += tables.sign_offs(table, words)
        for row in tables.rows(table):
            draft = self._item(row.found, row.line, pin=row.pin)
            for head, cell in row.fields:
                kind = remarks.field_of(f"**{head}:** x")
                if kind is not None:
                    self._field(draft, (kind[0], head, cell), row.line)
        self.last = None

    # What any line may say

    def _around(self, text: str, line: int, *, fenced: bool = False) -> bool:
        """Keep what a line says beside boxes; return whether it is a decision."""
        words, reading = self.reading.sections.now.words, self.reading
        decided = None
        if ":" in text:
            if decided := remarks.decision(text, line=line, section=words):
                reading.decisions.append(decided)
            elif signed := remarks.sign_off(text, line=line, section=words):
                reading.sign_offs.append(signed)
        if "#" in text:
            if len(steps := remarks.arrows(text, line=line)) > 1:
                self._sequence(steps)
            reading.dependencies += remarks.dependencies(text, line=line)
        if "[" in text or "<" in text or "TB" in text:
            reading.placeholders += remarks.placeholders(
                text, line=line, section=words, fenced=fenced
            )
        return decided is not None

    def _sequence(self, steps: Sequence[said.Step]) -> None:
        words = self.reading.sections.now.words
        self.reading.sequences.append(said.Sequence(steps[0].line, words, tuple(steps)))
        self.reading.dependencies += [
            said.Dependency(one.number, one.after, one.line)
            for one in steps
            if one.number is not None and one.after
        ]

    def _empty(self, line: int) -> None:
        self._notice(line, "a box without words is left out")

    def _notice(self, line: int, message: str) -> None:
        self.reading.notices.append(said.Notice(line, message))


def _without_box(text: str) -> str:
    found = boxes.box(text, icons=True)
    return found.text if found else text


def _start(token: Token) -> int:
    return token.map[0] if token.map else 0
