"""Alertmanager's configuration: who is told of an alert with given labels.

After Alertmanager's documentation of `route`: the first child that matches, further ones where
`continue` is set, the node itself where no child does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.doors.project_yaml import PlacedDocument
from readiness_gate.expressions import compiled

_MATCHER = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(\"(?:[^\"\\]|\\.)*\"|[^,]*)")
_DEEPEST = 20
_LONGEST = 2_000


@dataclass(frozen=True)
class Matcher:
    """One condition on a label; a label that is not there counts as empty."""

    label: str
    operator: str
    value: str

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Return whether labels meet it.

        Raises:
            ValueError: its expression is not RE2.
        """
        actual = labels.get(self.label, "")
        if self.operator in {"=", "!="}:
            return (actual == self.value) == (self.operator == "=")
        return _matches(self.value, actual) == (self.operator == "=~")


@dataclass(frozen=True)
class Route:
    """One node of the tree."""

    receiver: str
    matchers: tuple[Matcher, ...]
    goes_on: bool
    children: tuple["Route", ...]

    def told(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return the receivers of an alert with these labels."""
        found: list[str] = []
        for child in self.children:
            if all(matcher.holds(labels) for matcher in child.matchers):
                found += child.told(labels)
                if not child.goes_on:
                    break
        return tuple(found) or (self.receiver,)


@dataclass
class Alertmanager:
    """The tree, who can be told, and what Alertmanager would refuse."""

    route: Route | None = None
    receivers: dict[str, bool] = field(default_factory=dict)
    """By name, whether it tells anybody at all."""
    problems: list[tuple[int, str]] = field(default_factory=list)


def alertmanager(document: PlacedDocument) -> Alertmanager:
    """Return what a document says; what is wrong with it is in `problems`."""
    found = Alertmanager()
    data = document.data
    if not isinstance(data, dict):
        found.problems.append((document.line, "it is no mapping"))
        return found
    _receivers(document, data.get("receivers"), found)
    if not isinstance(data.get("route"), dict):
        found.problems.append((document.line, "there is no route"))
        return found
    found.route = _route(document, data["route"], "", found, 0)
    if found.route.matchers:
        line = document.line_of(data, "route")
        found.problems.append((line, "the top route must not have matchers"))
    return found


def _receivers(document: PlacedDocument, value: Any, found: Alertmanager) -> None:
    if not isinstance(value, list) or not value:
        found.problems.append((document.line, "there are no receivers"))
        return
    for number, one in enumerate(value):
        line = document.line_of(value, number)
        name = str(one.get("name") or "") if isinstance(one, dict) else ""
        if not name:
            found.problems.append((line, "a receiver has no name"))
        elif name in found.receivers:
            found.problems.append((line, f"receiver {name} is here twice"))
        else:
            found.receivers[name] = any(
                key.endswith("_configs") and isinstance(entries, list) and entries
                for key, entries in one.items()
            )


def _route(
    document: PlacedDocument, value: dict[str, Any], above: str, found: Alertmanager, depth: int
) -> Route:
    line = document.line_of(value, "receiver")
    receiver = str(value.get("receiver") or above)
    if not receiver:
        found.problems.append((line, "the top route has no receiver"))
    elif receiver not in found.receivers:
        found.problems.append((line, f"there is no receiver {receiver[:80]}"))
    children: list[Route] = []
    below = value.get("routes")
    for number, one in enumerate(below if isinstance(below, list) else ()):
        at = document.line_of(below, number)
        if not isinstance(one, dict) or depth >= _DEEPEST:
            found.problems.append((at, "a route is no mapping, or nested too deep"))
            continue
        children.append(_route(document, one, receiver, found, depth + 1))
    try:
        matchers = tuple(_matchers(value))
        for matcher in matchers:
            matcher.holds({})
    except ValueError as error:
        found.problems.append((line, str(error)))
        matchers = ()
    return Route(receiver, matchers, value.get("continue") is True, tuple(children))


def _matchers(value: Mapping[str, Any]) -> Iterator[Matcher]:
    for key, operator in (("match", "="), ("match_re", "=~")):
        entries = value.get(key)
        for label, text in entries.items() if isinstance(entries, dict) else ():
            yield Matcher(label, operator, str(text))
    written = value.get("matchers")
    for one in written if isinstance(written, list) else [] if written is None else [written]:
        yield from _written(str(one))


def _written(text: str) -> Sequence[Matcher]:
    """Return the matchers of `severity="critical"` or `{a="b",c=~"d|e"}`."""
    if len(text) > _LONGEST:
        raise ValueError(f"a matcher of more than {_LONGEST} characters")
    rest = text.strip()
    if rest.startswith("{") and rest.endswith("}"):
        rest = rest[1:-1]
    found: list[Matcher] = []
    while rest.strip():
        match = _MATCHER.match(rest)
        if match is None:
            raise ValueError(f"{text[:80]!r} is no matcher")
        value = match[3].strip()
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append(Matcher(match[1], match[2], value))
        rest = rest[match.end() :].lstrip()
        if rest and not rest.startswith(","):
            raise ValueError(f"{text[:80]!r} is no matcher")
        rest = rest[1:]
    return found


def _matches(expression: str, text: str) -> bool:
    return compiled(expression).fullmatch(text) is not None
