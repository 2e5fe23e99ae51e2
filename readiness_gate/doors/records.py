"""A YAML document read into records; every problem named with file, line and column.

All problems of a file come in one error, sorted by place. Values are not repeated in messages
(they may be secret); keys are, capped.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from readiness_gate.doors.yaml import Document, Path, Position
from readiness_gate.errors import ConfigurationError

RecordT = TypeVar("RecordT", bound=BaseModel)

_SHOWN = 50
_TYPES = {
    "string_type": "a text; put it in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "string_too_short": "a text that is not empty",
}
"""Pydantic's error types in the words of YAML."""


class Problem(NamedTuple):
    """One thing that is wrong, and where."""

    at: Position
    message: str


def did_you_mean(word: object, choices: Collection[str]) -> str:
    """Return `, did you mean 'x'?` for the nearest choice, or an empty text."""
    if not isinstance(word, str) or len(word) > 80:
        return ""
    near = get_close_matches(word, sorted(choices), n=1, cutoff=0.6)
    return f", did you mean {near[0]!r}?" if near else ""


def read(document: Document, record: type[RecordT]) -> RecordT:
    """Return the document as a record.

    Raises:
        ConfigurationError: listing every problem.
    """
    bound = bind(document, (), document.data, record)
    if isinstance(bound, BaseModel):
        return bound
    raise failure(document.name, bound)


def bind(
    document: Document, path: Path, data: Any, record: type[RecordT]
) -> RecordT | tuple[Problem, ...]:
    """Return `data`, which stands at `path` of the document, as a record, or its problems."""
    try:
        # JSON mode: lists become tuples and texts enum members even where a record is strict.
        return record.model_validate_json(json.dumps(data), by_alias=True, by_name=False)
    except ValidationError as error:
        return tuple(sorted(_problems(document, path, data, record, error)))


def failure(name: str, problems: Iterable[Problem]) -> ConfigurationError:
    """Return one error that lists problems by place, each once."""
    found = sorted(set(problems))
    lines = [
        f"{name}:{problem.at.line}:{problem.at.column}: {problem.message}"
        for problem in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        lines.append(f"{name}: and {len(found) - _SHOWN} more")
    return ConfigurationError("\n".join(lines))


def dotted(path: Path) -> str:
    """Return a path for people: `items.cors.checks[1].check`."""
    text = ""
    if path and isinstance(path[0], int):
        text, path = f"entry {path[0] + 1}", path[1:]
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part[:80]}"
    return text.removeprefix(".")


def _problems(
    document: Document, path: Path, data: Any, record: type[BaseModel], error: ValidationError
) -> Iterable[Problem]:
    details = error.errors(include_url=False, include_input=False)
    places = [tuple(detail["loc"]) for detail in details]
    for detail, place in zip(details, places, strict=True):
        # "too short" after its entries were refused says nothing new.
        if detail["type"] == "too_short" and any(
            len(other) > len(place) and other[: len(place)] == place for other in places
        ):
            continue
        yield _problem(document, path, data, record, place, detail)


def _problem(
    document: Document,
    path: Path,
    data: Any,
    record: type[BaseModel],
    place: Path,
    detail: Mapping[str, Any],
) -> Problem:
    full = document.known((*path, *place))
    match detail["type"]:
        case "extra_forbidden":
            key = place[-1]
            advice = did_you_mean(key, allowed_keys(record, place[:-1]))
            where = dotted(full[:-1])
            message = f"unknown key {str(key)[:80]!r}{advice}"
            return Problem(document.key_position(full), _with_path(where, message))
        case "missing":
            message = f"key {str(place[-1])[:80]!r} is missing"
            return Problem(document.position(full), _with_path(dotted(full), message))
        case "literal_error" | "enum":
            expected = detail.get("ctx", {}).get("expected", "")
            choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
            value = _value(data, place)
            advice = ", without quotes" if value in choices else did_you_mean(value, choices)
            message = f"has to be {expected}{advice}"
        case kind if kind in _TYPES:
            message = f"has to be {_TYPES[kind]}"
        case "string_pattern_mismatch":
            message = f"has to match {detail.get('ctx', {}).get('pattern', '')}"
        case _:
            message = str(detail["msg"]).removeprefix("Value error, ")
            message = message.replace("Input should be", "has to be", 1)
    return Problem(document.position(full), _with_path(dotted(full), message[:300]))


def _with_path(where: str, message: str) -> str:
    return f"{where}: {message}" if where else message


def _value(data: Any, place: Path) -> Any:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def allowed_keys(record: type[BaseModel], place: Path) -> frozenset[str]:
    """Return the keys that a record allows at a place inside it, as its JSON Schema tells."""
    root = record.model_json_schema()
    nodes = _resolved(root, root)
    for part in place:
        nodes = [found for node in nodes for found in _below(root, node, part)]
    return frozenset(key for node in nodes for key in node.get("properties", {}))


def _below(root: Mapping[str, Any], node: Mapping[str, Any], part: str | int) -> list[Any]:
    if isinstance(part, int):
        found = node.get("items")
    else:
        found = node.get("properties", {}).get(part) or node.get("additionalProperties")
        if found is None:
            found = next(iter(node.get("patternProperties", {}).values()), None)
    return _resolved(root, found) if isinstance(found, dict) else []


def _resolved(root: Mapping[str, Any], node: Mapping[str, Any]) -> list[Any]:
    if "$ref" in node:
        return _resolved(root, root["$defs"][node["$ref"].rpartition("/")[2]])
    branches = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    return [node, *(found for branch in branches for found in _resolved(root, branch))]


def record_schema(record: type[BaseModel], *, ref: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON Schema of a record as editors use it: public names, no generated titles."""
    schema = record.model_json_schema(by_alias=True, ref_template=ref)
    _drop_titles(schema)
    return schema


def _drop_titles(node: Any) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("title"), str):
            del node["title"]
        for value in node.values():
            _drop_titles(value)
    elif isinstance(node, list):
        for value in node:
            _drop_titles(value)
