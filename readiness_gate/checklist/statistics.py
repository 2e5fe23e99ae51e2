"""Figures that a checklist states, `88 tables, 99 foreign keys, 0 orphans`. Pure.

A figure is known by the words beside it, English or Russian, and held against what checks counted
under the same name (`figures` of a result), and against the other places that state it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.checklist.document import Statistic
from readiness_gate.model.item import ItemResult

ABOUT = 0.1
"""How far off a figure with `~` may be."""
PARTS = ("cascade", "set-null", "restrict", "set-default", "no-action")
WHOLE = "foreign-keys"
_NAMES: Sequence[tuple[str, str, str]] = (
    ("orphaned-rows", r"orphan", "сирот|осиротевш"),
    ("cascade", r"\bcascade", ""),
    ("set-null", r"\bset[ _-]?null", ""),
    ("set-default", r"\bset[ _-]?default", ""),
    ("restrict", r"\brestrict", ""),
    ("no-action", r"\bno[ _-]?action", ""),
    ("foreign-keys", r"\bfks?\b|foreign[ _-]?keys?", "внешни. ключ|внешних ключ"),
    ("tables", r"\btables?\b", "таблиц"),
    ("heads", r"\bheads?\b", "голов"),
    ("migrations", r"\bmigrations?\b|\brevisions?\b", "миграци"),
    ("coverage", r"\bcoverage\b", "покрыти"),
    ("tests", r"\btests?\b", "тест"),
    ("indexes", r"\bindex(es)?\b", "индекс"),
)
"""The name of a figure by the words of its label, in English and as stems in Russian; the first
that is found is meant."""
_COMPILED = tuple(
    (name, re.compile(rf"{english}|(?<!\w)({russian})" if russian else english, re.IGNORECASE))
    for name, english, russian in _NAMES
)


def named(label: str) -> str | None:
    """Return the name under which a check counts what a label is about, if any does."""
    return next((name for name, pattern in _COMPILED if pattern.search(label)), None)


@dataclass(frozen=True)
class Held:
    """A stated figure beside a measured one, or beside another stated one."""

    statistic: Statistic
    name: str
    found: str
    agrees: bool


def measured(results: Iterable[ItemResult]) -> dict[str, set[float]]:
    """Return what checks counted, by name; several databases give several values."""
    found: dict[str, set[float]] = {}
    for one in results:
        for name, value in one.figures.items():
            found.setdefault(name, set()).add(value)
    return found


def against(statistics: Iterable[Statistic], figures: Mapping[str, set[float]]) -> Iterator[Held]:
    """Yield each figure that was measured too, with what was measured."""
    for one in statistics:
        name = named(one.label)
        values = figures.get(name, set()) if name is not None else set()
        if name is None or not values:
            continue
        found = " and ".join(plain(value) for value in sorted(values))
        yield Held(one, name, found, any(holds(one, value) for value in values))


def holds(one: Statistic, value: float) -> bool:
    """Return whether a measured value is what is stated."""
    match one.relation:
        case "~":
            return abs(value - one.value) <= ABOUT * max(abs(one.value), 1.0)
        case ">=":
            return value >= one.value
        case ">":
            return value > one.value
        case "<=":
            return value <= one.value
        case "<":
            return value < one.value
        case _:
            return value == one.value


def contradictions(statistics: Sequence[Statistic]) -> Iterator[Held]:
    """Yield each figure that cannot be true beside an earlier one of the same document."""
    first: dict[str, list[Statistic]] = {}
    for one in statistics:
        name = named(one.label)
        if name is None or any(_same(one, before) for before in first.get(name, ())):
            continue
        for before in first.setdefault(name, []):
            if not _together(before, one):
                yield Held(one, name, f"{before.text} (line {before.line})", agrees=False)
                break
        first[name].append(one)
    parts = [first[name][0] for name in PARTS if name in first]
    whole = first.get(WHOLE, ())
    total = sum(one.value for one in parts)
    exact = [one for one in whole if one.relation in {"==", "~"}]
    if len(parts) > 1 and exact and total > exact[0].value * (1 + ABOUT):
        sums = " + ".join(plain(one.value) for one in parts)
        yield Held(exact[0], WHOLE, f"{sums} = {plain(total)} by what a delete does", agrees=False)


def _same(one: Statistic, other: Statistic) -> bool:
    return (one.value, one.relation) == (other.value, other.relation)


def _together(one: Statistic, other: Statistic) -> bool:
    low, high = _range(one)
    least, most = _range(other)
    return max(low, least) <= min(high, most)


def _range(one: Statistic) -> tuple[float, float]:
    far = float("inf")
    match one.relation:
        case "~":
            slack = ABOUT * max(abs(one.value), 1.0)
            return one.value - slack, one.value + slack
        case ">=" | ">":
            return one.value, far
        case "<=" | "<":
            return -far, one.value
        case _:
            return one.value, one.value


def stated(one: Statistic) -> str:
    """Return the figure as the document has it: `~45`, `84 or more`."""
    value = f"{plain(one.value)}{' %' if one.unit == '%' else ''}"
    return {"~": f"about {value}", ">=": f"{value} or more", ">": f"more than {value}"}.get(
        one.relation, value if one.relation == "==" else f"{one.relation} {value}"
    )


def plain(value: float) -> str:
    """Return a number without a needless point."""
    return f"{value:.0f}" if value == int(value) else f"{value:g}"
