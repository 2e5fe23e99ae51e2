"""The visible text of a Markdown body, line by line, as GitHub would show it.

Code, HTML comments, quotes, struck-out text and images are not visible; what is left keeps the
number of its source line. Linear in the length of the body: the Markdown library reads the
blocks, and only blocks that are asked for are read further (notes on security S-15).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, backtick, html_inline, image
from markdown_it.token import Token

HIDDEN = "\0"
"""Stands where something invisible was, so that no word and no reference is joined across it.

The Markdown library replaces a NUL of the body, which therefore cannot forge one.
"""

_NESTING = 60  # lists in lists and quotes in quotes; people stop at five
_INLINE_NESTING = 6  # links in emphasis; every level costs a hostile row of brackets once more
_ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]{0,30})")
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>")
_CONCEALING = frozenset({"code", "pre", "kbd", "samp", "tt", "del", "s", "strike", "q"})
_CONCEALING_BLOCKS = frozenset({"blockquote", "pre"})
_RAW_BLOCK = re.compile(r"\s{0,3}<(?:pre|script|style|textarea|template)\b", re.IGNORECASE)


@dataclass(frozen=True)
class VisibleLine:
    """One line of visible text and the number of its source line, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a table cell or a block of HTML."""

    kind: Literal["heading", "text", "cell", "html"]
    line: int
    content: str
    """Its Markdown source (of HTML: the visible text)."""
    depth: int = 0
    """How many lists it is in."""
    level: int = 0
    """Level of a heading."""
    table: int = 0
    row: int = 0
    column: int = 0
    alert: bool = False
    """Whether it stands in one of GitHub's alerts, which are written as quotes."""
    definitions: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def lines(self, words: re.Pattern[str]) -> list[VisibleLine]:
        """Return its visible lines; links are their addresses, unless the label has `words`."""
        if self.kind == "html":
            return [
                VisibleLine(self.line + offset, text)
                for offset, text in enumerate(self.content.split("\n"))
            ]
        children: list[Token] = []
        markdown = _markdown(_INLINE_NESTING)
        markdown.inline.parse(self.content, markdown, self.definitions, children)
        return list(_visible(children, self.line, words))


def blocks(body: str) -> Iterator[Block]:
    """Yield the visible blocks of a body in their order; quotes are left out, alerts are marked."""
    definitions: dict[str, Any] = {}
    place = _Place()
    for token in _markdown(_NESTING).parse(body, definitions):
        place.enter(token)
        first = 1 + (token.map[0] if token.map else 0)
        if token.type == "html_block":
            text = place.html(token.content)
            if text is not None and not place.quotes:
                yield Block("html", first, text, depth=place.lists)
        elif token.type == "inline" and not place.concealed:
            alert = place.alert(token.content)
            if place.quotes and not alert:
                continue
            kind: Literal["heading", "cell", "text"] = (
                "heading" if place.heading else "cell" if place.in_table else "text"
            )
            yield Block(
                kind, first, token.content, place.lists, place.heading,
                place.table, place.row, place.column, alert, definitions,
            )  # fmt: skip


class _Place:
    """Where in the tree of blocks the reader is."""

    def __init__(self) -> None:
        self.lists = self.quotes = self.heading = self.concealed = 0
        self.table = self.row = self.column = 0
        self.in_table = False
        self._alert: bool | None = None

    def enter(self, token: Token) -> None:
        name = token.type
        if name in {"bullet_list_open", "ordered_list_open"}:
            self.lists += 1
        elif name in {"bullet_list_close", "ordered_list_close"}:
            self.lists -= 1
        elif name in {"blockquote_open", "blockquote_close"}:
            self.quotes += token.nesting
            self._alert = None
        elif name in {"heading_open", "heading_close"}:
            self.heading = int(token.tag[1:]) if token.nesting == 1 else 0
        elif name in {"table_open", "table_close"}:
            self.in_table = token.nesting == 1
            self.table, self.row = self.table + self.in_table, -1
        elif name == "tr_open":
            self.row, self.column = self.row + 1, -1
        elif name in {"th_open", "td_open"}:
            self.column += 1

    def alert(self, content: str) -> bool:
        if self._alert is None:
            self._alert = self.quotes == 1 and _ALERT.match(content) is not None
        return self._alert

    def html(self, content: str) -> str | None:
        """Follow what an HTML block opens and closes; return its visible text, if any."""
        if _RAW_BLOCK.match(content):
            return None
        text = _without_comments(content)
        before = self.concealed
        for slash, name in _TAG.findall(text):
            if name.lower() in _CONCEALING_BLOCKS:
                self.concealed = max(0, self.concealed + (-1 if slash else 1))
        return None if before or self.concealed else _ANY_TAG.sub(" ", text)


