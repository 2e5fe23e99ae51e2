"""Values that people write as text and the gate reads as numbers or names."""

from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from readiness_gate import units
from readiness_gate.model.written import Written

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"
"""Names of items, services, databases: safe as argv, as file name and inside a comment (S-16)."""
REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_.-]{1,100}"
_DURATION = r"^([0-9]{1,12}(\.[0-9]{1,6})? ?(ms|s|m|h|d))+$"
_SIZE = r"^[0-9]{1,12}(\.[0-9]{1,6})? ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$"


def _duration(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        return units.duration(value)
    return _number(value, info, "a duration with its unit, such as 60s or 5m")


def _size(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        return units.size(value)
    return _number(value, info, "a size with its unit, such as 500MB or 2GiB")


def _number(value: Any, info: ValidationInfo, wanted: str) -> Any:
    # Python code may hand in seconds or bytes; in a file the unit of a bare number is a guess.
    if info.mode == "python" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError(f"write {wanted}")


def one_or_many(value: Any) -> Any:
    """Return a lone text as one of one, a list as a tuple, everything else untouched.

    What a validator returns is no JSON any more: a strict record takes no list for a tuple.
    """
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


# Not `Written`: these ask whether a file or Python code gives the value.
Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION, "examples": ["60s", "5m"]}),
]
"""Seconds; written `200ms`, `5s`, `3m`, `1h30m`."""
Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema({"type": "string", "pattern": _SIZE, "examples": ["500MB", "2GiB"]}),
]
"""Bytes; written `500MB`, `2GiB`."""
Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Texts = tuple[Text, ...]
OneOrMany = Annotated[
    tuple[Text, ...],
    Written(
        before=one_or_many,
        schema={
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}},
            ]
        },
    ),
]
"""One text, or a list of them."""
Flag = Annotated[bool, Strict()]
PullRequestNumber = Annotated[int, Strict(), Field(ge=1, le=2_147_483_647)]
