"""What words are bound to: `rules.yml`, read once; the first rule that fits decides."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from readiness_gate.doors import yaml

THRESHOLD = 0.5
"""Below it an item is left to people."""
_FILE = Path(__file__).with_name("rules.yml")
_KEYS = {"check", "sure", "words", "section", "detail", "unless", "options"}
_TEXT_CAP = 400
"""Characters of an item that rules look at; what follows explains."""


@dataclass(frozen=True)
class Rule:
    """One line of `rules.yml`."""

    check: str
    sure: float
    words: re.Pattern[str]
    section: re.Pattern[str] | None = None
    detail: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    options: str = ""

    def found(self, text: str, section: str, detail: str) -> re.Match[str] | None:
        """Return where the words are, `None` where the rule does not fit; all in small letters."""
        match = self.words.search(text)
        if match is None or (self.unless is not None and self.unless.search(text)):
            return None
        if self.section is not None and not self.section.search(section):
            return None
        if self.detail is not None and not self.detail.search(detail):
            return None
        return match


@dataclass(frozen=True)
class Fit:
    """A rule that fits an item, and the words that decided."""

    rule: Rule
    words: str


def fit(rules: Iterable[Rule], text: str, section: Sequence[str], detail: str = "") -> Fit | None:
    """Return the first rule that fits an item's text, the headings above it and what is below."""
    small = text[:_TEXT_CAP].casefold()
    above = " > ".join(section).casefold()
    below = detail.casefold()
    for rule in rules:
        if match := rule.found(small, above, below):
            return Fit(rule, match[0].strip() or small[:40])
    return None


@cache
def known_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the gate."""
    return read_rules(_FILE.read_text("utf-8"), name=_FILE.name)


def read_rules(text: str, *, name: str) -> tuple[Rule, ...]:
    """Return the rules of a file.

    Raises:
        ConfigurationError: the file is not YAML.
        ValueError: a rule has an unknown key, or words that are no pattern.
    """
    return tuple(_rule(entry) for entry in yaml.load(text, name=name).data)


def _rule(entry: dict[str, Any]) -> Rule:
    if unknown := set(entry) - _KEYS:
        raise ValueError(f"a rule has the unknown key {min(unknown)!r}")

    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(entry[key]) if key in entry else None

    return Rule(
        check=entry["check"],
        sure=float(entry["sure"]),
        words=re.compile(entry["words"]),
        section=pattern("section"),
        detail=pattern("detail"),
        unless=pattern("unless"),
        options=entry.get("options", ""),
    )
