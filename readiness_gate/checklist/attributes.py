"""The attributes of a tag of HTML, as HTML reads them: what stands in quotes is text."""

import re
from collections.abc import Iterator

_VALUE = (
    r"""\s*+=\s*+(?:"[^"]{0,400}+"|'[^']{0,400}+'"""
    r"""|(?:[^\s"'<>/]|/(?!>))(?:[^\s<>/]|/(?!>))*+)"""
)
# An open quote is no name: the tag would go on to the quote's end.
_NAME = r"""(?!\s*=\s*["'])[^\s<>/][^\s<>/=]*+"""
_ATTRIBUTES = rf"(?:[\s/]*+{_NAME}(?:{_VALUE})?){{0,40}}+[\s/]*+>"
INPUT = rf"<input(?=[\s/]){_ATTRIBUTES}"
"""Pattern of an `<input …>`, without groups; its case does not matter."""
TAG = rf"</?[A-Za-z][^\s<>/]*+{_ATTRIBUTES}"
"""Pattern of any tag, without groups."""
_ONE = re.compile(rf"([\s/]*+)({_NAME})({_VALUE})?")
_BEGIN = re.compile(r"<input", re.IGNORECASE)
_END = re.compile(r"\s*/?>$")


def is_checkbox(tag: str) -> bool:
    """Return whether an `<input …>` is a box."""
    return next((_value(one) for one in _each(tag) if _named(one, "type")), "") == "checkbox"


def is_checked(tag: str) -> bool:
    """Return whether an `<input …>` is ticked; `checked=false` says that it is not."""
    return next((_value(one) != "false" for one in _each(tag) if _named(one, "checked")), False)


def with_checked(tag: str, *, checked: bool) -> str:
    """Return an `<input …>` with or without the attribute `checked`, all else as it is."""
    parts, at = [], 0
    for one in _each(tag):
        if _named(one, "checked"):
            apart = tag[one.end() : one.end() + 1] in {*" \t/>", "\n", "\r"}
            kept = one[1].rstrip() if apart else one[1]
            parts += [tag[at : one.start()], kept]
            at = one.end()
    bare = "".join([*parts, tag[at:]])
    end = _END.search(bare)
    return f"{bare[: end.start()]} checked{end[0]}" if checked and end else bare


def _each(tag: str) -> Iterator[re.Match[str]]:
    begin = _BEGIN.match(tag)
    at = begin.end() if begin else len(tag)
    while one := _ONE.match(tag, at):
        yield one
        at = one.end()


def _named(one: re.Match[str], name: str) -> bool:
    return one[2].casefold() == name


def _value(one: re.Match[str]) -> str:
    return (one[3] or "").strip().removeprefix("=").strip().strip("\"'").strip().casefold()
