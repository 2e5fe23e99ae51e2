"""Operations as people name them in options: `GET /orders/{order_id}`, `* /admin/*`."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from readiness_gate.checks.api_document import METHODS, Operation
from readiness_gate.errors import ConfigurationError


def _pattern(text: str) -> str:
    method, _, path = text.partition(" ")
    if method not in {"*", *METHODS} or not path.startswith(("/", "*")):
        raise ValueError(f"{text[:60]!r}: write a method and a path such as GET /orders, or * /x/*")
    return text


OperationPattern = Annotated[
    str,
    AfterValidator(_pattern),
    WithJsonSchema({"type": "string", "pattern": r"^(\*|[A-Z]+) [/*]"}),
]
"""A method or `*`, a space, a path as the description writes it; `*` stands for any text."""


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Return whether an operation's name is one of `patterns`."""
    return any(_one(name, pattern) for pattern in patterns)


def _one(name: str, pattern: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return name == first
    if not name.startswith(first):
        return False
    place = len(first)
    for part in rest[:-1]:
        found = name.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(name) - place >= len(rest[-1]) and name.endswith(rest[-1])


def refuse_idle(patterns: Iterable[str], operations: Sequence[Operation], option: str) -> None:
    """Refuse what names no operation: a slip of the pen would change what is proven.

    Raises:
        ConfigurationError: a pattern matches nothing.
    """
    for pattern in patterns:
        if not any(_one(one.name, pattern) for one in operations):
            raise ConfigurationError(
                f"{option}: {pattern} names no operation of the description",
                advice="Write it as the description does, such as GET /orders/{order_id}.",
            )
