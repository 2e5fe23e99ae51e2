"""The snapshot file: facts of GitHub as they were at one moment, for `--snapshot FILE`.

Changes within a schema version are additive only; unknown keys are errors.
"""

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from readiness_gate.errors import ConfigurationError
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
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.pull_request import Issue, PullRequest, Reference
from readiness_gate.model.record import Record
from readiness_gate.model.remark import Remark
from readiness_gate.model.review import Reviews

RepositoryName = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,100}/[\w.-]{1,100}$")]
ReferenceText = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+#[1-9]\d{0,17}$")]
Sha = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class RecordedPullRequest(Record):
    """One pull request, of the home repository or of another one."""

    repository: RepositoryName | None = Field(default=None, description="Default: home.")
    number: int = Field(gt=0)
    title: str = ""
    body: str = ""
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    merged: bool = False
    merged_at: datetime | None = None
    merge_commit_sha: Sha | None = None
    base_branch: str = "main"
    base_sha: Sha
    head_branch: str
    head_sha: Sha
    head_repository: str | None = Field(
        default=None, description="Default: the repository itself; empty once a fork is deleted."
    )
    author: str = ""
    labels: tuple[str, ...] = ()
    reverted_by: ReferenceText | None = Field(
        default=None, description="`owner/repo#n`, the pull request that reverted this one."
    )
    stack_parent: ReferenceText | None = Field(
        default=None, description="`owner/repo#n`, the layer below in a native stack."
    )
    stack_position: int | None = Field(
        default=None, description="Place in a native stack, 1 at the bottom."
    )
    changed_files: tuple[str, ...] | None = Field(
        default=None, description="Paths that it changes; null where they were not recorded."
    )

    def fact(self, home: str) -> PullRequest:
        """Return the pull request in the words of the model."""
        repository = self.repository or home
        head = repository if self.head_repository is None else self.head_repository
        return PullRequest(
            reference=Reference(repository, self.number),
            title=self.title,
            body=self.body,
            state=self.state,
            draft=self.draft,
            merged=self.merged,
            base_branch=self.base_branch,
            base_sha=self.base_sha,
            head_branch=self.head_branch,
            head_sha=self.head_sha,
            head_repository=head,
            author=self.author,
            labels=self.labels,
            merged_at=self.merged_at,
            merge_commit_sha=self.merge_commit_sha,
            reverted_by=reference(self.reverted_by) if self.reverted_by else None,
            stack_parent=reference(self.stack_parent) if self.stack_parent else None,
            stack_position=self.stack_position,
        )


class RecordedIssue(Record):
    """One issue."""

    repository: RepositoryName | None = Field(default=None, description="Default: home.")
    number: int = Field(gt=0)
    title: str = ""
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = Field(
        default=None, description="`completed`, `not_planned`, … as GitHub's REST API says it."
    )

    def fact(self, home: str) -> Issue:
        """Return the issue in the words of the model."""
        where = Reference(self.repository or home, self.number)
        return Issue(where, self.title, self.state, self.state_reason)


class RecordedUnreachable(Record):
    """A reference that GitHub gave no usable answer for."""

    reference: ReferenceText
    reason: str


class RecordedStatus(Record):
    """The newest status of one context on one commit."""

    context: str
    state: Conclusion
    description: str = ""
    target_url: str = ""
    creator: str = ""


class RecordedComment(Record):
    """A comment on a pull request; `own` is true for the token's own identity."""

    id: int
    body: str
    url: str = ""
    own: bool = True
    updated_at: datetime | None = None


class RecordedGroup(Record):
    """A group of the merge queue with its members, first to merge first."""

    head_ref: str
    head_sha: Sha
    base_sha: Sha
    base_branch: str
    members: tuple[int, ...] = Field(description="Numbers of pull requests of the home repository.")


class RecordedInventory(Record):
    """What checks asked of the home repository beside its pull requests."""

    changes: dict[int, tuple[FileChange, ...]] = Field(
        default_factory=dict, description="Files of a pull request, by its number."
    )
    permissions: dict[str, str] = Field(
        default_factory=dict, description="What a person may, by login in lower case."
    )
    owners: tuple[OwnersFile, ...] = ()
    lines: tuple[LineHistory, ...] = ()
    histories: tuple[WorkflowHistory, ...] = ()
    commit_runs: tuple[CommitRuns, ...] = ()
    releases: tuple[ReleaseAnswer, ...] = ()
    tags: tuple[TagAnswer, ...] = ()
    images: tuple[ImageAnswer, ...] = ()


