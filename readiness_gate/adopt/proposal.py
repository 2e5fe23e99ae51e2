"""Each line of a checklist with the check that is proposed for it, why, and how sure that is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.adopt.options import filled
from readiness_gate.adopt.options.wanted import Filled, Wanted
from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.adopt.rules import THRESHOLD, Fit, Rule, fit
from readiness_gate.adopt.stages import stage_of
from readiness_gate.adopt.target import Target
from readiness_gate.checklist.document import Item
from readiness_gate.checks.base import Check
from readiness_gate.doors import records, yaml
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import Stage

ATTESTATION = "attestation"
_FOUND = 0.05
"""How much surer it is where the repository holds what the options name."""


@dataclass(frozen=True)
class Proposal:
    """One item and its binding."""

    item: Item
    check: str
    stage: Stage
    confidence: float
    """From 0 to 1; below 0.5 an item is left to people."""
    reason: str
    options: Mapping[str, Any] = field(default_factory=dict)
    todo: str = ""
    """What somebody has to add before it is evaluated; empty where it is complete."""
    words: str = ""
    """The words of the item that decided."""


@dataclass(frozen=True)
class Proposer:
    """Proposes bindings out of rules, the catalogue and one checkout."""

    rules: Sequence[Rule]
    catalogue: Mapping[str, Check[Any]]
    facts: RepositoryFacts
    target: Target

    def proposals(self, items: Sequence[Item]) -> tuple[Proposal, ...]:
        """Return a proposal for every item, in their order."""
        headings = frozenset(heading for item in items for heading in item.section[1:])
        return tuple(self._proposal(item, headings) for item in items)

    def _proposal(self, item: Item, headings: frozenset[str]) -> Proposal:
        detail = " ".join([*(one.text for one in item.fields), *item.options])
        found = fit(self.rules, item.text, item.section, detail)
        if found is None or found.rule.sure < THRESHOLD:
            sure = found.rule.sure if found else 0.0
            return self._to_people(item, sure, "no rule knows a check for these words")
        if found.rule.check == ATTESTATION:
            reason = f'"{found.words}" is for people to say'
            return self._to_people(item, found.rule.sure, reason)
        return self._bound(item, found, headings)

    def _to_people(self, item: Item, sure: float, reason: str, todo: str = "") -> Proposal:
        stage = stage_of(item, ATTESTATION, {}, in_stack=False)
        notes = "; ".join(filter(None, (todo, _condition(item))))
        return Proposal(item, ATTESTATION, stage, sure, reason, {}, notes)

    def _bound(self, item: Item, found: Fit, headings: frozenset[str]) -> Proposal:
        name = found.rule.check
        check = self.catalogue.get(name)
        if check is None:
            todo = f"bind it to {name} once this version has it"
            return self._to_people(item, found.rule.sure, f'"{found.words}"', todo)
        wish = filled(name, Wanted(item, self.facts, found.rule.options, headings))
        options, todo = self._accepted(check, wish)
        served = self.facts.service("edge") is not None
        stage = stage_of(item, name, options, in_stack=served)
        if check.first_stage is not None:
            stage = max(stage, self._first(check, options), key=list(Stage).index)
        notes = [todo, self.target.lacks(check, wish, stage), _condition(item)]
        sure = found.rule.sure if any(notes) else min(0.99, found.rule.sure + _FOUND)
        todo = "; ".join(dict.fromkeys(filter(None, notes)))
        reason = f'"{found.words}": {check.title}'
        return Proposal(item, name, stage, round(sure, 2), reason, options, todo, found.words)

    def _accepted(self, check: Check[Any], wish: Filled) -> tuple[dict[str, Any], str]:
        """Return options that the check takes: those wished for, else those of its own example."""
        database = {"database": self.target.database} if self.target.database else {}
        options = {**(database if wish.database else {}), **wish.options}
        for given, lacks in (
            (options, wish.todo),
            (dict(check.example or {}), "write its options"),
        ):
            if self._refused(check, given) is None:
                return given, lacks
        return {}, "write its options"

    def _refused(self, check: Check[Any], options: Mapping[str, Any]) -> str | None:
        try:
            records.read(yaml.load(json.dumps(options), name=check.id), check.options)
        except ConfigurationError as error:
            return error.message
        return None

    def _first(self, check: Check[Any], options: Mapping[str, Any]) -> Stage:
        bound = records.read(yaml.load(json.dumps(options), name=check.id), check.options)
        return check.first_stage(bound) if check.first_stage else Stage.PRE_MERGE


def _condition(item: Item) -> str:
    return f"decide whether it applies ({item.condition})" if item.condition else ""
