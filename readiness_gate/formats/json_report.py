"""JSON of strangers: strict, bounded, and read by type, so that a wrong one is told as such."""

import json
from typing import Any, NoReturn

_DEEPEST = 60
_HOLDING = frozenset({dict, list})
LINE_CAP = 10_000_000
"""No file has a line of this number."""


def read_json(data: bytes) -> Any:
    """Return the value of a document.

    Raises:
        ValueError: not UTF-8, not JSON, NaN or infinite, or nested too deep.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {str(error)[:120]}") from None
    level = [value] if type(value) in _HOLDING else []
    for _ in range(_DEEPEST):
        if not level:
            return value
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) in _HOLDING
        ]
    raise ValueError(f"nested deeper than {_DEEPEST}")


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Return a mapping.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no mapping")
    return value


def entries(value: Any, what: str) -> list[Any]:
    """Return a list.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, list):
        raise ValueError(f"{what} is no list")
    return value


def text(value: Any, *, cap: int = 400) -> str:
    """Return a text on one line, an empty one for everything that is none."""
    return " ".join(value[: cap * 2].split())[:cap] if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """Return a number, `None` for everything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None


def line_number(value: Any) -> int | None:
    """Return a line that counts from 1, `None` for everything else."""
    plain = isinstance(value, int) and not isinstance(value, bool)
    return value if plain and 0 < value < LINE_CAP else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
