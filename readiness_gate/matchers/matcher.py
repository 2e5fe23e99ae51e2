"""The form of a matcher: does a value meet it, and if not, what was expected and what is there.

A matcher answers yes, no, or that it cannot be applied (a prefix of a number, an element of
something absent). The third is never yes, not even under `not`: `not: {gt: 5}` does not hold for a
text.
"""

import json
from collections.abc import Callable
from typing import Final, NamedTuple

_SHOWN = 160


class Absent:
    """The type of `ABSENT`."""

    def __repr__(self) -> str:
        """Return the word that readers see."""
        return "nothing"


ABSENT: Final = Absent()
"""The value of a header, cookie or JSONPath that is not there; `null` is a value."""


class Nodes(list[object]):
    """What a JSONPath found that can find several. Empty, it proves nothing about its elements."""


Test = Callable[[object], bool | None]


class Matcher(NamedTuple):
    """One expectation; immutable, without state, safe between threads."""

    expectation: str
    """What is expected, to be read after "expected"."""
    test: Test
    """Whether a value meets it; `None` where it cannot be applied to such a value."""
    parts: tuple["Matcher", ...] = ()
    """Where all of several have to hold: those, so that the one that does not is named."""

    def holds(self, actual: object) -> bool:
        """Return whether `actual` meets the expectation."""
        return self.test(actual) is True

    def explain(self, actual: object) -> str | None:
        """Return `None` where it holds, else one line: `expected …, got …`."""
        if self.holds(actual):
            return None
        for part in self.parts:
            cause = part.explain(actual)
            if cause is not None:
                return cause
        return f"expected {self.expectation}, got {shown(actual)}"


def shown(value: object) -> str:
    """Return a value on one line, at most 160 characters of it, safe to write as UTF-8."""
    if value is ABSENT or (isinstance(value, Nodes) and not value):
        return "nothing"
    if isinstance(value, str | list | dict):
        text = json.dumps(value if isinstance(value, str) else _short(value), ensure_ascii=False)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    # JSON leaves the line separators of Unicode as they are.
    text = " ".join(text.encode("utf-8", "replace").decode().splitlines())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _short(value: object, depth: int = 4) -> object:
    """Return as much of a collection as can be shown; a body may nest and grow without end."""
    if isinstance(value, list):
        return [_short(one, depth - 1) for one in value[:20]] if depth else "…"
    if isinstance(value, dict):
        if not depth:
            return "…"
        return {key: _short(one, depth - 1) for key, one in list(value.items())[:20]}
    return value[: 2 * _SHOWN] if isinstance(value, str) else value