def _without_comments(html: str) -> str:
    kept: list[str] = []
    position = 0
    while (start := html.find("<!--", position)) >= 0:
        kept.append(html[position:start])
        end = html.find("-->", start + 4)
        stop = len(html) if end < 0 else end + 3
        kept.append("\n" * html.count("\n", start, stop))
        position = stop
    return "".join([*kept, html[position:]])


def _visible(tokens: list[Token], number: int, words: re.Pattern[str]) -> Iterator[VisibleLine]:
    text: list[str] = []
    links: list[tuple[str, int]] = []
    concealed = 0
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            yield VisibleLine(number, "".join(text))
            text, links, number = [], [(href, 0) for href, _ in links], number + 1
        elif token.type == "html_inline":
            concealed = max(0, concealed + _concealing(token.content))
            if token.content.lower().startswith("<br"):
                yield VisibleLine(number, "".join(text))
                text, links = [], [(href, 0) for href, _ in links]
        elif token.type in {"s_open", "s_close"}:
            concealed = max(0, concealed + token.nesting)
        elif token.type == "link_open":
            links.append((str(token.attrGet("href") or ""), len(text)))
        elif token.type == "link_close" and links:
            href, start = links.pop()
            text[start:] = [_link("".join(text[start:]), href, words)]
        elif token.nesting == 0:
            text.append(HIDDEN if concealed else _content(token))
        number += int(token.meta.get("newlines", 0))
    yield VisibleLine(number, "".join(text))


def _content(token: Token) -> str:
    if token.type == "text":
        return token.content
    if token.type == "text_special":
        # `\#14` is how people write a number that is no reference.
        return HIDDEN if token.info == "escape" and token.content in "#/" else token.content
    return HIDDEN


def _concealing(tag: str) -> int:
    match = _TAG.match(tag)
    if match is None or match[2].lower() not in _CONCEALING | _CONCEALING_BLOCKS:
        return 0
    return -1 if match[1] else 1


_ADDRESS = re.compile(r"https?://[^\s]+/(?:pull|pulls|issues)/[0-9]+", re.IGNORECASE)
_LONGEST_ADDRESS = 2000


def _link(label: str, href: str, words: re.Pattern[str]) -> str:
    """Return what a link stands for: its address where that is a pull request, else its label.

    A label that holds one of `words` is a sentence of its own and is kept.
    """
    if len(href) > _LONGEST_ADDRESS or not _ADDRESS.match(href) or words.search(label):
        return label
    return href


@cache
def _markdown(nesting: int) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": nesting}).enable(["table", "strikethrough"])
    # Inline text is read block by block, only where it is asked for; escapes stay apart.
    markdown.core.ruler.disable(["inline", "text_join"])
    for name, rule in (("backticks", backtick), ("html_inline", html_inline), ("image", image)):
        markdown.inline.ruler.at(name, _counting(rule))
    return markdown


def _counting(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Return the rule, made to note on its token how many source lines it swallowed."""

    def counted(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent and len(state.tokens) > known:
            state.tokens[-1].meta["newlines"] = state.src.count("\n", start, state.pos)
        return found

    return counted
