"""Puts values in the place of `{{name}}`, as hurl writes it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from pydantic import JsonValue

from readiness_gate.errors import ConfigurationError

PLACE = re.compile(r"\{\{ ?([A-Za-z][A-Za-z0-9_.-]{0,79}) ?\}\}")


class Fill(Protocol):
    """Fills texts."""

    def __call__(self, text: str) -> str:
        """Return the text with its values in."""
        ...

    def value(self, text: str) -> JsonValue:
        """Return the same, or the value itself where the text is nothing but its place."""
        ...


class _AsItIs:
    def __call__(self, text: str) -> str:
        return text

    def value(self, text: str) -> JsonValue:
        return text


as_it_is: Fill = _AsItIs()
"""Fills nothing in."""


class Unset(ConfigurationError):  # noqa: N818 - the fact is the name
    """A value is not there: the step that finds it did not run."""


def filled(value: JsonValue, fill: Fill) -> JsonValue:
    """Return JSON with every text in it filled in, names too."""
    if isinstance(value, str):
        return fill.value(value)
    if isinstance(value, list):
        return [filled(one, fill) for one in value]
    if isinstance(value, dict):
        return {fill(name): filled(one, fill) for name, one in value.items()}
    return value


def places(value: object) -> Iterator[str]:
    """Yield every name that JSON asks for, also in the names of mappings."""
    if isinstance(value, str):
        yield from PLACE.findall(value)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from places(name)
            yield from places(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from places(one)


def replaced(text: str, look_up: Callable[[str], JsonValue], shown: Callable[[str], str]) -> str:
    """Return a text with every place filled; `shown` writes a value so that it fits there."""
    return PLACE.sub(lambda found: shown(written(look_up(found[1]))), text)


def written(value: JsonValue) -> str:
    """Return a value as text; `true` and `null` as JSON has them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return str(value)
    raise ConfigurationError("a list or a mapping does not fit into a text")
