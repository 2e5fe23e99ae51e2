"""Secrets taken out of a report before anything is written (notes on security S-12).

GitHub masks logs by exact match and comments not at all, so this is done on the data, once.
"""

import base64
import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from readiness_gate.model.report import Report

HIDDEN = "***"
SHORTEST = 4
"""Exact values shorter than this are left: they would blank out words of every text."""

_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bgh[pousr]_[A-Za-z0-9_.\-]{16,}",
        r"\bgithub_pat_[A-Za-z0-9_]{16,}",
        r"\bglpat-[A-Za-z0-9_-]{16,}",
        r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
        r"\b[rs]k_live_[A-Za-z0-9]{16,}",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,40}-----|$)",
    )
)
_USER_INFO = re.compile(
    r"(?P<before>\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/:@]{0,200}:)[^\s/@]{1,400}(?=@)"
)
_VARIABLE = re.compile(
    r"(?P<before>\b[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|PRIVATE_KEY)"
    r"[A-Z0-9_]{0,60}=)[^\s'\"]{1,400}"
)
_BEARER = re.compile(r"(?P<before>\b(?:[Bb]earer|[Bb]asic) )[A-Za-z0-9+/=._~-]{12,}")
TEXT_CAP = 64 * 1024
"""Characters of one text of a report; of longer ones the end is kept, as of a log."""
_OVERLAP = 16 * 1024
_KEPT = frozenset({"id", "check", "cause", "kind", "item", "figures"})
"""Names that hold a report together; a word of a password may well be one of them."""

Text = TypeVar("Text")


def redacted(report: Report, secrets: Iterable[str]) -> Report:
    """Return the report without the secrets in any text of it, fit to be written.

    Args:
        report: what was found.
        secrets: exact values (token, passwords of database addresses). Their base64 and URL
            forms go too, and tokens are known by their shape alone.

    Returns:
        The report with no text longer than 64 KiB, all of it writable as UTF-8.
    """
    hide = redaction(secrets)
    return _walk(report, hide)


def redaction(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return the function that takes the secrets out of one text."""
    exact = _exact(secrets)

    def hide(text: str) -> str:
        cut = len(text) > TEXT_CAP
        # What the cut may leave of a secret stands in the overlap, and goes with it.
        text = _writable(text[-TEXT_CAP - _OVERLAP :])
        if exact is not None:
            text = exact.sub(HIDDEN, text)
        for shape in _SHAPES:
            text = shape.sub(HIDDEN, text)
        for pattern in (_USER_INFO, _VARIABLE, _BEARER):
            text = pattern.sub(lambda found: f"{found['before']}{HIDDEN}", text)
        return f"…{text[-TEXT_CAP:]}" if cut else text

    return hide


def _exact(secrets: Iterable[str]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for secret in secrets:
        for line in (secret.strip(), *secret.split()):
            if len(line) >= SHORTEST:
                forms |= {line, quote(line, safe=""), *_base64_forms(line)}
    if not forms:
        return None
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(_broken_over_lines(form) for form in longest_first))


def _base64_forms(secret: str) -> Iterable[str]:
    # Inside a longer text the secret may begin at each of three places in base64's groups of
    # three bytes; what its neighbours share in the first and last sign is left out.
    raw = secret.encode()
    yield base64.b64encode(raw).decode()
    if len(raw) < 9:
        return
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        begin = (0, 2, 3)[offset]
        yield coded[begin : len(coded) - (1 if (offset + len(raw)) % 3 else 0)]


def _broken_over_lines(form: str) -> str:
    # A terminal or a log driver may have broken a long value over two lines.
    if len(form) < 12:
        return re.escape(form)
    return r"(?:\r?\n)?".join(re.escape(one) for one in form)


def _writable(text: str) -> str:
    # Half a surrogate pair, out of some tool's output, cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode()


def _walk(value: Text, hide: Callable[[str], str]) -> Text:
    if isinstance(value, str) and not isinstance(value, Enum):
        return hide(value)  # type: ignore[return-value]
    if isinstance(value, BaseModel):
        changed = {
            name: _walk(part, _writable if name in _KEPT else hide)
            for name in type(value).model_fields
            if (part := getattr(value, name)) is not None
        }
        return value.model_copy(update=changed)
    if isinstance(value, tuple):
        return tuple(_walk(part, hide) for part in value)  # type: ignore[return-value]
    if isinstance(value, dict):
        return {hide(name): _walk(part, hide) for name, part in value.items()}  # type: ignore[return-value]
    return value
