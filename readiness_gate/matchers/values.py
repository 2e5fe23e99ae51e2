"""Words about one value: equality, texts, numbers, types."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from operator import ge, gt, le, lt

from readiness_gate.expressions import compiled
from readiness_gate.matchers.matcher import ABSENT, Matcher, Test, shown

_NUMBER = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?")


def equality(expected: object) -> Matcher:
    """Return the matcher of one value: `1` equals `1.0`, but neither `true` nor `"1"`."""

    def test(actual: object) -> bool | None:
        return None if actual is ABSENT else same(expected, actual)

    return Matcher(shown(expected), test)


def same(one: object, other: object) -> bool:
    """Return whether two values of JSON are equal, types included."""
    pending = [(one, other)]
    while pending:
        left, right = pending.pop()
        if isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif isinstance(left, Mapping) and isinstance(right, Mapping):
            if left.keys() != right.keys():
                return False
            pending += ((left[key], right[key]) for key in left)
        elif _kind(left) != _kind(right) or left != right:
            return False
    return True


def _kind(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


_TEXT: Mapping[str, tuple[str, Callable[[str, str], bool]]] = {
    "have-prefix": ("a text that starts with", str.startswith),
    "startsWith": ("a text that starts with", str.startswith),
    "have-suffix": ("a text that ends with", str.endswith),
    "endsWith": ("a text that ends with", str.endswith),
    "contain-substring": ("a text that contains", str.__contains__),
}


def text_word(word: str, argument: object) -> Matcher:
    """Return the matcher of a word about a part of a text."""
    if not isinstance(argument, str):
        raise ValueError(f"{word} takes a text, not {shown(argument)}")
    if not argument:
        raise ValueError(f"{word} of an empty text asserts nothing")
    phrase, has = _TEXT[word]

    def test(actual: object) -> bool | None:
        return has(actual, argument) if isinstance(actual, str) else None

    return Matcher(f"{phrase} {shown(argument)}", test)


def match_regexp(word: str, argument: object) -> Matcher:
    """Return the matcher of an RE2 expression, sought anywhere in a text."""
    if not isinstance(argument, str):
        raise ValueError(f"{word} takes a regular expression, not {shown(argument)}")
    found = searcher(argument)
    if found("") and found("\x01") and "$" not in argument and "\\z" not in argument:
        raise ValueError(f"{word}: {argument[:80]!r} matches every text and so asserts nothing")

    def test(actual: object) -> bool | None:
        return found(actual) if isinstance(actual, str) else None

    return Matcher(f"a text that matches {shown(argument)}", test)


def searcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that looks for an RE2 expression in a text, in linear time.

    Raises:
        ValueError: the pattern is no RE2 expression.
    """
    expression = compiled(pattern)
    return lambda text: expression.search(text.encode("utf-8", "replace").decode()) is not None


_COMPARE: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "gt": ("more than", gt),
    "ge": ("at least", ge),
    "lt": ("less than", lt),
    "le": ("at most", le),
}


def compare(word: str, argument: object) -> Matcher:
    """Return the matcher of a word that compares numbers; a text of a number counts as one."""
    limit = number(argument) if not isinstance(argument, str) else None
    if limit is None or not isfinite(limit):
        raise ValueError(f"{word} takes a number, not {shown(argument)}")
    phrase, holds = _COMPARE[word]

    def test(actual: object) -> bool | None:
        value = number(actual)
        return None if value is None else holds(value, limit)

    return Matcher(f"{phrase} {shown(argument)}", test)


def number(value: object) -> int | float | None:
    """Return a number, also out of a text such as a header's, `None` for everything else."""
    if isinstance(value, str):
        text = value.strip()
        return float(text) if len(text) <= 80 and _NUMBER.fullmatch(text) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None


def _is_empty(actual: object) -> bool | None:
    return not actual if isinstance(actual, str | list | Mapping) else None


def _is(*types: type) -> Test:
    return lambda actual: isinstance(actual, types) and not isinstance(actual, bool)


PREDICATES: Mapping[str, tuple[str, Test]] = {
    "isEmpty": ("something empty", _is_empty),
    "isInteger": ("an integer", _is(int)),
    "isFloat": ("a number with a fraction", _is(float)),
    "isNumber": ("a number", _is(int, float)),
    "isBoolean": ("true or false", lambda actual: isinstance(actual, bool)),
    "isString": ("a text", _is(str)),
    "isCollection": ("a list or a mapping", _is(list, dict)),
}
"""Hurl's predicates that take no value, with their words for readers."""
