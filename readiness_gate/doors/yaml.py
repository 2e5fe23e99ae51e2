"""The one YAML loader: strict YAML 1.2, no aliases, every value with its place in the file.

Works on the parser's events, so that nothing is built before it is judged. The rules are those of
notes on security S-13: a cap on size and depth; no duplicate keys, aliases or tags; text keys only;
scalars of the YAML 1.2 core schema, so that `on`, `no`, dates and `12:30` stay text.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from readiness_gate.errors import ConfigurationError

SIZE_CAP = 64 * 1024
DEPTH_CAP = 20

Path = tuple[str | int, ...]
"""Keys and list indices from the top of the document to a value."""

# libyaml where the wheel has it (ten times faster); both speak the same events.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_ADVICE = "indent with spaces, not tabs; put a text that starts with @, ` or % in quotes"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Position(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


_START = Position(1, 1)


class Document(NamedTuple):
    """Plain data (dict, list, str, int, float, bool, None) and where each value stands."""

    name: str
    data: Any
    values: Mapping[Path, Position]
    keys: Mapping[Path, Position]

    def position(self, path: Path) -> Position:
        """Return where the value of a path starts, or its nearest parent that is there."""
        return self.values.get(self.known(path), _START)

    def key_position(self, path: Path) -> Position:
        """Return where the key of a path starts; for a list entry, where its value does."""
        path = self.known(path)
        return self.keys.get(path) or self.values.get(path, _START)

    def known(self, path: Path) -> Path:
        """Return `path` without the parts that are not in the document."""
        known: Path = ()
        for part in path:
            if (*known, part) in self.values:
                known = (*known, part)
        return known

    def error(self, path: Path, message: str, *, advice: str = "") -> ConfigurationError:
        """Return an error that names file, line and column of a path."""
        return _error(self.name, self.position(path), message, advice)


def load(text: str | bytes, *, name: str, cap: int = SIZE_CAP) -> Document:
    """Return the one document of `text`; an empty text is a document whose data is `None`.

    `name` stands in messages, `cap` is the size in bytes.

    Raises:
        ConfigurationError: the text is not one strict document, with line and column.
    """
    decoded = _decoded(text, name, cap)
    builder = _Builder(name)
    try:
        data = builder.document(yaml.parse(decoded, Loader=_PARSER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(mark.line + 1, mark.column + 1) if mark else _START
        advice = _ADVICE if "cannot start any token" in str(error.problem) else ""
        raise _error(name, at, f"not valid YAML: {_capped(error.problem)}", advice) from error
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        raise _error(name, _START, f"not valid YAML ({type(error).__name__})") from error
    return Document(name, data, builder.values, builder.keys)


def _decoded(text: str | bytes, name: str, cap: int) -> str:
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if len(data) > cap:
        raise ConfigurationError(f"{name}: {len(data)} bytes are more than the limit of {cap}")
    try:
        decoded = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        at = _end(data[: error.start].decode("utf-8"))
        raise _error(name, at, "not UTF-8", "save the file as UTF-8") from error
    if found := _UNPRINTABLE.search(decoded):
        at = _end(decoded[: found.start()])
        raise _error(name, at, f"character U+{ord(found[0]):04X} is not allowed in YAML")
    return decoded


def _end(before: str) -> Position:
    lines = before.split("\n")
    return Position(len(lines), len(lines[-1]) + 1)


class _Builder:
    """Turns events into data, refusing what is not plain."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.values: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}

    def document(self, events: Iterator[Any]) -> Any:
        data, seen = None, False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise self._refuse(event, "a second document; one file holds one")
                data, seen = self._value(next(events), events, ()), True
        return data

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(event, "aliases are not allowed", "write the value out")
        if event.tag is not None:
            raise self._refuse(event, "tags are not allowed")
        if len(path) >= DEPTH_CAP and not isinstance(event, yaml.ScalarEvent):
            raise self._refuse(event, f"nested deeper than {DEPTH_CAP} levels")
        self.values[path] = _at(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        entries: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            entries.append(self._value(event, events, (*path, len(entries))))
        return entries

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in entries:
                first = self.keys[*path, key]
                raise self._refuse(
                    event, f"key {_capped(key)!r} is here twice, first in line {first.line}"
                )
            self.keys[*path, key] = _at(event)
            entries[key] = None
            entries[key] = self._value(next(events), events, (*path, key))
        return entries

    def _key(self, event: Any) -> str:
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(event, "aliases are not allowed", "write the value out")
        if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
            raise self._refuse(event, "a key has to be a plain text")
        key = self._scalar(event)
        if not isinstance(key, str):
            raise self._refuse(event, "a key has to be a text", "put it in quotes")
        return key

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if _NO_TEXT.search(text):
            raise self._refuse(event, "an escape stands for a character that is none")
        if event.style:
            return text
        try:
            return plain_scalar(text)
        except ValueError as error:
            raise self._refuse(event, str(error)) from error

    def _refuse(self, event: Any, message: str, advice: str = "") -> ConfigurationError:
        return _error(self._name, _at(event), message, advice)


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return what a plain scalar stands for by the core schema (YAML 1.2.2, section 10.3.2).

    Raises:
        ValueError: a number that is too long or not finite.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        if len(text) > 40:
            raise ValueError("a number of more than 40 digits; put a text in quotes")
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("a number has to be finite; put a text in quotes")
    if _FLOAT.fullmatch(text):
        if not math.isfinite(value := float(text)):
            raise ValueError("a number has to be finite; put a text in quotes")
        return value
    return text


def _at(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)


def _capped(text: object) -> str:
    return str(text)[:80]


def _error(name: str, at: Position, message: str, advice: str = "") -> ConfigurationError:
    return ConfigurationError(f"{name}:{at.line}:{at.column}: {message}", advice=advice)
