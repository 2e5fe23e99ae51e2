"""Thresholds as k6 and hurl write them, with their unit: `<200ms`, `>80%`, `>=3`."""

import operator
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

from readiness_gate import units

_FORM = re.compile(r"(<=|>=|===?|!=|<|>)[ \t]{0,9}(\S.{0,60})")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "===": operator.eq,
    "!=": operator.ne,
}


class Unit(StrEnum):
    """What is measured, with an example of how a limit is written."""

    NUMBER = "<5"
    PERCENT = ">80%"
    DURATION = "<200ms"
    SIZE = "<500MB"


class Threshold(NamedTuple):
    """A limit for a measured number."""

    text: str
    operator: str
    limit: float
    """In the unit's base: seconds, bytes, percent from 0 to 100, or plain."""
    unit: Unit

    def explain(self, actual: float | None) -> str | None:
        """Return `None` where the measured number is within the limit, else one line why not.

        A number that was not measured (`None`, NaN) is never within a limit.
        """
        if actual is None or not isfinite(actual):
            return f"expected {self.text}, got nothing"
        if _OPERATORS[self.operator](actual, self.limit):
            return None
        return f"expected {self.text}, got {written(actual, self.unit)}"


def threshold(text: str, unit: Unit) -> Threshold:
    """Return the limit that a text states.

    Raises:
        ValueError: there is no comparison, or the limit has not the unit.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise ValueError(f"{text[:40]!r} is no comparison such as {unit.value}")
    return Threshold(text.strip(), form[1], _limit(form[2].strip(), unit), unit)


def _limit(text: str, unit: Unit) -> float:
    if unit is Unit.DURATION:
        return units.duration(text)
    if unit is Unit.SIZE:
        return units.size(text)
    plain = text.removesuffix("%").rstrip() if unit is Unit.PERCENT else text
    if not _NUMBER.fullmatch(plain) or (unit is Unit.PERCENT and not text.endswith("%")):
        raise ValueError(f"{text[:40]!r} is no limit such as the one in {unit.value}")
    return float(plain)


def written(value: float, unit: Unit) -> str:
    """Return a measured number with its unit, for readers."""
    match unit:
        case Unit.DURATION:
            return f"{value * 1000:.0f} ms" if value < 10 else f"{value:.1f} s"
        case Unit.SIZE:
            return f"{value:.0f} bytes"
        case Unit.PERCENT:
            return f"{value:.1f} %"
    return f"{value:g}"
