"""What becomes of a row without its parent: by policy, and by what its columns allow. Pure.

Data that the policy keeps is never deleted by a plan; it is set aside, and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.policy import Rule


class Action(StrEnum):
    """What a step does; each keeps a copy of what it changes."""

    DELETE = "delete"
    SET_NULL = "set null"
    QUARANTINE = "quarantine"
    RESTORE = "restore"
    """The parents are copied back out of a backup; the rows stay as they are."""

    @property
    def removes(self) -> bool:
        """Whether rows leave their table, so that what refers to them has to go first."""
        return self in {Action.DELETE, Action.QUARANTINE}


@dataclass(frozen=True)
class Decision:
    """An action, and why."""

    action: Action
    reason: str


def decide(key: ForeignKey, rules: Sequence[Rule], *, in_backup: bool = False) -> Decision:
    """Return what to do with the rows that break a key.

    The first rule of the policy that meets the key decides; without one, the key's own ON DELETE
    and its columns do. `in_backup` says that every missing parent is in a backup.
    """
    rule = next((one for one in rules if one.meets(key)), None)
    emptied = _may_be_null(key)
    if rule is None:
        return _without_rule(key, emptied)
    kept = rule.allowed <= {"RESTRICT", "NO ACTION"} or not (emptied or "CASCADE" in rule.allowed)
    if kept and in_backup:
        return Decision(Action.RESTORE, "the policy keeps it, and the parents are in the backup")
    if "SET NULL" in rule.allowed and emptied:
        return Decision(Action.SET_NULL, "the policy allows SET NULL")
    if "CASCADE" in rule.allowed:
        return Decision(Action.DELETE, "the policy lets it go with its parent")
    return Decision(Action.QUARANTINE, "the policy keeps it: set aside until a person decides")


def _without_rule(key: ForeignKey, emptied: bool) -> Decision:
    if emptied:
        return Decision(Action.SET_NULL, "no rule, and the column may be NULL")
    if key.on_delete == "CASCADE":
        return Decision(Action.DELETE, "no rule, and the key says ON DELETE CASCADE")
    return Decision(Action.QUARANTINE, "no rule, and the column is NOT NULL")


def _may_be_null(key: ForeignKey) -> bool:
    """Return whether every column that would be emptied may be, and identifies no row."""
    facts = dict(zip(key.columns, key.nullable, strict=False))
    return all(facts.get(name, False) and name not in key.primary_key for name in key.delete_sets)
