"""Reads our Markdown as GitHub would, and says what stands outside of code."""

import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

OUR_TAGS = frozenset({"details", "summary", "sub", "br", "code"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass
class Reading:
    """What a page holds beside its code."""

    text: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    shape: list[str] = field(default_factory=list)
    """The kinds of tokens in order: the same for two texts that differ inside of code only."""
    unclosed: list[str] = field(default_factory=list)

    @property
    def outside(self) -> str:
        """All that is not code, addresses included."""
        return "\n".join([*self.text, *self.links, *self.images, *self.tags, *self.comments])


def read(markdown: str) -> Reading:
    """Return what CommonMark with tables and raw HTML makes of a text."""
    reading = Reading()
    html = _Html(reading)
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in parser.parse(markdown):
        _take(token, reading, html)
    html.close()
    reading.unclosed = html.open
    return reading


def invisible(markdown: str) -> set[str]:
    """Return the invisible characters of a text, line ends and tabs apart."""
    return {
        f"U+{ord(one):04X}"
        for one in markdown
        if one not in "\n\t" and unicodedata.category(one) in _INVISIBLE
    }


def _take(token: Token, reading: Reading, html: "_Html") -> None:
    reading.shape.append(token.type)
    if token.type in {"code_inline", "fence"}:
        reading.code.append(token.content)
        if token.type == "fence" and token.info == "mermaid":
            _drawn(token.content)
        elif token.type == "fence":
            assert token.info == "text", f"a fence of the language {token.info!r}"
    elif token.type == "code_block":
        raise AssertionError(f"an indented block: {token.content[:80]!r}")
    elif token.type in {"html_block", "html_inline"}:
        html.feed(token.content)
    elif token.type == "image":
        reading.images.append(str(token.attrs))
    elif token.type == "link_open":
        reading.links.append(str(token.attrs.get("href")))
    elif token.type == "text":
        reading.text.append(token.content)
    for child in token.children or ():
        _take(child, reading, html)


_WORD = r"(?:[A-Za-z0-9-]+/[A-Za-z0-9_.-]+|\?)?#[0-9]+ [a-z -]+"
_FLOW = re.compile(rf'flowchart LR|  n[0-9]+[\[({{/]+"{_WORD}"[\])}}/]+|  n[0-9]+ --> n[0-9]+')
_GANTT = re.compile(
    r"gantt|    (?:dateFormat x|axisFormat %M:%S|section [a-z]+)|    [\w ./-]{1,40} :\d+, \d+",
    re.ASCII,
)


def _drawn(content: str) -> None:
    """Mermaid reads markup, links and scripts: it gets numbers, our words and plain names."""
    lines = content.splitlines()
    grammar = _FLOW if lines[0] == "flowchart LR" else _GANTT
    for line in lines:
        assert grammar.fullmatch(line), f"in a diagram: {line!r}"


class _Html(HTMLParser):
    def __init__(self, reading: Reading) -> None:
        super().__init__(convert_charrefs=True)
        self._reading = reading
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._reading.tags.append(f"{tag} {attrs}" if attrs else tag)
        self._reading.shape.append(f"<{tag}>")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._reading.shape.append(f"</{tag}>")
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        inside_code = bool(self.open) and self.open[-1] == "code"
        (self._reading.code if inside_code else self._reading.text).append(data)

    def handle_comment(self, data: str) -> None:
        self._reading.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl!r}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data!r}")
