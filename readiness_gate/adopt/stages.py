"""When an item can first be true: when the facts of its check exist, whatever its heading says."""

import re
from collections.abc import Mapping
from typing import Any

from readiness_gate.checklist.document import Item
from readiness_gate.model.outcome import Stage

_PEOPLE = frozenset({"attestation", "rollup"})
_DEPLOYED = frozenset({"promql", "tls", "dns"})
"""Checks of an address that only a deployed copy has, unless the stack serves it."""
_EVERY_CHANGE = re.compile(
    r"\b(every|each) (change|pull request|pr|merge)\b|before (every |each )?merg"
    r"|per (pr|pull request)|перед (каждым )?слиянием|в каждом (pr|пр)"
)


def stage_of(item: Item, check: str, options: Mapping[str, Any], *, in_stack: bool) -> Stage:
    """Return the stage of an item that is bound to `check`.

    `in_stack`: whether the stack itself has what a check of deployed addresses asks.
    """
    if item.stage is Stage.SCHEDULED:
        return Stage.SCHEDULED
    if check in _PEOPLE:
        return _of_people(item)
    if check == "deployment-status":
        before = options.get("environment") in {"staging", "test"}
        return Stage.PRE_DEPLOY if before else Stage.POST_DEPLOY
    if check == "backup-recency":
        return Stage.SCHEDULED
    if check in _DEPLOYED and not (in_stack and check != "promql"):
        return Stage.POST_DEPLOY
    return Stage.PRE_MERGE


def _of_people(item: Item) -> Stage:
    words = " > ".join((*item.section, item.text)).casefold()
    if _EVERY_CHANGE.search(words):
        return Stage.PRE_MERGE
    return item.stage if item.stage is Stage.POST_DEPLOY else Stage.PRE_DEPLOY
