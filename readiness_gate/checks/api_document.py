"""An interface's description (OpenAPI 3), read as data that nobody vouches for.

References are followed inside the document only, and never in circles: what refers elsewhere would
send requests to where its author likes (notes on security S-22).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from readiness_gate.checks.options.operation import METHODS
from readiness_gate.matchers.jsonpath import read_json

FILE_CAP = 16 * 1024 * 1024
_MOST = 10_000
_HOPS = 30
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_DIALECTS = ("https://json-schema.org/", "http://json-schema.org/", "https://spec.openapis.org/")

Node = Mapping[str, Any]


class NoDocument(ValueError):  # noqa: N818
    """What was read is no description that can be worked with."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation, its references followed."""

    name: str
    where: str
    """`path`, `query`, `header` or `cookie`."""
    required: bool
    schema: Node
    definition: Node


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    definition: Node
    parameters: tuple[Parameter, ...]
    body: Node | None
    """The request body with its references followed, `None` where there is none."""
    responses: Mapping[str, Node]
    """By status as it is written: `200`, `4XX`, `default`."""

    @property
    def name(self) -> str:
        """Return `METHOD /path`, as people write it."""
        return f"{self.method} {self.path}"

    @property
    def json_type(self) -> str | None:
        """Return the media type of a JSON body, `None` where none is taken."""
        content = node(node(self.body).get("content"))
        return next((one for one in content if is_json(one)), None)

    def response(self, status: int) -> Node | None:
        """Return what is declared for a status, `None` where nothing is."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.responses:
                return self.responses[key]
        return None


@dataclass(frozen=True)
class Document:
    """A whole description."""

    raw: dict[str, Any]

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Return every operation, in the document's order.

        Raises:
            NoDocument: a reference leads nowhere or in circles, or there are too many.
        """
        found = []
        for one in self._operations():
            found.append(one)
            if len(found) > _MOST:
                raise NoDocument(f"more than {_MOST} operations")
        return tuple(found)

    def _operations(self) -> Iterator[Operation]:
        for path, item in node(self.raw.get("paths")).items():
            if not path.startswith("/"):
                raise NoDocument(f"the path {path[:120]!r} does not start with /")
            shared = self.resolved(item)
            for method in METHODS:
                definition = shared.get(method.lower())
                if isinstance(definition, dict):
                    yield self._operation(method, str(path), definition, shared)

    def _operation(self, method: str, path: str, given: Node, shared: Node) -> Operation:
        parameters: dict[tuple[str, str], Parameter] = {}
        for one in (*_listed(shared.get("parameters")), *_listed(given.get("parameters"))):
            read = self._parameter(self.resolved(one))
            parameters[read.where, read.name] = read
        body = given.get("requestBody")
        return Operation(
            method,
            path,
            given,
            tuple(parameters.values()),
            None if body is None else self.resolved(body),
            {str(key): self.resolved(one) for key, one in node(given.get("responses")).items()},
        )

    def _parameter(self, given: Node) -> Parameter:
        where = str(given.get("in", ""))
        content = [node(one) for one in node(given.get("content")).values()]
        schema = given.get("schema", content[0].get("schema") if content else None)
        required = where == "path" or given.get("required") is True
        return Parameter(
            str(given.get("name", "")), where, required, self.resolved(schema or {}), given
        )

    def resolved(self, given: object) -> Node:
        """Return a node, or what it refers to; empty for what is no object.

        Raises:
            NoDocument: the reference leads nowhere or in circles.
        """
        for _ in range(_HOPS):
            found = node(given)
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            given = self._at(reference)
        raise NoDocument(f"{str(reference)[:120]} refers to itself")

    def kinds(self, schema: object, depth: int = 0) -> frozenset[str]:
        """Return the JSON types that a schema lets through, as far as it tells; empty: it does not.

        Raises:
            NoDocument: a reference leads nowhere or in circles.
        """
        given = self.resolved(schema)
        kind = given.get("type")
        if isinstance(kind, str | list):
            return frozenset(str(one) for one in ([kind] if isinstance(kind, str) else kind))
        values = [given["const"]] if "const" in given else _listed(given.get("enum"))
        if values:
            return frozenset(_kind(one) for one in values)
        if depth >= _HOPS:
            return frozenset()
        for word in ("anyOf", "oneOf"):
            variants = [self.kinds(one, depth + 1) for one in _listed(given.get(word))]
            if variants and all(variants):
                return frozenset().union(*variants)
        parts = [self.kinds(one, depth + 1) for one in _listed(given.get("allOf"))]
        return next((one for one in parts if one), frozenset())

    def _at(self, reference: str) -> object:
        if not reference.startswith("#"):
            raise NoDocument(f"{reference[:120]} is not in this document")
        here: object = self.raw
        for step in reference[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(here, dict) and key in here:
                here = here[key]
            elif isinstance(here, list) and key.isdecimal() and int(key) < len(here):
                here = here[int(key)]
            else:
                raise NoDocument(f"{reference[:120]} leads nowhere")
        return here


def node(given: object) -> Node:
    """Return an object as it is, and anything else as an empty one."""
    return given if isinstance(given, dict) else {}


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else []


def _kind(value: object) -> str:
    """Return the JSON type of a value; every number is a `number`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "null" if value is None else "string" if isinstance(value, str) else "other"


def is_json(media_type: str) -> bool:
    """Return whether a media type holds JSON."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def read_document(data: bytes) -> Document:
    """Return the description in `data`, which is JSON.

    Raises:
        NoDocument: it is no JSON, not OpenAPI 3, or refers to somewhere else.
    """
    try:
        raw = read_json(data)
    except ValueError as error:
        raise NoDocument(f"is not JSON: {str(error)[:160]}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("openapi"), str):
        raise NoDocument("has no `openapi: 3.x`: it is no description of OpenAPI 3")
    if not raw["openapi"].startswith("3."):
        raise NoDocument(f"is OpenAPI {raw['openapi'][:20]}; 3.0 and 3.1 are read")
    for reference in _elsewhere(raw):
        raise NoDocument(f"refers to {reference[:120]}, which is not in this document")
    return Document(raw)


def _elsewhere(raw: object) -> Iterator[str]:
    """Yield what would be fetched from outside."""
    level = [raw]
    while level:
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                for key, value in one.items():
                    if isinstance(value, str) and _leaves(key, value):
                        yield value
                    inner.append(value)
            elif isinstance(one, list):
                inner += one
        level = inner


def _leaves(key: str, value: str) -> bool:
    if key in _REFERENCES:
        return not value.startswith("#")
    return key in {"$schema", "jsonSchemaDialect"} and not value.startswith(_DIALECTS)


def as_json(value: object) -> bytes:
    """Return a value as the body of a request."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", errors="replace"
    )
