"""What options are filled from: an item, the rule that fits, the checkout, the whole checklist."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.checklist.document import FieldKind, Item, Threshold

_NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_PATH = re.compile(r"(?<![\w:])/(?:[\w{}-]+/?)+")
_DOCUMENT = re.compile(r"\b[\w./-]+\.(?:md|rst|adoc)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Filled:
    """Options for a check, and what they still lack."""

    options: Mapping[str, Any] = field(default_factory=dict)
    todo: str = ""
    """One line for the person who finishes the binding; empty where nothing is missing."""
    database: bool = False
    """Whether `database:` is to be named."""


@dataclass(frozen=True)
class Wanted:
    """An item that a rule binds."""

    item: Item
    facts: RepositoryFacts
    kind: str
    """The rule's `options`."""
    headings: frozenset[str] = frozenset()
    """Every heading that has items below it."""

    @cached_property
    def told(self) -> str:
        """Return the item's text with its fields, commands and bullets."""
        item = self.item
        fields = (
            " ".join((one.text, *one.values))
            for one in item.fields
            if one.kind not in {FieldKind.PROBLEM, FieldKind.RISK}
        )
        commands = (one.text for one in item.commands)
        return "\n".join([item.text, *fields, *commands, *item.options])

    @cached_property
    def small(self) -> str:
        """Return the item's text in small letters."""
        return self.item.text.casefold()

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Return the names of environment variables that the item tells of."""
        return tuple(dict.fromkeys(_NAME.findall(self.told)))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of URLs that the item tells of."""
        return tuple(dict.fromkeys(_PATH.findall(self.told)))

    @cached_property
    def documents(self) -> tuple[str, ...]:
        """Return the names of documents that the item tells of."""
        return tuple(dict.fromkeys(_DOCUMENT.findall(self.told)))

    def threshold(self, *units: str) -> Threshold | None:
        """Return the first promised number with one of these units (`users`, `/day` at its end)."""
        return next((one for one in self.item.thresholds if one.unit in units or not units), None)


def number(value: float) -> str:
    """Return a number without a needless fraction."""
    return str(int(value)) if value == int(value) else str(value)
