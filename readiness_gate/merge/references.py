"""What the body of a pull request says it depends on (notes on pull requests 39 and 43).

Read: `Depends on`, `Depends-On:`, `Blocked by`, `Requires`, `After`, `Stacked on`, `Merge after`
and configured words, at the start of a line or a sentence, followed by `#14`, `GH-14`,
`owner/repo#14`, addresses and links; lists of them; a section headed "Dependencies"; tables.
Not read: code, HTML comments, quotes, struck-out text, negations, placeholders of templates.
What looks like a dependency and was not read is a near miss, never silence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from readiness_gate.merge.visible import HIDDEN, Block, VisibleLine, blocks
from readiness_gate.merge.written import Grammar, grammar
from readiness_gate.model.pull_request import Reference

_SHOWN = 200
LONGEST = 65_536
"""Characters of a body that GitHub holds; what is longer did not come from there."""
MOST_KEYWORDS = 2_000
"""Words that name dependencies, after which a body is no longer written for people."""
_SUBJECTS = frozenset({"pr", "prs", "pull request", "pull requests", "#", "branch"})


@dataclass(frozen=True)
class Mention:
    """A reference and the line of the body, counted from 1, that states it first."""

    reference: Reference
    line: int


@dataclass(frozen=True)
class NearMiss:
    """A line that looks like a dependency but was not, or not wholly, read."""

    line: int
    text: str


@dataclass(frozen=True)
class Parsed:
    """What a body was read to say."""

    mentions: tuple[Mention, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    itself: tuple[int, ...] = ()
    """Lines on which the pull request names itself; such a mention stays in `mentions`."""

    @property
    def references(self) -> tuple[Reference, ...]:
        """Return every reference once, in the order of the body."""
        return tuple(mention.reference for mention in self.mentions)


def parse(
    body: str,
    *,
    home: str,
    server_url: str = "https://github.com",
    keywords: Iterable[str] = (),
    own: Reference | None = None,
) -> Parsed:
    """Return the references that a body depends on, and the lines that only look like it.

    `home` (`owner/repo`) is where `#14` points; its spelling is used for every reference to it.
    `own` is the pull request that has this body. Never raises; linear in the body's length, and
    bounded: what is too long is read to a point, and that point is a near miss.
    """
    reader = _Reader(grammar(home, server_url, tuple(keywords)), own)
    if reader.grammar.concerns(body):
        end = _end(body, reader.grammar)
        reader.read(blocks(body[:end]))
        if end < len(body):
            reader.near.add(len(_source_lines(body[:end])))
    source = _source_lines(body) if reader.near else []
    near = (NearMiss(line, _shown(source, line)) for line in sorted(reader.near))
    mentions = tuple(reader.mentions.values())
    return Parsed(mentions, tuple(near), tuple(sorted(reader.itself)))


def _end(body: str, rules: Grammar) -> int:
    """Return how far a body is read."""
    found = islice(rules.keyword.finditer(body, 0, LONGEST), MOST_KEYWORDS, None)
    beyond = next(found, None)
    return min(LONGEST, len(body)) if beyond is None else beyond.start()


def _source_lines(body: str) -> list[str]:
    return body.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _shown(source: Sequence[str], line: int) -> str:
    text = source[line - 1].strip() if line <= len(source) else ""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class _Reader:
    """Walks over the blocks and remembers whether a list of dependencies is open."""

    def __init__(self, rules: Grammar, own: Reference | None) -> None:
        self.grammar = rules
        self.mentions: dict[tuple[str, int], Mention] = {}
        self.near: set[int] = set()
        self.itself: set[int] = set()
        self._own = _key(own) if own else None
        self._section: int | None = None
        self._opened: int | None = None

    def read(self, body: Iterable[Block]) -> None:
        for table, group in groupby(body, key=lambda block: (block.kind == "cell", block.table)):
            if table[0]:
                self._table(list(group))
                continue
            for block in group:
                if block.kind == "heading":
                    self._heading(block)
                elif block.kind == "html" or block.alert:
                    self._unread(block)
                else:
                    self._text(block)

    def _lines(self, block: Block) -> list[VisibleLine]:
        return block.lines(self.grammar.keyword)

    def _heading(self, block: Block) -> None:
        self._opened = None
        lines = self._lines(block)
        if self.grammar.is_title(" ".join(line.text for line in lines)):
            self._section = block.level
            return
        if self._section is not None and block.level <= self._section:
            self._section = None
        for line in lines:
            self._statements(line)

    def _unread(self, block: Block) -> None:
        if not self.grammar.concerns(block.content):
            return
        for line in self._lines(block):
            for statement in self.grammar.statements(line.text):
                if statement.references or statement.near_miss:
                    self.near.add(line.number)

    def _text(self, block: Block) -> None:
        if self._opened is not None and block.depth < self._opened:
            self._opened = None
        expected = self._opened is not None or self._section is not None
        if not expected and not self.grammar.concerns(block.content):
            return
        for line in self._lines(block):
            if line.text.strip().strip(HIDDEN):
                self._line(line, block.depth)

    def _line(self, line: VisibleLine, depth: int) -> None:
        expected = self._section is not None or self._opened is not None
        if expected and (found := self.grammar.list_at_start(line.text)):
            self._take(found, line.number)
            return
        stated = self._statements(line)
        if stated is not None:
            self._opened = depth if stated else None
            return
        if expected and self.grammar.suggests(line.text):
            self.near.add(line.number)
        if self._opened is not None and depth <= self._opened:
            self._opened = None

    def _statements(self, line: VisibleLine) -> bool | None:
        """Read a line; return whether it opens a list, `None` where it states nothing."""
        answer: bool | None = None
        for statement in self.grammar.statements(line.text):
            answer = statement.opens_list
            self._take(statement.references, line.number)
            if statement.near_miss:
                self.near.add(line.number)
        if answer is None and self.grammar.resembles(line.text):
            self.near.add(line.number)
            return False
        return answer

    def _take(self, references: Iterable[Reference], line: int) -> None:
        for reference in references:
            key = _key(reference)
            self.mentions.setdefault(key, Mention(reference, line))
            if key == self._own:
                self.itself.add(line)

    def _table(self, cells: list[Block]) -> None:
        self._opened = None
        rows = [list(row) for _, row in groupby(cells, key=lambda cell: cell.row)]
        if self._section is None and not any(self.grammar.concerns(cell.content) for cell in cells):
            return
        texts = [[self._cell(cell) for cell in row] for row in rows]
        header = [line.text for line in texts[0]]
        columns = {index for index, text in enumerate(header) if self.grammar.is_title(text)}
        columns -= {0} if self._first_row_is_entry(texts[0]) else set()
        subjects = [i for i, text in enumerate(header) if text.strip().casefold() in _SUBJECTS]
        for row in texts:
            if columns and row is not texts[0]:
                self._columns(row, columns, subjects)
            else:
                self._row(row)

    def _first_row_is_entry(self, row: list[VisibleLine]) -> bool:
        return any(self.grammar.list_at_start(cell.text) for cell in row[1:])

    def _columns(self, row: list[VisibleLine], columns: set[int], subjects: list[int]) -> None:
        """Read a row under a heading such as "Depends on", if the row speaks of this one."""
        named = [
            _key(reference)
            for index in subjects
            if index < len(row)
            for reference in self.grammar.list_at_start(row[index].text)
        ]
        for index, cell in enumerate(row):
            found = self.grammar.list_at_start(cell.text) if index in columns else ()
            if not named or self._own in named:
                self._take(found, cell.number)
                if index in columns and not found and self.grammar.suggests(cell.text):
                    self.near.add(cell.number)
            elif found and self._own is None:
                self.near.add(cell.number)

    def _row(self, row: list[VisibleLine]) -> None:
        announced = bool(row) and self.grammar.is_title(row[0].text)
        for index, cell in enumerate(row):
            expected = self._section is not None or (announced and index > 0)
            if expected and (found := self.grammar.list_at_start(cell.text)):
                self._take(found, cell.number)
            elif not (announced and index == 0):
                self._statements(cell)

    def _cell(self, cell: Block) -> VisibleLine:
        lines = self._lines(cell)
        return VisibleLine(cell.line, " ".join(line.text for line in lines))


def _key(reference: Reference) -> tuple[str, int]:
    return reference.repository.casefold(), reference.number
