"""Markdown as documents are checked: sections, tables, links, words, what was left to fill in.

Blocks come from markdown-it (CommonMark with GitHub's tables); what stands inside a line is looked
at here, by expressions that look at every character a bounded number of times.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SIZE_CAP = 512 * 1024
_PARAGRAPH_CAP = 100_000
_WORD = re.compile(r"\w[\w'-]*")
_CODE = re.compile(r"(`+)(?!`)[^`]*(?<!`)\1(?!`)")
_LINK = re.compile(r"\]\(\s{0,10}<?([^\s()<>]{1,2000}(?:\([^\s()]{0,200}\)[^\s()<>]{0,200})?)")
_HTML_LINK = re.compile(r"\b(?:href|src)=[\"']([^\"']{1,2000})[\"']")
_ANCHOR = re.compile(r"\b(?:id|name)=[\"']([^\"'\s]{1,200})[\"']")
_DROPPED = re.compile(r"[^\w\- ]")
_MARKUP = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)|[*`~]")
_LEFT_OPEN = re.compile(
    r"\b(?:TODO|TBD|TBA|FIXME|XXX)\b|(?i:lorem ipsum|\bcoming soon\b|"
    r"\bto be (?:written|defined|determined|added|completed)\b)|"
    r"(?i:\[(?:insert|your|add|contact|name|date|link|phone|e-?mail|to be|fill in)"
    r"[^\[\]\n]{0,60}\](?![(\[:]))|(?i:<(?:your|insert|add|fill)[ _-][^<>\n]{0,60}>)"
)
_LEFT_OPEN_ANYWHERE = re.compile(r"<[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+>")


@dataclass(frozen=True)
class Placed:
    """A text and its line, from 1."""

    text: str
    line: int


@dataclass
class Section:
    """A heading and what follows it, up to the next heading of its level or above."""

    heading: str
    level: int
    line: int
    words: int = 0


@dataclass(frozen=True)
class Table:
    """A table under the heading before it."""

    heading: str
    columns: tuple[str, ...]
    rows: int
    line: int


@dataclass
class MarkdownDocument:
    """What a document holds."""

    words: int = 0
    sections: list[Section] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    links: list[Placed] = field(default_factory=list)
    """Targets of links and images as they are written."""
    anchors: set[str] = field(default_factory=set)
    """What `#…` can lead to, after GitHub's rule for headings."""
    left_open: list[Placed] = field(default_factory=list)
    """Placeholders and words such as TODO."""

    def section(self, heading: str) -> Section | None:
        """Return the first section whose heading has these words, one after another."""
        wanted = _words(heading)
        for section in self.sections:
            there = _words(section.heading)
            size = len(wanted)
            if any(there[at : at + size] == wanted for at in range(len(there) - size + 1)):
                return section
        return None


def markdown_document(text: str) -> MarkdownDocument:
    """Return what a document holds.

    Raises:
        ValueError: it is larger than `SIZE_CAP`, or one paragraph is beyond what is looked at.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415 - not needed to list or validate

    if len(text) > SIZE_CAP:
        raise ValueError(f"it is larger than {SIZE_CAP} bytes")
    environment: dict[str, Any] = {}
    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    reading = _Reading()
    for token in parser.parse(_without_front_matter(text), environment):
        reading.token(token)
    for reference in environment.get("references", {}).values():
        line = (reference.get("map") or [0])[0] + 1
        reading.found.links.append(Placed(str(reference.get("href") or ""), line))
    return reading.found


def _without_front_matter(text: str) -> str:
    """Return a text with the lines of its front matter empty, so that the others keep theirs."""
    if not text.startswith("---\n"):
        return text
    end = text.find("\n---\n", 3)
    return text if end < 0 else "\n" * text.count("\n", 0, end + 5) + text[end + 5 :]


class _Reading:
    """Goes through the tokens once."""

    def __init__(self) -> None:
        self.found = MarkdownDocument()
        self._open: list[Section] = []
        self._heading: tuple[int, int] | None = None
        self._columns: list[str] | None = None
        self._rows = 0
        self._table_line = 1
        self._in_head = False
        self._slugs: Counter[str] = Counter()

    def token(self, token: Any) -> None:
        """Take in the next token."""
        line = token.map[0] + 1 if token.map else 1
        match token.type:
            case "heading_open":
                self._heading = (int(token.tag[1:]), line)
            case "inline":
                self._inline(token.content, line)
            case "fence" | "code_block":
                self._counted(token.content)
                self._anywhere(token.content, line + (token.type == "fence"))
            case "html_block":
                self._html(token.content, line)
            case "thead_open" | "thead_close":
                self._in_head = token.type == "thead_open"
            case "table_open":
                self._columns, self._rows, self._table_line = [], 0, line
            case "tr_open":
                self._rows += not self._in_head
            case "table_close":
                heading = self._open[-1].heading if self._open else ""
                columns = tuple(self._columns or ())
                self.found.tables.append(Table(heading, columns, self._rows, self._table_line))
                self._columns = None

    def _inline(self, content: str, line: int) -> None:
        if len(content) > _PARAGRAPH_CAP:
            raise ValueError(f"line {line}: a paragraph of more than {_PARAGRAPH_CAP} characters")
        if self._heading is not None:
            self._section(content)
        elif self._columns is not None and self._in_head:
            self._columns.append(_MARKUP.sub(r"\1", content).strip())
        else:
            self._counted(content)
        self._anywhere(content, line)
        bare = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), content)
        for pattern in (_LINK, _HTML_LINK):
            for match in pattern.finditer(bare):
                at = line + bare.count("\n", 0, match.start())
                self.found.links.append(Placed(match[1], at))
        self.found.anchors.update(match[1] for match in _ANCHOR.finditer(bare))
        self._unfilled(bare, line)

    def _html(self, content: str, line: int) -> None:
        if content.lstrip().startswith("<!--"):
            return
        self._counted(re.sub(r"<[^<>]{0,2000}>", " ", content))
        for match in _HTML_LINK.finditer(content):
            at = line + content.count("\n", 0, match.start())
            self.found.links.append(Placed(match[1], at))
        self.found.anchors.update(match[1] for match in _ANCHOR.finditer(content))
        self._unfilled(content, line)
        self._anywhere(content, line)

    def _unfilled(self, content: str, line: int) -> None:
        for match in _LEFT_OPEN.finditer(content):
            at = line + content.count("\n", 0, match.start())
            self.found.left_open.append(Placed(match[0], at))

    def _anywhere(self, content: str, line: int) -> None:
        for match in _LEFT_OPEN_ANYWHERE.finditer(content):
            at = line + content.count("\n", 0, match.start())
            self.found.left_open.append(Placed(match[0], at))

    def _section(self, content: str) -> None:
        level, line = self._heading or (1, 1)
        self._heading = None
        text = _MARKUP.sub(r"\1", content).strip()
        self._open = [one for one in self._open if one.level < level]
        for one in self._open:
            one.words += _count(text)
        self.found.words += _count(text)
        section = Section(text, level, line)
        self.found.sections.append(section)
        self._open.append(section)
        slug = _DROPPED.sub("", text.lower()).replace(" ", "-")
        number = self._slugs[slug]
        self._slugs[slug] += 1
        self.found.anchors.add(f"{slug}-{number}" if number else slug)

    def _counted(self, text: str) -> None:
        words = _count(text)
        self.found.words += words
        for section in self._open:
            section.words += words


def _count(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def _words(text: str) -> list[str]:
    return [match[0].casefold() for match in _WORD.finditer(text)]
