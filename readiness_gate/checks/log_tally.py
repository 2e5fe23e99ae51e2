"""What the lines of a log amount to: counted one by one, so that a log of any length costs little.

Nothing of a line is kept but a few examples, cut short.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.matchers import ABSENT, Matcher
from readiness_gate.stack.facts import LogLine

EXAMPLES = 5
_SHOWN = 200
_CUT = 8_000
"""Characters of a line that an example is made of; a secret at its end may lie across."""
_LEVELS = ("level", "severity", "levelname", "log.level", "lvl", "loglevel")
_ERRORS = frozenset({"error", "err", "critical", "fatal", "alert", "emergency", "panic", "severe"})
_NUMBERED = 50
"""From this number on pino and bunyan mean an error."""
_PARTS = 10
_MOST_PARTS = 100_000
ERROR = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL|PANIC|SEVERE)\b|^Traceback \(most recent call last\)|"
    r"\b(?:level|lvl|severity)=\"?(?:error|err|critical|fatal|panic|alert)\b"
)
"""What makes a line without JSON an error."""


@dataclass(frozen=True)
class Rule:
    """An expression that has to match some line, or that may match none."""

    text: str
    expression: Any
    wanted: bool


@dataclass(frozen=True)
class Sought:
    """A text that may be in no line, told by its name alone."""

    name: str
    forms: tuple[str, ...]


@dataclass
class LogTally:
    """Counts the lines of one service; `add` them one after another."""

    rules: Sequence[Rule] = ()
    fields: Mapping[str, Matcher] = field(default_factory=dict)
    secrets: Sequence[Sought] = ()
    hidden: Sequence[Sought] = ()
    """What no example may show, also where it is not sought."""
    reads_json: bool = False
    aside: bool = False
    """Whether nothing but secrets is looked for."""
    error: Any = ERROR
    """What a line without JSON has to match to count as an error."""
    window: float = 0.0
    """Seconds of a window of errors; 0 counts none."""
    lines: int = 0
    empty: int = 0
    objects: int = 0
    cut: int = 0
    undated: int = 0
    errors: int = 0
    begun: float = 0.0
    ended: float = 0.0
    found: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    leaked: Counter[str] = field(default_factory=Counter)
    parts: Counter[int] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, line: LogLine) -> None:
        """Count one line; empty ones count for nothing."""
        text = line.text
        if not text.strip():
            self.empty += 1
            return
        self.lines += 1
        self.cut += line.cut
        self._date(line.at)
        for sought in self.secrets:
            if any(form in text for form in sought.forms):
                self.leaked[sought.name] += 1
                self._show(f"secret {sought.name}", text)
        for rule in self.rules:
            if rule.expression.search(text) is not None:
                self.found[rule.text] += 1
                # What must not be there is mostly what nobody may read.
                self._show(rule.text, text, mask=None if rule.wanted else rule.expression)
        if self.reads_json:
            self._structured(line)

    @property
    def spread(self) -> float:
        """Seconds between the first and the last line that have a time."""
        return self.ended - self.begun

    @property
    def windows(self) -> Counter[int]:
        """Return the errors of each window by its number, counted from the first line."""
        first = int(self.begun * _PARTS // self.window) if self.window else 0
        found: Counter[int] = Counter()
        for part, count in self.parts.items():
            found[(part - first) // _PARTS] += count
        return found

    def _date(self, at: float) -> None:
        if not at:
            self.undated += 1
            return
        self.begun = min(self.begun, at) if self.begun else at
        self.ended = max(self.ended, at)

    def _structured(self, line: LogLine) -> None:
        record = _record(line.text)
        if record is None:
            self._show("no JSON", line.text)
        else:
            self.objects += 1
            for name, matcher in self.fields.items():
                if not matcher.holds(value_of(record, name)):
                    self.lacking[name] += 1
                    self._show(f"field {name}", line.text)
        if self._is_error(record, line.text):
            self.errors += 1
            self._show("error", line.text)
            if self.window and line.at and len(self.parts) < _MOST_PARTS:
                # Another replica may have begun earlier: windows are laid when all is read.
                self.parts[int(line.at * _PARTS // self.window)] += 1

    def _is_error(self, record: Mapping[str, Any] | None, text: str) -> bool:
        if record is not None:
            for name in _LEVELS:
                level = value_of(record, name)
                if isinstance(level, str):
                    return level.lower() in _ERRORS
                if isinstance(level, int | float) and not isinstance(level, bool):
                    return level >= _NUMBERED
        return self.error.search(text) is not None

    def _show(self, kind: str, text: str, mask: Any = None) -> None:
        """Keep a line as an example, the first few of a kind, without what nobody may read."""
        kept = self.examples.setdefault(kind, [])
        if len(kept) >= EXAMPLES:
            return
        text = text[:_CUT] if mask is None else mask.sub("***", text[:_CUT])
        for sought in (*self.secrets, *self.hidden):
            for form in sought.forms:
                text = text.replace(form, "***")
        kept.append(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")


def value_of(record: Mapping[str, Any], name: str) -> object:
    """Return a field, also one below others by its dotted name; `ABSENT` where there is none."""
    if name in record:
        return record[name]
    found: object = record
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return ABSENT
        found = found[part]
    return found


def _record(text: str) -> Mapping[str, Any] | None:
    stripped = text.strip()
    if not stripped.startswith("{"):
        return None
    try:
        record = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
