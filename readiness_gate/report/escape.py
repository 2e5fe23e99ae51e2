"""Untrusted text made harmless: it appears in code spans and plain fences, and nowhere else.

Inside code GitHub makes no link, mention, image, markup or reference, whatever the text is
(notes on security S-10 and 7). Every filter answers `Safe`; the environment refuses any
other value, so a value that no filter has seen cannot be rendered.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from urllib.parse import quote

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

CELL_CAP = 240
FENCE_CAP = 4_000
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINE_ENDS = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_TICKS = re.compile("`+")
_OPENING = re.compile("(`{3,})text")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:-]+(?:/[A-Za-z0-9/._~%?&=#-]*)?")


class Safe(str):
    """Markdown that cannot do harm; whatever is made out of it by `str` is no longer one."""

    __slots__ = ()


class NotEscaped(TypeError):  # noqa: N818 - says what the value is
    """A value reached the output without a filter."""


def plain(text: str) -> str:
    """Return one line: terminal codes dropped, invisible characters and line ends as spaces."""
    return " ".join(_visible(_ANSI.sub("", text)).split())


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        " " if one != "\t" and unicodedata.category(one) in _INVISIBLE else one for one in text
    )


def one_line(text: str, cap: int) -> str:
    """Return `plain` text of at most `cap` characters, an ellipsis where something was cut."""
    # Cut before looking at characters: a text may be a megabyte long.
    shown = plain(text[: cap * 8])
    return shown if len(shown) <= cap else f"{shown[: cap - 1].rstrip()}…"


def cell(text: str, cap: int = CELL_CAP) -> Safe:
    """Return one line of text as a code span that also holds inside a table's cell."""
    shown = one_line(text, cap) or "(empty)"
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith(("`", "\\")) else ""
    # GFM: a pipe ends the cell even inside code, unless a backslash stands before it; and a
    # backslash of the text's own before a pipe has to stay one, so it is set apart.
    body = shown.replace("\\|", "\\ |").replace("|", "\\|")
    return Safe(f"{ticks}{pad}{body}{pad}{ticks}")


def fence(text: str, cap: int = FENCE_CAP) -> Safe:
    """Return the last `cap` characters of a text as a fenced block, whole lines where possible."""
    tail = _ANSI.sub("", text[-cap * 2 :])
    lines = [_visible(line) for line in _LINE_ENDS.split(tail)]
    body = "\n".join(lines).strip("\n")
    if len(body) > cap or len(text) > cap * 2:
        body = body[-cap:]
        first, found, rest = body.partition("\n")
        body = f"…\n{rest}" if found and rest else f"…{first}"
    ticks = "`" * max(3, _longest_run(body) + 1)
    return Safe(f"{ticks}text\n{body or '(empty)'}\n{ticks}")


def tidied(markdown: str) -> str:
    """Return a template's output without repeated empty lines; what fences hold stays as it is."""
    kept: list[str] = []
    closing = ""
    for line in markdown.strip("\n").split("\n"):
        if closing:
            closing = "" if line == closing else closing
        elif opening := _OPENING.fullmatch(line):
            closing = opening[1]
        elif not line and kept and not kept[-1]:
            continue
        kept.append(line)
    return "\n".join(kept)


def tag(text: str, cap: int = 80) -> Safe:
    """Return text for the inside of a `<summary>`, where Markdown is not read and HTML is."""
    return Safe(f"<code>{html.escape(one_line(text, cap) or '(empty)')}</code>")


def cell_or_dash(text: str, cap: int = CELL_CAP) -> Safe:
    """Return `cell`, or a dash where there is nothing to say."""
    return cell(text, cap) if one_line(text, cap) else Safe("\N{EN DASH}")


def word(value: StrEnum) -> Safe:
    """Return a word of the model, such as `failed`.

    Raises:
        NotEscaped: the value is any other text.
    """
    if not isinstance(value, StrEnum):
        raise NotEscaped(f"{type(value).__name__} is no word of the model")
    return Safe(value.value)


def count(value: int) -> Safe:
    """Return a whole number."""
    if not isinstance(value, int):
        raise NotEscaped(f"{type(value).__name__} is no whole number")
    return Safe(f"{value:d}")


def duration(milliseconds: int | float) -> Safe:
    """Return a length of time as people say it: `8 ms`, `0.4 s`, `12 s`, `3 m 05 s`, `1 h 02 m`."""
    seconds = max(0.0, float(milliseconds) / 1000)
    if 0 < seconds < 0.1:
        return Safe(f"{seconds * 1000:.0f} ms")
    if seconds < 9.95:
        return Safe(f"{seconds:.1f} s")
    whole = round(seconds)
    if whole < 60:
        return Safe(f"{whole} s")
    if whole < 3600:
        return Safe(f"{whole // 60} m {whole % 60:02d} s")
    return Safe(f"{whole // 3600} h {whole % 3600 // 60:02d} m")


def milliseconds(value: int | float) -> Safe:
    """Return a short length of time: `132 ms`, above ten seconds as `duration` does."""
    return Safe(f"{float(value):.0f} ms") if float(value) < 9_950 else duration(value)


def header_lines(headers: Sequence[tuple[str, str]]) -> str:
    """Return HTTP headers as lines of untrusted text, for `fence`."""
    return "\n".join(f"{name}: {value}" for name, value in headers)


def short_sha(sha: str) -> Safe:
    """Return the first seven digits of a commit SHA as code; what is none is shown as a text."""
    return Safe(f"`{sha[:7]}`") if _SHA.fullmatch(sha) else cell(sha, 12)


def link(label: Safe, address: str, server_url: str) -> Safe:
    """Return a link to a page of `server_url`, or the label alone for any other address."""
    if not isinstance(label, Safe):
        raise NotEscaped("the label of a link is untrusted")
    within = address == server_url or address.startswith(f"{server_url}/")
    if not (address and within and _ADDRESS.fullmatch(address)):
        return label
    return Safe(f"[{label}]({address})")


def path_in_url(path: str) -> str:
    """Return a path of a repository, quoted for use inside an address."""
    return quote(path, safe="/._-", errors="replace")


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _only_safe(value: object) -> Safe:
    if isinstance(value, Safe):
        return value
    raise NotEscaped(f"{type(value).__name__} reached the output without a filter")


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Return the environment of the templates: sandboxed, strict, and refusing unfiltered values.

    Templates come out of the package only, never out of a repository under test (S-11).
    """
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("readiness_gate"),
        undefined=StrictUndefined,
        finalize=_only_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,
    )
    for made_safe in (cell, cell_or_dash, fence, tag, word, count, milliseconds, short_sha):
        made.filters[made_safe.__name__] = made_safe
    made.filters["duration"] = duration
    made.filters["header_lines"] = header_lines
    return made
