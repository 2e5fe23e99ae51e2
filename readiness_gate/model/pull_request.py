"""Facts of GitHub about pull requests and issues, and the edges between them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, order=True)
class Reference:
    """A pull request or an issue by repository (`owner/repo`, as written) and number."""

    repository: str
    number: int

    def __str__(self) -> str:
        """Return the long form, `owner/repo#14`."""
        return f"{self.repository}#{self.number}"

    def short(self, home: str) -> str:
        """Return `#14` inside the repository `home`, the long form elsewhere."""
        return f"#{self.number}" if self.repository.lower() == home.lower() else str(self)


@dataclass(frozen=True)
class PullRequest:
    """What GitHub says of one pull request. `head_repository` is empty once a fork is deleted."""

    reference: Reference
    title: str
    body: str
    state: str
    """`open` or `closed`, as in GitHub's REST API; a merged one is closed with `merged` true."""
    draft: bool
    merged: bool
    base_branch: str
    base_sha: str
    head_branch: str
    head_sha: str
    head_repository: str
    author: str
    labels: tuple[str, ...] = ()
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None
    reverted_by: Reference | None = None
    """The merged pull request that reverted this one on its base, where GitHub shows it."""
    stack_parent: Reference | None = None
    """The layer below in one of GitHub's native stacks, where it is known by its number."""
    stack_position: int | None = None
    """The place in a native stack, 1 at the bottom, where GitHub's answer carries `stack`."""


@dataclass(frozen=True)
class Issue:
    """What GitHub says of an issue; `state_reason` is `completed`, `not_planned`, … or `None`."""

    reference: Reference
    title: str
    state: str
    state_reason: str | None


@dataclass(frozen=True)
class Missing:
    """GitHub answered that there is no such number in a repository that the token can see."""

    reference: Reference


@dataclass(frozen=True)
class Unreachable:
    """GitHub gave no usable answer (not visible to the token, API error, partial data)."""

    reference: Reference
    reason: str


Fact = PullRequest | Issue | Missing | Unreachable


class EdgeState(StrEnum):
    """State of what an edge points at (DESIGN 1.6)."""

    MERGED = "merged"
    AHEAD = "ahead"
    DONE = "done"
    OPEN = "open"
    DRAFT = "draft"
    CLOSED = "closed"
    NOT_PLANNED = "not-planned"
    MERGED_ELSEWHERE = "merged-elsewhere"
    REVERTED = "reverted"
    MISSING = "missing"
    NOT_LISTED = "not-listed"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class EdgeSource(StrEnum):
    """Where an edge was stated."""

    ORDER = "order"
    DEPENDS_ON = "depends-on"
    BODY = "body"
    BASE = "base"
    STACK = "stack"


@dataclass(frozen=True)
class Edge:
    """`waiting` waits for `dependency`; every place that states it is a source."""

    waiting: Reference
    dependency: Reference
    sources: frozenset[EdgeSource]
    state: EdgeState = EdgeState.UNKNOWN


@dataclass(frozen=True)
class MergeGroup:
    """A group of GitHub's merge queue, decided on its own commit.

    `members` are the pull requests from the base up to and including this group, first one
    first; empty where they could not be told, and then nothing counts as ahead.
    """

    head_sha: str
    base_sha: str
    base_branch: str
    head_ref: str
    members: tuple[Reference, ...] = field(default=())
