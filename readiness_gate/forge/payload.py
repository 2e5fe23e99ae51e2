"""Typed reading of an event's payload; what is not there is named by its path."""

from collections.abc import Mapping

from readiness_gate.errors import ConfigurationError


class Payload:
    """The parsed file at `GITHUB_EVENT_PATH` of the event `name`."""

    def __init__(self, name: str, data: Mapping[str, object]) -> None:
        """Read from `data`, which is never changed."""
        self._name = name
        self._data = data

    def text(self, *path: str, default: str | None = None) -> str:
        """Return the text at a path, or `default` where it is absent.

        Raises:
            ConfigurationError: it is absent without a default, or no text.
        """
        value = self._value(path)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._malformed(path, "a text")
        return value

    def number(self, *path: str) -> int:
        """Return the positive number at a path.

        Raises:
            ConfigurationError: there is none.
        """
        number = self.optional_number(*path)
        if number is None:
            raise self._malformed(path, "a number")
        return number

    def optional_number(self, *path: str) -> int | None:
        """Return the positive number at a path, also one in digits; `None` for absent or empty.

        Raises:
            ConfigurationError: something else stands there.
        """
        value = self._value(path)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.strip().lstrip("#").isdigit():
            value = int(value.strip().lstrip("#")[:18])
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._malformed(path, "a number")
        return value

    def has(self, *path: str) -> bool:
        """Return whether anything but null stands at a path."""
        return self._value(path) is not None

    def _value(self, path: tuple[str, ...]) -> object:
        value: object = self._data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def _malformed(self, path: tuple[str, ...], kind: str) -> ConfigurationError:
        return ConfigurationError(
            f"the payload of the event {self._name} has no {'.'.join(path)} that is {kind}",
            advice="GITHUB_EVENT_PATH has to name the event's own JSON file",
        )
