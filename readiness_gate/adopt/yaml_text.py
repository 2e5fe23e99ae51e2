"""YAML as people write it: short mappings in braces on one line, long ones a line per key."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from readiness_gate.doors.yaml import plain_scalar

WIDTH = 100
_PLAIN = re.compile(r"-{0,2}[A-Za-z0-9_./](?:[\w./*@:-]*[\w./*])?(?: [\w./-]+)*")
_ESCAPED = '"\\'
_BASIC = 0xFFFF
_KEY = re.compile(r"[A-Za-z_][\w.-]*")


def flow(value: Any) -> str:
    """Return a value on one line, which reads back as it is."""
    match value:
        case bool() | None:
            return json.dumps(value)
        case int() | float():
            return json.dumps(value)
        case str():
            return scalar(value)
        case Mapping():
            return "{" + ", ".join(f"{key(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
        case _:
            return "[" + ", ".join(flow(one) for one in value) + "]"


def scalar(text: str) -> str:
    """Return a text without quotes where it stays a text, else in double quotes."""
    if _PLAIN.fullmatch(text) and isinstance(plain_scalar(text), str):
        return text
    return quoted(text)


def key(text: str) -> str:
    """Return a key."""
    if _KEY.fullmatch(text) and isinstance(plain_scalar(text), str):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Return a text in double quotes; what an editor would not show is escaped."""
    plain = (
        char if char.isprintable() and char not in _ESCAPED else _escape(char) for char in text
    )
    return f'"{"".join(plain)}"'


def _escape(char: str) -> str:
    code = ord(char)
    if char in _ESCAPED:
        return f"\\{char}"
    return f"\\u{code:04x}" if code <= _BASIC else f"\\U{code:08x}"


def block(mapping: Mapping[str, Any], indent: int) -> Iterator[str]:
    """Yield the lines of a mapping, in braces as far as a line holds it."""
    space = " " * indent
    for name, value in mapping.items():
        line = f"{space}{key(str(name))}: {flow(value)}"
        if len(line) <= WIDTH or not value or not isinstance(value, Mapping | list | tuple):
            yield line
        elif isinstance(value, Mapping):
            yield f"{space}{key(str(name))}:"
            yield from block(value, indent + 2)
        else:
            yield f"{space}{key(str(name))}:"
            yield from (f"{space}  - {flow(one)}" for one in value)


def comment(text: str, indent: int = 0) -> str:
    """Return a comment on one line; nothing in it can end the line or hide what follows."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return f"{' ' * indent}# {' '.join(shown.split())}".rstrip()
