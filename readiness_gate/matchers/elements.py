"""Words about lists, mappings, and the lines of a text."""

from collections.abc import Callable, Sequence

from readiness_gate.matchers.matcher import ABSENT, Matcher, shown
from readiness_gate.matchers.values import searcher


def contain_element(element: Matcher) -> Matcher:
    """Return the matcher of a list in which at least one element meets `element`."""

    def test(actual: object) -> bool | None:
        return any(map(element.holds, actual)) if isinstance(actual, list) else None

    return Matcher(f"a list that contains {element.expectation}", test)


def contain_elements(raw: Sequence[object], elements: Sequence[Matcher]) -> Matcher:
    """Return the matcher of a list that contains all of `elements`, in any order.

    Of a text, every element is a pattern for its lines, as goss has it: `foo`, `!foo`, `/re/`,
    `!/re/`; a backslash takes the meaning off a first `!` or `/`.
    """
    in_lists = [contain_element(element) for element in elements]
    in_texts = [_line_pattern(pattern) if isinstance(pattern, str) else None for pattern in raw]
    parts = tuple(
        Matcher(in_text.expectation if in_text else in_list.expectation, _either(in_list, in_text))
        for in_list, in_text in zip(in_lists, in_texts, strict=True)
    )

    def test(actual: object) -> bool | None:
        answers = [part.test(actual) for part in parts]
        return None if None in answers else all(answers)

    return Matcher(" and ".join(part.expectation for part in parts), test, parts)


def _either(in_list: Matcher, in_text: Matcher | None) -> Callable[[object], bool | None]:
    def test(actual: object) -> bool | None:
        if isinstance(actual, str):
            return in_text.test(actual) if in_text is not None else None
        return in_list.test(actual)

    return test


def _line_pattern(pattern: str) -> Matcher:
    absent = pattern.startswith("!")
    rest = pattern[1:] if absent else pattern
    expression = len(rest) > 2 and rest.startswith("/") and rest.endswith("/")
    if not expression and rest.startswith(("\\!", "\\/")):
        rest = rest[1:]
    if not rest:
        raise ValueError(f"{pattern!r} asserts nothing")
    found = searcher(f"(?m){rest[1:-1]}") if expression else lambda text: rest in text
    expectation = f"it {'not to' if absent else 'to'} contain {shown(rest)}"

    def test(actual: object) -> bool | None:
        return found(actual) is not absent if isinstance(actual, str) else None

    return Matcher(expectation, test)


def consist_of(elements: Sequence[Matcher]) -> Matcher:
    """Return the matcher of a list of exactly these elements, in any order."""
    expectation = ", ".join(element.expectation for element in elements)

    def test(actual: object) -> bool | None:
        if not isinstance(actual, list):
            return None
        return len(actual) == len(elements) and _paired(elements, actual)

    return Matcher(f"exactly {expectation}", test)


def _paired(elements: Sequence[Matcher], actual: Sequence[object]) -> bool:
    """Return whether every element finds a value of its own (augmenting paths)."""
    fitting = [[at for at, value in enumerate(actual) if one.holds(value)] for one in elements]
    taken: dict[int, int] = {}

    def place(element: int, tried: set[int]) -> bool:
        for at in fitting[element]:
            if at in tried:
                continue
            tried.add(at)
            if at not in taken or place(taken[at], tried):
                taken[at] = element
                return True
        return False

    return all(place(element, set()) for element in range(len(elements)))


def have_len(length: Matcher) -> Matcher:
    """Return the matcher of the length of a text, a list or a mapping."""

    def test(actual: object) -> bool | None:
        if actual is ABSENT or not isinstance(actual, str | list | dict):
            return None
        return length.test(len(actual))

    return Matcher(f"a length of {length.expectation}", test)


def have_key(key: Matcher) -> Matcher:
    """Return the matcher of a mapping in which at least one key meets `key`."""

    def test(actual: object) -> bool | None:
        return any(map(key.holds, actual)) if isinstance(actual, dict) else None

    return Matcher(f"a mapping with the key {key.expectation}", test)
