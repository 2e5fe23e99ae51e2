"""Where requests go: a path below `stack.base-url`, or a URL of a service."""

from typing import Annotated
from urllib.parse import urlsplit

from readiness_gate.model.written import Written

_SCHEMES = ("http://", "https://")


def _url(text: str) -> str:
    if not text.isascii() or not text.isprintable() or any(sign in text for sign in ' "<>\\^`{|}'):
        raise ValueError("a URL has no spaces and only ASCII: write other signs as %XX")
    if text.startswith("/"):
        return text
    if not text.startswith(_SCHEMES):
        raise ValueError("write a path that starts with /, or a URL of http or https")
    parts = urlsplit(text)
    if parts.hostname is None or parts.port == 0:  # reading the port checks it
        raise ValueError("the URL names no host")
    if "@" in parts.netloc:
        raise ValueError("no user name in URLs: write a header Authorization")
    return text


TargetUrl = Annotated[
    str, Written(after=_url, schema={"type": "string", "pattern": "^(/|https?://)"})
]
"""A path below `stack.base-url`, or a URL of a service of the stack."""
