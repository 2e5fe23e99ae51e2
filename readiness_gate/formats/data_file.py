"""Data out of files that a project wrote: JSON, YAML, TOML, INI, XML, plist, properties.

All become what JSON can hold, bounded in size and depth, so that one query language fits all.
"""

import configparser
import json
import plistlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from readiness_gate.doors import project_yaml
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.data_format import DataFormat

_NODES = 1_000_000
_DEEPEST = 100
_PROPERTY = re.compile(r"[ \t\f]*((?:[^\s:=\\]|\\.){1,500})[ \t\f]*[:= \t\f][ \t\f]*(.*)")


def read_data(data: bytes, kind: DataFormat, *, name: str) -> object:
    """Return the document; several YAML documents become a list.

    XML becomes the mapping of its root: attributes as `@name`, text as `#text`, repeated elements
    as lists, an element of nothing but text as that text.

    Raises:
        ValueError: it is not of that format, or is beyond the bounds; says where.
    """
    try:
        document = _READERS[kind](data, name)
    except ConfigurationError as error:
        raise ValueError(error.message) from None
    except RecursionError:
        raise ValueError(f"{name}: nested too deep") from None
    except ValueError as error:  # every decoder's own kind is one
        cause = " ".join(str(error).split())[:200]
        raise ValueError(cause if cause.startswith(name) else f"{name}: {cause}") from None
    document, _ = _plain(document, {}, 0, name)
    return document


def line_of(text: str, kind: DataFormat, path: Sequence[str | int]) -> int | None:
    """Return the line, from 1, of a value, by its keys and indexes; `None` where it is not told."""
    if kind in {"json", "yaml"}:
        return _placed_line(text, path)
    last = next((part for part in reversed(path) if isinstance(part, str)), "").lstrip("@")
    if not last or last == "#text":
        return None
    form = rf"<(?:\w+:)?{re.escape(last)}\b|\b{re.escape(last)}=" if kind == "xml" else ""
    form = form or rf"^\s*[\"']?{re.escape(last)}[\"']?\s*[=:]|<key>{re.escape(last)}</key>"
    found = re.search(f"(?m){form}", text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _placed_line(text: str, path: Sequence[str | int]) -> int | None:
    try:
        documents = project_yaml.load_placed(text, name="")
    except ConfigurationError:  # JSON that is no YAML, such as one with tabs
        return None
    at, path = (0, path) if len(documents) == 1 or not path else (path[0], path[1:])
    if not (isinstance(at, int) and 0 <= at < len(documents)):
        return None
    placed = documents[at]
    line, value = placed.line, placed.data
    for part in path:
        there = isinstance(value, dict) and part in value
        if not there and not (
            isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
        ):
            break
        line, value = placed.line_of(value, part), value[part]
    return line


def _plain(value: Any, sizes: dict[int, tuple[Any, int]], depth: int, name: str) -> tuple[Any, int]:
    """Return a value as JSON has it, and how many values it is once aliases are written out."""
    if depth > _DEEPEST:
        raise ValueError(f"{name}: nested deeper than {_DEEPEST}")
    if not isinstance(value, dict | list):
        simple = value is None or isinstance(value, bool | int | float | str)
        return (value if simple else _text(value)), 1
    if id(value) in sizes:
        return sizes[id(value)]
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    size, copied = 1, []
    for key, inner in parts:
        plain, count = _plain(inner, sizes, depth + 1, name)
        copied.append((str(key), plain))
        size += count
        if size > _NODES:
            raise ValueError(f"{name}: more than {_NODES} values")
    plain = dict(copied) if isinstance(value, dict) else [one for _, one in copied]
    sizes[id(value)] = plain, size
    return plain, size


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _json(data: bytes, _name: str) -> object:
    return json.loads(data.decode("utf-8-sig"), parse_constant=_refused)


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _yaml(data: bytes, name: str) -> object:
    documents = project_yaml.load_placed(data.decode("utf-8-sig"), name=name)
    if not documents:
        raise ValueError("there is no document")
    return documents[0].data if len(documents) == 1 else [one.data for one in documents]


def _toml(data: bytes, _name: str) -> object:
    return tomllib.loads(data.decode("utf-8-sig"))


def _ini(data: bytes, _name: str) -> object:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    try:
        parser.read_string(data.decode("utf-8-sig"))
    except configparser.Error as error:
        raise ValueError(str(error)) from None
    found: dict[str, object] = {name: dict(parser.items(name)) for name in parser.sections()}
    if parser.defaults():
        found["DEFAULT"] = dict(parser.defaults())
    return found


def _properties(data: bytes, _name: str) -> object:
    found: dict[str, object] = {}
    text = re.sub(r"\\\r?\n[ \t\f]*", "", data.decode("utf-8-sig"))
    for line in text.splitlines():
        match = None if line.lstrip().startswith(("#", "!")) else _PROPERTY.fullmatch(line)
        if match is not None:
            found[re.sub(r"\\(.)", r"\1", match[1])] = match[2].strip()
    return found


def _plist(data: bytes, _name: str) -> object:
    try:
        return plistlib.loads(data)
    except (plistlib.InvalidFileException, expat.ExpatError, OverflowError, IndexError) as error:
        raise ValueError(f"not a plist: {error}") from None


def _xml(data: bytes, _name: str) -> object:
    reading = _Elements()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"not well-formed XML: {error}") from None
    return reading.root


def _refuse_entity(*_: object) -> None:
    raise ValueError("declares an entity")


@dataclass
class _Elements:
    """Elements that are open, outermost first, each with what it holds so far."""

    root: dict[str, object] = field(default_factory=dict)
    open: list[tuple[str, dict[str, object], list[str]]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= _DEEPEST:
            raise ValueError(f"nested deeper than {_DEEPEST}")
        self.open.append((name, {f"@{key}": value for key, value in attributes.items()}, []))

    def characters(self, text: str) -> None:
        if self.open:
            self.open[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, content, texts = self.open.pop()
        text = "".join(texts).strip()
        if text and content:
            content["#text"] = text
        value: object = content or text
        into = self.open[-1][1] if self.open else self.root
        there = into.get(name)
        if name not in into:
            into[name] = value
        elif isinstance(there, list):
            there.append(value)
        else:
            into[name] = [there, value]


_READERS = {
    "json": _json,
    "yaml": _yaml,
    "toml": _toml,
    "ini": _ini,
    "xml": _xml,
    "plist": _plist,
    "properties": _properties,
}
