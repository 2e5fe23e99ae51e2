"""What the gate asks of GitHub, in narrow Protocols.

Three implementations stand behind them: `github.GitHubForge` (PyGithub and GraphQL),
`snapshot.SnapshotForge` (recorded facts; also the tests' fake), and nothing else.
Every method may raise `ForgeError` (no usable answer) and `PermissionMissing` (the token lacks a
named permission); a raised error is never read as "no".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

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
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.pull_request import Fact, MergeGroup, PullRequest, Reference
from readiness_gate.model.remark import Remark
from readiness_gate.model.report import ApiUsage
from readiness_gate.model.review import Reviews

DESCRIPTION_LIMIT = 140
"""Characters of a status description (GitHub REST: commit statuses)."""
COMMENT_LIMIT = 65_536
"""Characters of an issue comment's body."""


@dataclass(frozen=True)
class CommitStatus:
    """The newest status of one context on one commit."""

    context: str
    state: Conclusion
    description: str
    target_url: str
    creator: str
    created_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """An open pull request in the list of all: without its labels, with the statuses it has."""

    pull_request: PullRequest
    statuses: Mapping[str, CommitStatus] | None = None
    """Newest status of its head by context; `None` where they could not be read."""


@dataclass(frozen=True)
class OpenList:
    """Every open pull request of the home repository, by number, in one reading."""

    standing: tuple[Standing, ...]
    default_branch: str | None = None
    merge_methods: frozenset[str] | None = None
    """Of `merge`, `squash` and `rebase` those that the repository allows; `None`: not known."""
    identity: str | None = None
    """The login that the token writes under; `None`: not known."""


@dataclass(frozen=True)
class Tip:
    """The tip of a branch with some files at it.

    `None` is a file that is not there; one that is not in `files` was not wholly read.
    """

    sha: str
    files: Mapping[str, bytes | None]


@dataclass(frozen=True)
class Comment:
    """A comment that the token's own identity wrote."""

    id: int
    body: str
    url: str
    updated_at: datetime | None = None


