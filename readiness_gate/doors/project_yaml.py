"""YAML that the target wrote for other programs, such as compose files: read, never judged.

Unlike `doors/yaml.py` it follows aliases and merge keys and drops tags (`!reset`, `!override`),
as the programs do that these files are for. Shared nodes stay shared, so that an alias bomb costs
what its text costs (notes on security F10).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from readiness_gate.doors.yaml import plain_scalar
from readiness_gate.errors import ConfigurationError

SIZE_CAP = 1024 * 1024
EXPANDED_CAP = 500_000
"""Values that a placed document may hold with every alias written out."""
DEPTH_CAP = 64
_MERGE = "tag:yaml.org,2002:merge"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_all(text: str, *, name: str) -> list[Any]:
    """Return the documents of a file as dicts, lists and texts; every scalar stays text.

    Raises:
        ConfigurationError: the text is not YAML, holds a cycle, or is over the cap.
    """
    if len(text) > SIZE_CAP:
        raise ConfigurationError(f"{name}: larger than {SIZE_CAP} bytes")
    try:
        _require_shallow(text, name)
        memo = _Memo()
        return [_plain(node, memo, name) for node in yaml.compose_all(text, Loader=_LOADER)]
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        problem = getattr(error, "problem", None) or type(error).__name__
        raise ConfigurationError(f"{place}: not YAML: {problem}") from error


class OutOfBounds(ConfigurationError):  # noqa: N818 - the fact is the name
    """The text may be YAML, but larger, deeper or more repetitive than the gate reads."""


def _require_shallow(text: str, name: str) -> None:
    """Count levels on the events first: libyaml composes by recursion and would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_CAP:
                raise OutOfBounds(f"{name}: nested deeper than {DEPTH_CAP} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Memo(dict[int, Any]):
    """Values by node; how many keys were merged into others so far."""

    merged = 0


def _plain(node: yaml.Node, memo: _Memo, name: str) -> Any:
    key = id(node)
    if key in memo:
        if memo[key] is None:
            raise ConfigurationError(f"{name}: an alias contains itself")
        return memo[key]
    memo[key] = None
    if isinstance(node, yaml.MappingNode):
        value: Any = _mapping(node, memo, name)
    elif isinstance(node, yaml.SequenceNode):
        value = [_plain(child, memo, name) for child in node.value]
    else:
        value = str(node.value)
    memo[key] = value
    return value


def _mapping(node: yaml.MappingNode, memo: _Memo, name: str) -> dict[str, Any]:
    own: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key_node, value_node in node.value:
        value = _plain(value_node, memo, name)
        if key_node.tag == _MERGE:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    memo.merged += len(part)
                    if memo.merged > EXPANDED_CAP:
                        raise OutOfBounds(f"{name}: merge keys make more than {EXPANDED_CAP} keys")
                    merged.update({key: part[key] for key in part if key not in merged})
        else:
            own[str(key_node.value)] = value
    return {**merged, **own}


@dataclass(frozen=True)
class PlacedDocument:
    """One document with its lines: `data` has the types of the YAML 1.2 core schema.

    With every alias written out it has at most `EXPANDED_CAP` values in `DEPTH_CAP` levels, so
    that whoever walks it needs no bounds of its own.
    """

    data: Any
    line: int
    """Line on which it starts, from 1."""
    _lines: Mapping[tuple[int, Hashable], int] = field(repr=False)
    _tags: Mapping[tuple[int, Hashable], str] = field(repr=False)

    def line_of(self, container: object, key: Hashable) -> int:
        """Return the line of a key or index of one of the document's own containers."""
        return self._lines.get((id(container), key), self.line)

    def tag_of(self, container: object, key: Hashable) -> str:
        """Return the local tag of a value, such as `!reset`, or an empty text."""
        return self._tags.get((id(container), key), "")


def load_placed(text: str, *, name: str) -> list[PlacedDocument]:
    """Return the documents of a file; a duplicate key is an error, a tag is kept beside.

    Raises:
        OutOfBounds: it is over one of the caps.
        ConfigurationError: the text is not YAML, holds a cycle or a key twice; with its line.
    """
    if len(text) > SIZE_CAP:
        raise OutOfBounds(f"{name}: larger than {SIZE_CAP} bytes")
    try:
        _require_shallow(text, name)
        return [_Placing(name).document(node) for node in yaml.compose_all(text, Loader=_LOADER)]
    except RecursionError as error:
        raise OutOfBounds(f"{name}: nested too deep") from error
    except (yaml.YAMLError, TypeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        problem = getattr(error, "problem", None) or type(error).__name__
        raise ConfigurationError(f"{place}: not YAML: {str(problem)[:200]}") from error


@dataclass(frozen=True)
class _Built:
    value: Any
    size: int
    depth: int


class _Placing:
    """Builds one document; nodes that aliases share are built once and stay shared."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._memo: dict[int, _Built | None] = {}
        self._lines: dict[tuple[int, Hashable], int] = {}
        self._tags: dict[tuple[int, Hashable], str] = {}

    def document(self, node: yaml.Node) -> PlacedDocument:
        built = self._build(node)
        return PlacedDocument(built.value, _line(node), self._lines, self._tags)

    def _build(self, node: yaml.Node) -> _Built:
        if id(node) in self._memo:
            known = self._memo[id(node)]
            if known is None:
                raise self._refuse(node, "an alias contains itself")
            return known
        self._memo[id(node)] = None
        if isinstance(node, yaml.MappingNode):
            built = self._mapping(node)
        elif isinstance(node, yaml.SequenceNode):
            built = self._sequence(node)
        else:
            built = _Built(_scalar(node) if isinstance(node, yaml.ScalarNode) else None, 1, 0)
        if built.size > EXPANDED_CAP:
            raise OutOfBounds(f"{self._name}: aliases make more than {EXPANDED_CAP} values")
        if built.depth > DEPTH_CAP:
            raise OutOfBounds(f"{self._name}: nested deeper than {DEPTH_CAP} levels")
        self._memo[id(node)] = built
        return built

    def _sequence(self, node: yaml.SequenceNode) -> _Built:
        value: list[Any] = []
        size, depth = 1, 0
        for child in node.value:
            built = self._build(child)
            self._place(value, len(value), child, child)
            value.append(built.value)
            size, depth = size + built.size, max(depth, built.depth)
        return _Built(value, size, depth + 1)

    def _mapping(self, node: yaml.MappingNode) -> _Built:
        value: dict[str, Any] = {}
        size, depth = 1, 0
        merged: list[dict[str, Any]] = []
        for key_node, value_node in node.value:
            built = self._build(value_node)
            size, depth = size + built.size, max(depth, built.depth)
            if size > EXPANDED_CAP:
                raise OutOfBounds(f"{self._name}: aliases make more than {EXPANDED_CAP} values")
            if key_node.tag == _MERGE:
                parts = built.value if isinstance(built.value, list) else [built.value]
                merged += [part for part in parts if isinstance(part, dict)]
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refuse(key_node, "a key is a list or a mapping")
            key = str(key_node.value)
            if key in value:
                raise self._refuse(key_node, f"key {key[:80]!r} is here twice")
            self._place(value, key, key_node, value_node)
            value[key] = built.value
        for part in merged:
            for key in part:
                if key not in value:
                    value[key] = part[key]
                    self._lines[id(value), key] = self._lines[id(part), key]
        return _Built(value, size, depth + 1)

    def _place(self, container: object, key: Hashable, at: yaml.Node, node: yaml.Node) -> None:
        self._lines[id(container), key] = _line(at)
        if node.tag and not node.tag.startswith("tag:yaml.org,"):
            self._tags[id(container), key] = str(node.tag)

    def _refuse(self, node: yaml.Node, message: str) -> ConfigurationError:
        return ConfigurationError(f"{self._name}:{_line(node)}: not valid: {message}")


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style:
        return text
    try:
        return plain_scalar(text)
    except ValueError:
        return text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
