"""Facts of GitHub for checks: read when first asked for, in batches, and once for a command."""

import threading
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Forge
from readiness_gate.forge.inventory_once import InventoryOnce
from readiness_gate.model.alert import AlertKind, Alerts
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.commit_checks import CommitChecks
from readiness_gate.model.deployment import CommitDeployments
from readiness_gate.model.job import Job
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.remark import Remark
from readiness_gate.model.review import Reviews

BATCH = 25
"""Keys that are read together: one query, far below GitHub's ten seconds."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class FactsOnce:
    """The facts of one command.

    A sweep says with `expect` which pull requests come up. The first check that asks for a fact
    of one of them has it read for the next `BATCH` of them, too; what no check asks for costs
    nothing. An error is kept like an answer: the same question is not asked twice.
    """

    def __init__(self, forge: Forge) -> None:
        """Read from `forge`."""
        self._lock = threading.RLock()
        self._checks = _Batched(forge.checks)
        self._deployments = _Batched(forge.deployments)
        self._reviews = _Batched(forge.reviews)
        self._remarks = _Batched(forge.remarks)
        self.inventory = InventoryOnce(forge, self._lock)
        self._rules = _Batched(_each(forge.branch_rules))
        self._forge = forge
        self._alerts = _Batched(_each(self._read_alerts))
        self._teams = _Batched(_each(forge.team))
        self._jobs = _Batched(_each(forge.jobs))

    def expect(self, pull_requests: Iterable[PullRequest]) -> None:
        """Take note of the pull requests that checks will ask about, in this order."""
        with self._lock:
            for one in pull_requests:
                self._checks.expected.setdefault(one.head_sha)
                self._deployments.expected.setdefault(one.head_sha)
                self._reviews.expected.setdefault(one.reference.number)
                self._remarks.expected.setdefault(one.reference.number)
                self.inventory.expected.setdefault(one.reference.number)

    def checks(self, commit: str) -> CommitChecks:
        """Return the check runs, statuses and workflow runs of a commit."""
        with self._lock:
            return self._checks.get(commit)

    def remarks(self, number: int) -> tuple[Remark, ...]:
        """Return comments that hold a command, and reviews, of a pull request."""
        with self._lock:
            return self._remarks.get(number)

    def deployments(self, commit: str) -> CommitDeployments:
        """Return what was deployed of a commit."""
        with self._lock:
            return self._deployments.get(commit)

    def reviews(self, number: int) -> Reviews:
        """Return what reviewers said of a pull request of the home repository."""
        with self._lock:
            return self._reviews.get(number)

    def alerts(self, kind: AlertKind, ref: str) -> Alerts:
        """Return the open alerts of one scanner; `ref` as in `Lookups`."""
        with self._lock:
            return self._alerts.get((kind, ref if kind == "code-scanning" else ""))

    def _read_alerts(self, asked: tuple[AlertKind, str]) -> Alerts:
        return self._forge.alerts(*asked)

    def team(self, name: str) -> Collection[str]:
        """Return the logins of a team, `organisation/team`, in lower case."""
        with self._lock:
            return self._teams.get(name)

    def jobs(self, run: int) -> tuple[Job, ...]:
        """Return the jobs of the newest attempt of a workflow run."""
        with self._lock:
            return self._jobs.get(run)

    def branch_rules(self, branch: str) -> BranchRules:
        """Return what the branch asks of a merge; what the token cannot see is `hidden`."""
        with self._lock:
            return self._rules.get(branch)


def _each(read: Callable[[Key], Value]) -> Callable[[Collection[Key]], Mapping[Key, Value]]:
    """Return a batch that is read one by one; nothing is expected of it, so it has one key."""
    return lambda keys: {key: read(key) for key in keys}


@dataclass
class _Batched(Generic[Key, Value]):
    read: Callable[[Collection[Key]], Mapping[Key, Value | ForgeError]]
    expected: dict[Key, None] = field(default_factory=dict)
    known: dict[Key, Value | ForgeError] = field(default_factory=dict)

    def get(self, key: Key) -> Value:
        if key not in self.known:
            self.known |= self._read(self._batch(key))
        found = self.known.get(key, ForgeError("GitHub gave no answer"))
        if isinstance(found, ForgeError):
            raise found
        return found

    def _batch(self, key: Key) -> list[Key]:
        beside = [one for one in self.expected if one not in self.known and one != key]
        return [key, *beside[: BATCH - 1]] if key in self.expected else [key]

    def _read(self, keys: list[Key]) -> dict[Key, Value | ForgeError]:
        try:
            return dict(self.read(keys))
        except ForgeError as error:
            return dict.fromkeys(keys, error)