class PullRequests(Protocol):
    """Reads pull requests and issues."""

    def pull_request(self, number: int) -> PullRequest:
        """Return one pull request of the home repository, read now (never cached).

        Raises:
            ForgeError: no such number, or no answer.
        """
        ...

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Fact]:
        """Return a fact for every reference, in one batch.

        An answer that is missing, partial or an error becomes `Unreachable`, never an absence.
        """
        ...

    def open_pull_requests(self) -> Sequence[PullRequest]:
        """Return every open pull request of the home repository, with bodies, by number."""
        ...

    def open_list(self) -> OpenList:
        """Return the same for a sweep: the statuses of the heads beside, the labels left out."""
        ...

    def labels(self, numbers: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        """Return the labels of pull requests of the home repository, in one batch."""
        ...

    def changed_files(self, number: int) -> Sequence[str]:
        """Return the paths that the pull request changes (new names of renamed files too)."""
        ...

    def merge_group(self, head_ref: str, head_sha: str, base_sha: str) -> MergeGroup:
        """Return the group with its members, walked from `head_sha` down to the base branch.

        Raises:
            ForgeError: the ref is not of the form that GitHub gives to queue branches.
        """
        ...


class Contents(Protocol):
    """Reads files at commits of the home repository."""

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        ...

    def branch_tip(self, branch: str) -> str:
        """Return the commit SHA at the tip of a branch."""
        ...

    def tips(self, branches: Collection[str], paths: Sequence[str]) -> Mapping[str, Tip]:
        """Return the tips of branches with files at them, in one batch.

        A branch that is left out could not be read this way; ask `branch_tip` and `file`.
        """
        ...

    def file(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit, `None` only where GitHub says it is absent."""
        ...

    def export(self, commit: str, directory: Path) -> None:
        """Write the whole tree of a commit below `directory`, links and devices left out."""
        ...


class Statuses(Protocol):
    """Reads and writes commit statuses."""

    def identity(self) -> str:
        """Return the login that the token writes under, such as `github-actions[bot]`."""
        ...

    def statuses(self, sha: str) -> Mapping[str, CommitStatus]:
        """Return the newest status of every context on a commit, by context."""
        ...

    def set_status(
        self, sha: str, context: str, state: Conclusion, description: str, target_url: str
    ) -> None:
        """Write one status; a write that may have happened is looked up before it is repeated."""
        ...


class Comments(Protocol):
    """Reads and writes comments of the token's own identity."""

    def own_comments(self, number: int, marker: str) -> Sequence[Comment]:
        """Return own comments whose first line is `marker`, from all pages, oldest first."""
        ...

    def create_comment(self, number: int, body: str) -> Comment:
        """Write a new comment; looked up before it is repeated, so that none is doubled."""
        ...

    def update_comment(self, comment: Comment, body: str) -> Comment:
        """Replace a comment's body."""
        ...

    def delete_comment(self, comment: Comment) -> None:
        """Delete an own duplicate."""
        ...


class Batches(Protocol):
    """Facts that are read for many pull requests at once; `Facts` asks for them.

    Every key has a value. One that could not be read has the error, which says why.
    """

    def checks(self, commits: Collection[str]) -> Mapping[str, CommitChecks | ForgeError]:
        """Return what was reported on each commit of the home repository."""
        ...

    def deployments(self, commits: Collection[str]) -> Mapping[str, CommitDeployments | ForgeError]:
        """Return what was deployed of each commit of the home repository."""
        ...

    def reviews(self, numbers: Collection[int]) -> Mapping[int, Reviews | ForgeError]:
        """Return what reviewers said of each pull request of the home repository."""
        ...

    def remarks(self, numbers: Collection[int]) -> Mapping[int, tuple[Remark, ...] | ForgeError]:
        """Return, per pull request, comments that hold a command, and reviews; oldest first."""
        ...


class Inventory(Protocol):
    """What the home repository has beside its pull requests; each question one or few requests."""

    def changes(self, number: int) -> tuple[FileChange, ...]:
        """Return what a pull request does to files.

        Raises:
            ForgeError: as ever, and where GitHub does not list them all.
        """
        ...

    def permission(self, login: str) -> str:
        """Return `none`, `read`, `triage`, `write`, `maintain` or `admin`."""
        ...

    def owners(self, commit: str) -> OwnersFile:
        """Return CODEOWNERS at a commit."""
        ...

    def lines(self, path: str, commit: str) -> LineHistory:
        """Return which merged pull requests last changed the lines of a file at a commit."""
        ...

    def history(self, workflow: str, branch: str) -> WorkflowHistory:
        """Return the newest runs, and the newest that succeeded, of a workflow on a branch."""
        ...

    def commit_runs(self, commit: str, workflow: str) -> CommitRuns:
        """Return the runs of a commit with their artifacts; an empty `workflow` is any."""
        ...

    def release(self, tag: str) -> ReleaseAnswer:
        """Return the published release of a tag, or the `latest` one."""
        ...

    def tag(self, name: str) -> TagAnswer:
        """Return the object of a git tag."""
        ...

    def image(self, image: str) -> ImageAnswer:
        """Return the version of `owner/name:tag` or `owner/name@sha256:…` in GitHub's registry."""
        ...


class BatchedInventory(Inventory, Protocol):
    """The inventory as GitHub itself gives it."""

    def plain_changes(self, numbers: Collection[int]) -> Mapping[int, tuple[FileChange, ...]]:
        """Return `changes` of many pull requests in one batch; ask singly for those left out."""
        ...


class Lookups(Protocol):
    """Facts of the home repository or of one of its branches, read one at a time."""

    def branch_rules(self, branch: str) -> BranchRules:
        """Return what the branch asks of a merge; what the token cannot see is `hidden`."""
        ...

    def alerts(self, kind: AlertKind, ref: str) -> Alerts:
        """Return the open alerts of one scanner.

        `ref` is a full ref or `pull-request 14`; empty is the default branch. Only code scanning
        tells them apart.
        """
        ...

    def team(self, name: str) -> Collection[str]:
        """Return the logins of a team, `organisation/team`, in lower case."""
        ...

    def jobs(self, run: int) -> tuple[Job, ...]:
        """Return the jobs of the newest attempt of a workflow run."""
        ...


class Reruns(Protocol):
    """Starts workflow runs again."""

    def rerun(self, run: int, commit: str) -> bool:
        """Start a completed run of `commit` again; return `False` where it is still going.

        Raises:
            PermissionMissing: the token lacks `actions: write`.
            ForgeError: there is no such run, or it is of another commit.
        """
        ...


class Facts(Protocol):
    """What checks may ask of GitHub: read when first asked for, and once for a command.

    Every method may raise `ForgeError` and `PermissionMissing`, like those of `Forge`.
    """

    @property
    def inventory(self) -> Inventory:
        """What the home repository has beside its pull requests."""
        ...

    def remarks(self, number: int) -> tuple[Remark, ...]:
        """Return comments that hold a command, and reviews, of a pull request; oldest first."""
        ...

    def checks(self, commit: str) -> CommitChecks:
        """Return the check runs, statuses and workflow runs of a commit."""
        ...

    def deployments(self, commit: str) -> CommitDeployments:
        """Return what was deployed of a commit."""
        ...

    def reviews(self, number: int) -> Reviews:
        """Return what reviewers said of a pull request of the home repository."""
        ...

    def alerts(self, kind: AlertKind, ref: str) -> Alerts:
        """Return the open alerts of one scanner; `ref` as in `Lookups`."""
        ...

    def team(self, name: str) -> Collection[str]:
        """Return the logins of a team, `organisation/team`, in lower case."""
        ...

    def jobs(self, run: int) -> tuple[Job, ...]:
        """Return the jobs of the newest attempt of a workflow run."""
        ...

    def branch_rules(self, branch: str) -> BranchRules:
        """Return what the branch asks of a merge; what the token cannot see is `hidden`."""
        ...


class Forge(PullRequests, Contents, Statuses, Comments, Batches, Lookups, Reruns, Protocol):
    """GitHub as a whole; handed on only where several parts are needed."""

    @property
    def inventory(self) -> BatchedInventory:
        """What the home repository has beside its pull requests."""
        ...

    @property
    def repository(self) -> str:
        """The home repository, `owner/repo`."""
        ...

    @property
    def usage(self) -> ApiUsage:
        """What was spent so far."""
        ...
