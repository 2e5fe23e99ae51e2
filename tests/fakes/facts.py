"""GitHub's further facts out of dictionaries: what was not given cannot be read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from readiness_gate.errors import ForgeError
from readiness_gate.model.alert import AlertKind, Alerts
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.change import FileChange
from readiness_gate.model.commit_checks import CommitChecks
from readiness_gate.model.delivery import (
    CommitRuns,
    ImageAnswer,
    LineHistory,
    OwnersFile,
    ReleaseAnswer,
    TagAnswer,
    WorkflowHistory,
)
from readiness_gate.model.deployment import CommitDeployments
from readiness_gate.model.job import Job
from readiness_gate.model.remark import Remark
from readiness_gate.model.review import Reviews

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass
class FakeInventory:
    """The `Inventory` of a test."""

    files: Mapping[int, Sequence[FileChange] | ForgeError] = field(default_factory=dict)
    permissions: Mapping[str, str | ForgeError] = field(default_factory=dict)
    code_owners: Mapping[str, OwnersFile | ForgeError] = field(default_factory=dict)
    histories: Mapping[tuple[str, str], WorkflowHistory | ForgeError] = field(default_factory=dict)
    runs: Mapping[tuple[str, str], CommitRuns | ForgeError] = field(default_factory=dict)
    releases: Mapping[str, ReleaseAnswer | ForgeError] = field(default_factory=dict)
    tags: Mapping[str, TagAnswer | ForgeError] = field(default_factory=dict)
    images: Mapping[str, ImageAnswer | ForgeError] = field(default_factory=dict)
    blamed: Mapping[tuple[str, str], LineHistory | ForgeError] = field(default_factory=dict)

    def changes(self, number: int) -> tuple[FileChange, ...]:
        """Return what was given for the pull request."""
        return tuple(_given(self.files, number))

    def plain_changes(self, numbers: Collection[int]) -> Mapping[int, tuple[FileChange, ...]]:
        """Return none: each is asked for alone."""
        return {}

    def permission(self, login: str) -> str:
        """Return what was given for the login in lower case."""
        return _given(self.permissions, login.lower())

    def owners(self, commit: str) -> OwnersFile:
        """Return what was given for the commit."""
        return _given(self.code_owners, commit)

    def lines(self, path: str, commit: str) -> LineHistory:
        """Return what was given for the file at the commit."""
        return _given(self.blamed, (path, commit))

    def history(self, workflow: str, branch: str) -> WorkflowHistory:
        """Return what was given for the workflow on the branch."""
        return _given(self.histories, (workflow, branch))

    def commit_runs(self, commit: str, workflow: str) -> CommitRuns:
        """Return what was given for the commit and the workflow."""
        return _given(self.runs, (commit, workflow))

    def release(self, tag: str) -> ReleaseAnswer:
        """Return what was given for the tag."""
        return _given(self.releases, tag)

    def tag(self, name: str) -> TagAnswer:
        """Return what was given for the tag."""
        return _given(self.tags, name)

    def image(self, image: str) -> ImageAnswer:
        """Return what was given for the image."""
        return _given(self.images, image)


@dataclass
class FakeFacts:
    """The `Facts` of a test; a value that is an error is raised."""

    commits: Mapping[str, CommitChecks | ForgeError] = field(default_factory=dict)
    branches: Mapping[str, BranchRules | ForgeError] = field(default_factory=dict)
    deployed: Mapping[str, CommitDeployments | ForgeError] = field(default_factory=dict)
    reviewed: Mapping[int, Reviews | ForgeError] = field(default_factory=dict)
    found: Mapping[tuple[AlertKind, str], Alerts | ForgeError] = field(default_factory=dict)
    jobs_of: Mapping[int, tuple[Job, ...] | ForgeError] = field(default_factory=dict)
    teams: Mapping[str, Collection[str] | ForgeError] = field(default_factory=dict)
    said: Mapping[int, Sequence[Remark] | ForgeError] = field(default_factory=dict)
    inventory: FakeInventory = field(default_factory=FakeInventory)

    def checks(self, commit: str) -> CommitChecks:
        """Return what was given for the commit."""
        return _given(self.commits, commit)

    def remarks(self, number: int) -> tuple[Remark, ...]:
        """Return what was given for the pull request."""
        return tuple(_given(self.said, number))

    def branch_rules(self, branch: str) -> BranchRules:
        """Return what was given for the branch."""
        return _given(self.branches, branch)

    def deployments(self, commit: str) -> CommitDeployments:
        """Return what was given for the commit."""
        return _given(self.deployed, commit)

    def reviews(self, number: int) -> Reviews:
        """Return what was given for the pull request."""
        return _given(self.reviewed, number)

    def alerts(self, kind: AlertKind, ref: str) -> Alerts:
        """Return what was given for the scanner and the ref."""
        return _given(self.found, (kind, ref))

    def jobs(self, run: int) -> tuple[Job, ...]:
        """Return what was given for the workflow run."""
        return _given(self.jobs_of, run)

    def team(self, name: str) -> Collection[str]:
        """Return what was given for the team."""
        return _given(self.teams, name)


def _given(known: Mapping[Key, Value | ForgeError], key: Key) -> Value:
    value = known.get(key, ForgeError(f"the test gave nothing for {key}"))
    if isinstance(value, ForgeError):
        raise value
    return value
