"""What a delete may do, by class of table, held against the database; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from readiness_gate.database.catalogue.foreign_key import ForeignKey

ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")


@dataclass(frozen=True)
class Rule:
    """Tables (globs on `table` or `schema.table`) and what their keys may do on delete.

    With `columns`, only keys over one of these columns are meant.
    """

    tables: tuple[str, ...]
    allowed: frozenset[str]
    columns: tuple[str, ...] = ()

    def meets(self, key: ForeignKey) -> bool:
        """Return whether the rule speaks of a key."""
        names = (key.table, f"{key.schema}.{key.table}")
        if not any(fnmatchcase(name, glob) for name in names for glob in self.tables):
            return False
        return not self.columns or any(
            fnmatchcase(name, glob) for name in key.columns for glob in self.columns
        )


@dataclass(frozen=True)
class PolicyFinding:
    """A key that breaks the policy, or itself."""

    key: ForeignKey
    message: str


def judge(
    keys: Iterable[ForeignKey], rules: Sequence[Rule], *, require_explicit: bool
) -> tuple[PolicyFinding, ...]:
    """Return every finding; the first rule that meets a key decides about it."""
    found = []
    for key in keys:
        rule = next((each for each in rules if each.meets(key)), None)
        if rule is not None and key.on_delete not in rule.allowed:
            allowed = " or ".join(action for action in ACTIONS if action in rule.allowed)
            found.append(PolicyFinding(key, f"ON DELETE {key.on_delete}, allowed is {allowed}"))
        elif require_explicit and key.on_delete == "NO ACTION" and rule is None:
            found.append(PolicyFinding(key, "ON DELETE is not written (NO ACTION)"))
        found += contradictions(key)
    return tuple(found)


def contradictions(key: ForeignKey) -> list[PolicyFinding]:
    """Return what can only fail once somebody deletes: NULL into what may not be NULL."""
    facts = dict(zip(key.columns, key.nullable, strict=False))
    defaults = dict(zip(key.columns, key.has_default, strict=False))
    found = []
    for action, name in (
        (action, name) for action in (key.on_delete, key.on_update) for name in key.delete_sets
    ):
        if facts.get(name, True):
            continue
        if action == "SET NULL":
            found.append(f"SET NULL, but {name} is NOT NULL")
        elif action == "SET DEFAULT" and not defaults.get(name, True):
            found.append(f"SET DEFAULT, but {name} is NOT NULL and has no default")
    return [PolicyFinding(key, message) for message in dict.fromkeys(found)]


def unused(keys: Sequence[ForeignKey], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules that decide about no key: a renamed table, a slip of the pen."""
    deciding = {
        index
        for key in keys
        for index in [next((at for at, rule in enumerate(rules) if rule.meets(key)), None)]
        if index is not None
    }
    return tuple(rule for index, rule in enumerate(rules) if index not in deciding)
