"""What is counted in one file: words such as TODO, functions with type hints, docstrings."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from readiness_gate.formats.python_facts import python_facts
from readiness_gate.model.evidence import LocationEvidence

SHOWN = 50
Metric = Literal["markers", "type-hints", "docstrings"]


@dataclass(frozen=True)
class Count:
    """Of `whole`, `part` are as they should be; for markers, `part` is their number."""

    part: int = 0
    whole: int = 0
    places: tuple[LocationEvidence, ...] = ()

    def plus(self, other: "Count", sign: int = 1) -> "Count":
        """Return both together, or with `sign` -1 what is left without the other."""
        places = (*self.places, *other.places)[:SHOWN] if sign > 0 else self.places
        return Count(self.part + sign * other.part, self.whole + sign * other.whole, places)


Measure = Callable[[str, bytes], Count]
"""Of a path and a file's bytes; raises ValueError where it is no Python."""


def measure_of(metric: Metric, markers: Sequence[str]) -> Measure:
    """Return what counts a file; `markers` are the words of the metric of that name."""
    if metric == "markers":
        words = "|".join(re.escape(one) for one in markers)
        expression = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")
        return lambda name, data: _markers(name, data, expression)
    return _typed if metric == "type-hints" else _documented


def _markers(name: str, data: bytes, expression: re.Pattern[str]) -> Count:
    if b"\0" in data[:8192]:
        return Count()
    text = data.decode("utf-8", errors="replace")
    places = list(_places(name, text, expression))
    return Count(len(places), 0, tuple(places[:SHOWN]))


def _places(name: str, text: str, expression: re.Pattern[str]) -> Iterator[LocationEvidence]:
    if expression.search(text) is None:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        for _ in expression.finditer(line):
            yield LocationEvidence(path=name, line=number, text=line.strip()[:200])


def _typed(name: str, data: bytes) -> Count:
    found = python_facts(data).measures
    places = [
        LocationEvidence(path=name, line=line, text="a function without all its type hints")
        for line in found.untyped_lines[:SHOWN]
    ]
    return Count(found.typed, found.functions, tuple(places))


def _documented(name: str, data: bytes) -> Count:
    found = python_facts(data).measures
    places = [
        LocationEvidence(path=name, line=line, text="no docstring")
        for line in found.undocumented_lines[:SHOWN]
    ]
    return Count(found.documented, found.documentable, tuple(places))
