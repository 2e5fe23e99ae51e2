"""Which of the configured databases an item means."""

from collections.abc import Mapping
from typing import TypeVar

from readiness_gate.errors import ConfigurationError

T = TypeVar("T")


def choose(databases: Mapping[str, T], name: str | None, word: str = "database") -> T:
    """Return the named database, or the only one where none is named; `word` says of what kind.

    Raises:
        ConfigurationError: there is none, none of this name, or several and no name.
    """
    known = ", ".join(sorted(databases)) or "none"
    if name is not None:
        if name not in databases:
            raise ConfigurationError(f"there is no {word} {name}; configured: {known}")
        return databases[name]
    if len(databases) != 1:
        raise ConfigurationError(
            f"name one {word} with `database:`; configured: {known}",
            advice="" if databases else "describe it under databases: in the configuration",
        )
    return next(iter(databases.values()))
