"""Names and values of HTTP headers, as options have them."""

import re
from typing import Annotated

from readiness_gate.model.written import Written

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")


def _name(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no name of a header")
    return text


def header_value(text: str) -> str:
    """Return a header's value as it is.

    Raises:
        ValueError: it cannot be sent.
    """
    if any(ord(sign) < 32 or ord(sign) > 126 for sign in text) or text != text.strip():
        raise ValueError("a header's value is printable ASCII without spaces around it")
    return text


HeaderName = Annotated[str, Written(after=_name, schema={"type": "string", "pattern": "^[!-~]+$"})]
HeaderValue = Annotated[
    str, Written(after=header_value, schema={"type": "string", "pattern": "^[ -~]*$"})
]
