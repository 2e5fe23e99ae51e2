"""Which operations of a description options name; a name that means none is refused."""

from collections.abc import Iterable, Sequence

from readiness_gate.checks.api_document import Operation
from readiness_gate.errors import ConfigurationError


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
