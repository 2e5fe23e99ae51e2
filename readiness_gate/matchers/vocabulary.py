"""The vocabulary of matchers: goss's words, and hurl's predicates for values of JSON.

A bare value means equality, a list that all its elements are contained, a mapping is words that
all have to hold. What would assert nothing (an empty list, mapping or text) is refused, as goss
teaches: its `stderr: []` always passes.
"""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite

from readiness_gate.doors.records import did_you_mean
from readiness_gate.matchers.elements import (
    consist_of,
    contain_element,
    contain_elements,
    have_key,
    have_len,
)
from readiness_gate.matchers.matcher import ABSENT, Matcher, Nodes, Test, shown
from readiness_gate.matchers.values import PREDICATES, compare, equality, match_regexp, text_word

_DEEPEST = 20
Word = Callable[[str, object, int], Matcher]


def compile_matcher(raw: object) -> Matcher:
    """Return the matcher that a value of YAML or JSON stands for.

    Raises:
        ValueError: naming the word that is unknown, or the expectation that asserts nothing.
    """
    return _compile(raw, 0)


def _compile(raw: object, depth: int) -> Matcher:
    if depth > _DEEPEST:
        raise ValueError(f"matchers are nested deeper than {_DEEPEST}")
    if raw is None:
        raise ValueError("null asserts nothing; write {equal: null} or {exists: false}")
    if isinstance(raw, list | tuple):
        return _contain_elements("a list", raw, depth)
    if isinstance(raw, Mapping):
        return _all_words(raw, depth)
    return _equal("a value", raw, depth)


def _all_words(raw: Mapping[object, object], depth: int) -> Matcher:
    if not raw:
        raise ValueError("an empty mapping asserts nothing")
    matchers = [_word(str(word), argument, depth + 1) for word, argument in raw.items()]
    return matchers[0] if len(matchers) == 1 else _all(matchers)


def _word(word: str, argument: object, depth: int) -> Matcher:
    build = WORDS.get(word)
    if build is None:
        raise ValueError(f"unknown matcher {word[:80]!r}{did_you_mean(word, WORDS)}")
    return build(word, argument, depth)


def _present(matcher: Matcher) -> Matcher:
    """Return a matcher that cannot be applied where there is nothing to apply it to."""

    def test(actual: object) -> bool | None:
        if actual is ABSENT or (isinstance(actual, Nodes) and not actual):
            return None
        return matcher.test(actual)

    return Matcher(matcher.expectation, test, matcher.parts)


def _equal(_word: str, argument: object, _depth: int) -> Matcher:
    if isinstance(argument, float) and not isfinite(argument):
        raise ValueError("no value is equal to an infinite number or to NaN")
    return _present(equality(argument))


def _text(word: str, argument: object, _depth: int) -> Matcher:
    return _present(text_word(word, argument))


def _regexp(word: str, argument: object, _depth: int) -> Matcher:
    return _present(match_regexp(word, argument))


def _compare(word: str, argument: object, _depth: int) -> Matcher:
    return _present(compare(word, argument))


def _predicate(word: str, argument: object, _depth: int) -> Matcher:
    if not isinstance(argument, bool):
        raise ValueError(f"{word} takes true or false")
    name, test = PREDICATES[word]
    expectation = name if argument else f"not {name}"
    matcher = Matcher(expectation, _answer_is(test, argument))
    return matcher if word == "isEmpty" else _present(matcher)


def _exists(word: str, argument: object, _depth: int) -> Matcher:
    if not isinstance(argument, bool):
        raise ValueError(f"{word} takes true or false")

    def test(actual: object) -> bool:
        there = actual is not ABSENT and not (isinstance(actual, Nodes) and not actual)
        return there is argument

    return Matcher("it to exist" if argument else "it not to exist", test)


def _answer_is(test: Test, wanted: bool) -> Test:
    def answered(actual: object) -> bool | None:
        answer = test(actual)
        return None if answer is None else answer is wanted

    return answered


def _contains(_word: str, argument: object, depth: int) -> Matcher:
    """Return hurl's `contains`: a part of a text, or an element of a list."""
    element = contain_element(_compile(argument, depth))
    if not isinstance(argument, str):
        return _present(element)
    part = text_word("contain-substring", argument)

    def test(actual: object) -> bool | None:
        return part.test(actual) if isinstance(actual, str) else element.test(actual)

    return _present(Matcher(part.expectation, test))


def _contain_element(_word: str, argument: object, depth: int) -> Matcher:
    return _present(contain_element(_compile(argument, depth)))


def _contain_elements(word: str, argument: object, depth: int) -> Matcher:
    elements = _listed(word, argument)
    return _present(contain_elements(elements, [_compile(one, depth + 1) for one in elements]))


def _consist_of(word: str, argument: object, depth: int) -> Matcher:
    elements = _listed(word, argument)
    return _present(consist_of([_compile(one, depth + 1) for one in elements]))


def _have_len(_word: str, argument: object, depth: int) -> Matcher:
    return have_len(_compile(argument, depth))


def _have_key(_word: str, argument: object, depth: int) -> Matcher:
    return _present(have_key(_compile(argument, depth)))


def _not(_word: str, argument: object, depth: int) -> Matcher:
    inner = _compile(argument, depth)
    return Matcher(f"not {inner.expectation}", _answer_is(inner.test, wanted=False))


def _and(word: str, argument: object, depth: int) -> Matcher:
    return _all([_compile(one, depth + 1) for one in _listed(word, argument)])


def _or(word: str, argument: object, depth: int) -> Matcher:
    matchers = [_compile(one, depth + 1) for one in _listed(word, argument)]

    def test(actual: object) -> bool | None:
        answers = [matcher.test(actual) for matcher in matchers]
        return True if True in answers else None if None in answers else False

    return Matcher(" or ".join(matcher.expectation for matcher in matchers), test)


def _all(matchers: Iterable[Matcher]) -> Matcher:
    parts = tuple(matchers)

    def test(actual: object) -> bool | None:
        answers = [part.test(actual) for part in parts]
        return None if None in answers else all(answers)

    return Matcher(" and ".join(part.expectation for part in parts), test, parts)


def _listed(word: str, argument: object) -> list[object]:
    if not isinstance(argument, list | tuple):
        raise ValueError(f"{word} takes a list, not {shown(argument)}")
    if not argument:
        raise ValueError(f"{word} without elements asserts nothing")
    return list(argument)


WORDS: Mapping[str, Word] = {
    "equal": _equal,
    "have-prefix": _text,
    "have-suffix": _text,
    "contain-substring": _text,
    "match-regexp": _regexp,
    "gt": _compare,
    "ge": _compare,
    "lt": _compare,
    "le": _compare,
    "contain-element": _contain_element,
    "contain-elements": _contain_elements,
    "consist-of": _consist_of,
    "have-len": _have_len,
    "have-key": _have_key,
    "not": _not,
    "and": _and,
    "or": _or,
    "exists": _exists,
    "startsWith": _text,
    "endsWith": _text,
    "contains": _contains,
    "includes": _contain_element,
    "matches": _regexp,
    **dict.fromkeys(PREDICATES, _predicate),
}
"""Every word: goss's, then hurl's."""
