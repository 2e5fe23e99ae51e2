"""JSONPath after RFC 9535: what a path finds in a document, and how deep a document may be."""

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

from readiness_gate.matchers.matcher import ABSENT, Nodes

_LONGEST = 500
_DEEPEST = 100
_PLAIN = re.compile(r"\.([A-Za-z_][\w-]*)|\[['\"]([^'\"\]]+)['\"]\]|\[([0-9]{1,6})\]")
_STEP = r"""\.([A-Za-z_][A-Za-z0-9_]*)|\[(0|[1-9][0-9]{0,8})\]|\['([ -&(-[\]-~]*)'\]"""
_STEPS = re.compile(_STEP)
_SIMPLE = re.compile(rf"\$(?:{_STEP})*")
"""Names and indexes from the root, in ASCII: most paths are no more."""
_LITERAL = r"'[ -&(-[\]-~]*'|-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?|true|false|null"
_FILTER = rf"\[\?@(?:{_STEP})+ ?(?:[=!<>]=|[<>]) ?(?:{_LITERAL})\]"
_WELL_FORMED = re.compile(rf"\$(?:{_STEP}|\.\*|\[\*\]|{_FILTER})*")
"""Those, wildcards, and comparisons with a literal: paths that the library is known to take."""


def compile_path(path: str) -> Callable[[object], object]:
    """Return a function from a document to what `path` finds in it.

    A singular path (only names and indexes) finds a value or `ABSENT`, every other one `Nodes`.
    The functions `match` and `search` are left out: their expressions are not RE2.

    Raises:
        ValueError: the text is no such path.
    """
    if len(path) > _LONGEST:
        raise ValueError(f"a JSONPath of more than {_LONGEST} characters")
    if _SIMPLE.fullmatch(path):
        return _simple(path)
    if _WELL_FORMED.fullmatch(path):
        return partial(_found_later, path)
    return _compiled(path)


def _found_later(path: str, document: object) -> object:
    """Return what a well-formed path finds: the library is loaded where it is used."""
    return _compiled(path)(document)


@lru_cache(maxsize=256)
def _compiled(path: str) -> Callable[[object], object]:
    """Return what `compile_path` does, by the library."""
    try:
        query = _environment().compile(path)
        singular = bool(query.singular_query())
    except Exception as error:
        # The library fails with several kinds here, also while it writes its own message.
        cause = str(error.args[0]) if error.args else type(error).__name__
        raise ValueError(f"{path[:80]!r} is no JSONPath: {cause[:120]}") from None

    def find(document: object) -> object:
        found = query.findall(document)
        if not singular:
            return Nodes(found)
        return found[0] if found else ABSENT

    return find


def _simple(path: str) -> Callable[[object], object]:
    """Return what `compile_path` does, without the library: it takes long to load."""
    steps = [
        int(index) if index else name or quoted for name, index, quoted in _STEPS.findall(path)
    ]

    def find(document: object) -> object:
        for step in steps:
            if isinstance(step, int):
                if not isinstance(document, list) or step >= len(document):
                    return ABSENT
                document = document[step]
            elif isinstance(document, dict) and step in document:
                document = document[step]
            else:
                return ABSENT
        return document

    return find


@cache
def _environment() -> Any:
    import jsonpath  # noqa: PLC0415 - takes longer to import than the rest of the catalogue

    environment = jsonpath.JSONPathEnvironment(strict=True)
    for name in ("match", "search"):
        del environment.function_extensions[name]
    return environment


def read_json(data: bytes) -> object:
    """Return the document in `data`.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested deeper than 100.
    """
    try:
        document = json.loads(data, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deep") from None
    level: list[object] = [document]
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return document
    raise ValueError(f"nested deeper than {_DEEPEST}")


def _inner(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def key_path(path: str, document: object) -> tuple[str | int, ...]:
    """Return keys and indexes to the first value that a path finds, or as far as a plain one goes.

    For showing where; a path that finds nothing and has wildcards leads to the top.
    """
    query = _environment().compile(path)
    first = next(iter(query.finditer(document)), None)
    if first is not None:
        return tuple(first.parts)
    plain: list[str | int] = []
    for dotted, name, index in _PLAIN.findall(path):
        plain.append(int(index) if index else name or dotted)
    return tuple(plain)
