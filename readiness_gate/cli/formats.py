"""The formats of a command's answer."""

from collections.abc import Sequence

from readiness_gate.errors import ConfigurationError

TEXT_OR_JSON = ("text", "json")


def require_format(given: str, allowed: Sequence[str] = TEXT_OR_JSON) -> None:
    """Return where a format exists.

    Raises:
        ConfigurationError: naming it and those that do.
    """
    if given not in allowed:
        raise ConfigurationError(f"format: {given!r} is not one of {', '.join(allowed)}")