class RecordedLoss(Record):
    """A fact that could not be read, with what GitHub said and the permission that lacks."""

    fact: str = Field(description="`checks`, … as the key of the snapshot that would hold it.")
    key: str = ""
    reason: str
    permission: str | None = None


class Snapshot(Record):
    """Recorded facts; what is not in it is unreachable, never absent."""

    schema_version: Literal[1] = 1
    recorded_at: datetime = Field(description="When the facts were read, with a time zone.")
    repository: RepositoryName = Field(description="The home repository, `owner/repo`.")
    default_branch: str = "main"
    identity: str = Field(
        default="github-actions[bot]", description="Login that the token writes under."
    )
    pull_request: int | None = Field(default=None, description="The one at hand.")
    branches: dict[str, Sha] = Field(default_factory=dict, description="Tips, by branch name.")
    pull_requests: tuple[RecordedPullRequest, ...] = ()
    issues: tuple[RecordedIssue, ...] = ()
    missing: tuple[ReferenceText, ...] = Field(
        default=(), description="Numbers that GitHub says do not exist, `owner/repo#n`."
    )
    unreachable: tuple[RecordedUnreachable, ...] = ()
    files: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Texts of files, by commit SHA (or the name of a branch) and path.",
    )
    statuses: dict[Sha, tuple[RecordedStatus, ...]] = Field(default_factory=dict)
    comments: dict[int, tuple[RecordedComment, ...]] = Field(
        default_factory=dict, description="By number of the pull request, oldest first."
    )
    merge_groups: tuple[RecordedGroup, ...] = ()
    checks: dict[Sha, CommitChecks] = Field(
        default_factory=dict, description="Check runs, statuses and workflow runs, by commit."
    )
    deployments: dict[Sha, CommitDeployments] = Field(
        default_factory=dict, description="By commit."
    )
    reviews: dict[int, Reviews] = Field(
        default_factory=dict, description="By number of a pull request of the home repository."
    )
    alerts: dict[str, Alerts] = Field(
        default_factory=dict,
        description="By scanner, and for code scanning by ref: `dependabot`, "
        "`code-scanning pull-request 14`.",
    )
    teams: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Logins of members, by `organisation/team`."
    )
    jobs: dict[int, tuple[Job, ...]] = Field(
        default_factory=dict,
        description="By workflow run. Not recorded: a run on a laptop is none of them.",
    )
    branch_rules: dict[str, BranchRules] = Field(default_factory=dict, description="By branch.")
    remarks: dict[int, tuple[Remark, ...]] = Field(
        default_factory=dict,
        description="Comments with a command and reviews, by number of the pull request.",
    )
    inventory: RecordedInventory = RecordedInventory()
    lost: tuple[RecordedLoss, ...] = Field(
        default=(), description="Facts of checks that could not be read when it was recorded."
    )


def reference(text: str) -> Reference:
    """Return the reference of `owner/repo#14`, the form that a snapshot holds."""
    repository, _, number = text.rpartition("#")
    return Reference(repository, int(number))


def alerts_key(kind: AlertKind, ref: str) -> str:
    """Return under which key a snapshot holds the alerts of a scanner."""
    return f"{kind} {ref}" if ref and kind == "code-scanning" else kind


def load_snapshot(text: str | bytes, *, name: str) -> Snapshot:
    """Return the snapshot in a file's text.

    Raises:
        ConfigurationError: it is no such JSON; every problem is listed with its path in the file.
    """
    try:
        return Snapshot.model_validate_json(text)
    except ValidationError as error:
        problems = [
            f"{name}: {'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigurationError(
            "\n".join(problems), advice="record it anew with `readiness-gate snapshot`"
        ) from None


def dump_snapshot(snapshot: Snapshot) -> str:
    """Return the snapshot as the text of its file, without what is at its default."""
    data = snapshot.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    version = {"schema-version": snapshot.schema_version}
    return json.dumps(version | data, indent=2, ensure_ascii=False) + "\n"
