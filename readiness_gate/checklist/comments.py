"""HTML in a checklist: what is commented out, pinned ids, and elements that are never closed."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from markdown_it.token import Token

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PIN = re.compile(r"<!--\s*id:\s*(\S*)\s*-->")
_CAP = 4_000
# What begins a block that only its own end closes (CommonMark 4.6, conditions 1 to 5).
_ENDS: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = (
    (re.compile(r"<!--"), re.compile("-->"), "a comment"),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>"), "a CDATA section"),
    (re.compile(r"<\?"), re.compile(r"\?>"), "an instruction"),
    (
        re.compile(r"<(?=(?:script|pre|style|textarea)\b)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
        "an element",
    ),
    (re.compile(r"<!(?=[A-Za-z])"), re.compile(">"), "a declaration"),
)


class Opened(NamedTuple):
    """What is never closed, where, and the text in which it opens nothing any more."""

    what: str
    line: int
    text: str


def pinned(raw: str) -> str | None:
    """Return the id that a line is given, `<!-- id: … -->`."""
    found = _PIN.search(raw[:_CAP]) if "<!--" in raw else None
    return found[1] if found else None


def blanked(content: str) -> str:
    """Return a text without its comments; line breaks stay."""
    end = content.rfind("-->") + 3
    if end < 3 or "<!--" not in content:
        return content
    blank = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), content[:end])
    return blank + content[end:]


def opened(tokens: Sequence[Token], text: str) -> Opened | None:
    """Return the first block of HTML that runs to the end because nothing closes it."""
    for token in tokens:
        if token.type != "html_block" or token.map is None:
            continue
        content = token.content.lstrip()
        for begins, ends, what in _ENDS:
            if not begins.match(content):
                continue
            if ends.search(content):
                break
            lines = re.split(r"\r\n?|\n", text)
            kept, rest = lines[: token.map[0]], "\n".join(lines[token.map[0] :])
            plain = begins.sub(lambda match: "(" + match[0][1:], rest)
            return Opened(what, token.map[0] + 1, "\n".join([*kept, plain]))
    return None
