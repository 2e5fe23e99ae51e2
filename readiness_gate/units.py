"""Durations, sizes and rates as people write them: `200ms`, `5m`, `2GiB`, `1000/day`."""

import re
from dataclasses import dataclass

_DURATION = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_PERIOD = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_PERIOD |= {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([A-Za-z]{1,3})")
_RATE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?/ ?([a-z]{1,6})")


def duration(text: str) -> float:
    """Return seconds for `200ms`, `5s`, `3m`, `1h`, `2d` and sums such as `1h30m`.

    Raises:
        ValueError: the text is not a duration; a bare number is refused, its unit is unknown.
    """
    position, total = 0, 0.0
    while position < len(text):
        match = _QUANTITY.match(text, position)
        if match is None or match[2] not in _DURATION:
            raise ValueError(f"{text[:40]!r} is not a duration such as 200ms, 5s, 3m or 1h30m")
        total += float(match[1]) * _DURATION[match[2]]
        position = match.end()
    if not text:
        raise ValueError("an empty text is not a duration")
    return total


def size(text: str) -> int:
    """Return bytes for `500MB` (decimal) and `2GiB` (binary), as IEC 80000-13 names them.

    Raises:
        ValueError: the text is not a size.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2] not in _SIZE:
        raise ValueError(f"{text[:40]!r} is not a size such as 500MB or 2GiB")
    return round(float(match[1]) * _SIZE[match[2]])


@dataclass(frozen=True)
class Rate:
    """`count` events in `period` seconds."""

    count: float
    period: float


def rate(text: str) -> Rate:
    """Return the rate for `1000/day`, `20/minute`, `5/s`.

    Raises:
        ValueError: the text is not a rate.
    """
    match = _RATE.fullmatch(text)
    if match is None or match[2] not in _PERIOD:
        raise ValueError(f"{text[:40]!r} is not a rate such as 20/minute or 1000/day")
    return Rate(float(match[1]), _PERIOD[match[2]])
