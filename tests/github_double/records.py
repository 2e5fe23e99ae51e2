"""What hangs on pull requests and commits: issues, comments, reviews, statuses, runs, queues."""

from dataclasses import dataclass, field
from typing import Literal

from tests.github_double.people import User

ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]
StatusState = Literal["error", "failure", "pending", "success"]


@dataclass
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"


@dataclass
class Comment:
    """One comment on the conversation of an issue or a pull request."""

    id: int
    number: int
    body: str
    author: User
    created_at: str
    updated_at: str
    edited_by: User | None = None
    minimized_reason: str | None = None


@dataclass
class Review:
    """A submitted review; it belongs to the head it was given on."""

    id: int
    author: User
    state: ReviewState
    body: str
    commit: str
    submitted_at: str
    edited_at: str | None = None
    hidden: bool = False


@dataclass
class Issue:
    """An issue. Pull requests share its numbers but are kept apart."""

    id: int
    number: int
    title: str
    body: str | None
    author: User
    created_at: str
    updated_at: str
    state: Literal["open", "closed"] = "open"
    state_reason: Literal["completed", "not_planned", "reopened", "duplicate"] | None = None
    closed_at: str | None = None
    labels: list[Label] = field(default_factory=list)


@dataclass(frozen=True)
class Status:
    """One commit status: never changed, only followed by a newer one."""

    id: int
    sha: str
    context: str
    state: StatusState
    description: str | None
    target_url: str | None
    creator: User
    created_at: str


@dataclass
class CheckRun:
    """A check run of a commit."""

    id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    started_at: str
    completed_at: str | None
    app: str = "github-actions"
    """Slug of the app that reported it."""
    run: int | None = None
    """Id of the workflow run whose job it is."""
    runner: str | None = None
    """Name of the runner that took the job."""


@dataclass(frozen=True)
class CheckSuite:
    """The check runs of one app, of GitHub Actions those of one workflow run."""

    id: int
    sha: str
    app: str
    run: "WorkflowRun | None"
    created_at: str


@dataclass
class Deployment:
    """A deployment of a commit; its states, oldest first, with when each was said."""

    id: int
    sha: str
    environment: str
    creator: User
    created_at: str
    states: list[tuple[str, str]]


@dataclass
class WorkflowRun:
    """A workflow run. For a fork's pull request GitHub leaves `pull_requests` empty."""

    id: int
    name: str
    path: str
    event: str
    head_branch: str
    head_sha: str
    head_repository: str
    status: str
    conclusion: str | None
    run_number: int
    attempt: int
    pull_requests: list[int]
    created_at: str
    started_at: str = ""
    """When this attempt began; empty for the first one, which began when the run was made."""


@dataclass
class Artifact:
    """What a run uploaded: one zip. It goes with the run, or with the repository's policy."""

    id: int
    run: int
    name: str
    content: bytes
    created_at: str
    expired: bool = False


@dataclass(frozen=True)
class Mention:
    """The event on a pull request's timeline that another one, or an issue, names it."""

    id: int
    source_home: str
    source: int
    target: int
    actor: User
    created_at: str


@dataclass(frozen=True)
class QueueEntry:
    """A pull request in the merge queue, with the group that is built and tested for it."""

    id: int
    number: int
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    enqueued_at: str
