"""Which cookie of an answer is meant, and which of its attributes."""

import re

ATTRIBUTES = ("Value", "Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite")
_QUERY = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})(?:\[([A-Za-z-]{1,20})\])?")


def query_of(text: str) -> tuple[str, str]:
    """Return name and attribute of `session` or `session[HttpOnly]`, the attribute as listed.

    Raises:
        ValueError: it is neither, or there is no such attribute.
    """
    form = _QUERY.fullmatch(text)
    if form is None:
        raise ValueError(f"{text[:60]!r} is no cookie such as session or session[HttpOnly]")
    wanted = (form[2] or "Value").lower()
    known = next((one for one in ATTRIBUTES if one.lower() == wanted), None)
    if known is None:
        raise ValueError(f"cookies have no {form[2]}: there are {', '.join(ATTRIBUTES)}")
    return form[1], known
