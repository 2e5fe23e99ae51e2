"""Grafana dashboards as JSON: panels, what they ask for, and what is missing in them.

As exported from Grafana or taken from its HTTP API (`{"dashboard": …}`); rows of old files and
collapsed rows hold panels as well.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.formats.json_report import read_json

_WITHOUT_QUERY = frozenset({"text", "row", "news", "dashlist", "alertlist", "annolist", "welcome"})
_QUERY_KEYS = ("expr", "query", "rawSql", "rawQuery", "target", "expression", "queryText")


@dataclass(frozen=True)
class Panel:
    """One panel that shows data."""

    title: str
    queries: tuple[str, ...]
    line: int | None
    """Line of its title."""
    is_shared: bool
    """Whether it is a library panel, whose queries stand elsewhere."""


@dataclass(frozen=True)
class Dashboard:
    """One dashboard."""

    title: str
    uid: str
    panels: tuple[Panel, ...]


def read_dashboard(data: bytes) -> Dashboard:
    """Return the dashboard of a file.

    Raises:
        ValueError: it is not JSON, nested too deep, or no dashboard.
    """
    document = read_json(data)
    if isinstance(document, dict) and isinstance(document.get("dashboard"), dict):
        document = document["dashboard"]
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")
    title = document.get("title")
    if not isinstance(title, str) or not title.strip():
        raise ValueError("it has no title")
    if not isinstance(document.get("panels"), list) and not isinstance(document.get("rows"), list):
        raise ValueError("it has no list of panels")
    lines = _Lines(data.decode("utf-8", "replace"))
    panels = tuple(_panel(one, lines) for one in _panels(document))
    return Dashboard(title, str(document.get("uid") or ""), panels)


def _panels(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in ("rows", "panels"):
        entries = node.get(key)
        for one in entries if isinstance(entries, list) else ():
            if not isinstance(one, dict):
                raise ValueError("a panel is no JSON object")
            if key == "panels" and one.get("type") not in _WITHOUT_QUERY:
                yield one
            yield from _panels(one)


def _panel(panel: Mapping[str, Any], lines: "_Lines") -> Panel:
    title = panel.get("title")
    title = title if isinstance(title, str) else ""
    targets = panel.get("targets")
    queries = tuple(
        text
        for one in (targets if isinstance(targets, list) else ())
        if isinstance(one, dict)
        for key in _QUERY_KEYS
        if isinstance(text := one.get(key), str) and text.strip()
    )
    shared = isinstance(panel.get("libraryPanel"), dict)
    return Panel(title, queries, lines.of_title(title), shared)


class _Lines:
    """Finds lines of titles; JSON's reader does not tell them."""

    def __init__(self, text: str) -> None:
        self._known: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            name, sign, value = line.strip().partition(":")
            if sign and name == '"title"':
                self._known.setdefault(value.strip().rstrip(","), number)

    def of_title(self, title: str) -> int | None:
        """Return the first line that gives a title, `None` where no line holds only that."""
        for written in (json.dumps(title), json.dumps(title, ensure_ascii=False)):
            if written in self._known:
                return self._known[written]
        return None
