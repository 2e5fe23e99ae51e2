"""GitHub's further facts out of dictionaries: what was not given cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from readiness_gate.errors import ForgeError
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.commit_checks import CommitChecks

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass
class FakeFacts:
    """The `Facts` of a test; a value that is an error is raised."""

    commits: Mapping[str, CommitChecks | ForgeError] = field(default_factory=dict)
    branches: Mapping[str, BranchRules | ForgeError] = field(default_factory=dict)

    def checks(self, commit: str) -> CommitChecks:
        """Return what was given for the commit."""
        return _given(self.commits, commit)

    def branch_rules(self, branch: str) -> BranchRules:
        """Return what was given for the branch."""
        return _given(self.branches, branch)


def _given(known: Mapping[Key, Value | ForgeError], key: Key) -> Value:
    value = known.get(key, ForgeError(f"the test gave nothing for {key}"))
    if isinstance(value, ForgeError):
        raise value
    return value
