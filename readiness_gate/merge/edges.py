"""The state of what a pull request waits for, and what that means (DESIGN 1.2). Pure.

Nothing unknown counts as done: every state but `merged`, `ahead` and `done` blocks.
"""

from collections.abc import Collection
from dataclasses import dataclass

from readiness_gate.model.outcome import Outcome
from readiness_gate.model.pull_request import (
    Edge,
    EdgeState,
    Fact,
    Issue,
    MergeGroup,
    Missing,
    PullRequest,
    Reference,
    Unreachable,
)

_OUTCOMES = {
    EdgeState.MERGED: Outcome.PASSED,
    EdgeState.AHEAD: Outcome.PASSED,
    EdgeState.DONE: Outcome.PASSED,
    EdgeState.OPEN: Outcome.PENDING,
    EdgeState.DRAFT: Outcome.PENDING,
    EdgeState.CLOSED: Outcome.FAILED,
    EdgeState.NOT_PLANNED: Outcome.FAILED,
    EdgeState.MERGED_ELSEWHERE: Outcome.FAILED,
    EdgeState.REVERTED: Outcome.FAILED,
    EdgeState.MISSING: Outcome.FAILED,
    EdgeState.NOT_LISTED: Outcome.ERROR,
    EdgeState.UNREACHABLE: Outcome.ERROR,
    EdgeState.UNKNOWN: Outcome.ERROR,
}


@dataclass(frozen=True)
class Wording:
    """What a state says to a reader, and what ends it."""

    says: str
    next_step: str


def outcome_of(state: EdgeState) -> Outcome:
    """Return what a dependency in this state means for the one that waits."""
    return _OUTCOMES[state]


def satisfied(state: EdgeState) -> bool:
    """Return whether nothing has to be waited for."""
    return outcome_of(state) is Outcome.PASSED


def state(
    fact: Fact | None,
    *,
    reference: Reference,
    base_branch: str,
    listed_repositories: Collection[str],
    home: str,
    merge_group: MergeGroup | None = None,
    waiting: Reference | None = None,
    further_bases: Collection[str] = (),
) -> EdgeState:
    """Return the state of `reference`, seen from a pull request that merges into `base_branch`.

    `further_bases` are the branches that `base_branch` itself will be merged into (the bases
    below it in a stack): what was merged there comes before `waiting` too. In another repository
    any branch counts, because which one matters there cannot be known from here.
    `waiting` has its place in `merge_group`; only members before it are ahead.
    """
    abroad = reference.repository.casefold() != home.casefold()
    if abroad and not _listed(reference.repository, listed_repositories):
        return EdgeState.NOT_LISTED
    if isinstance(fact, PullRequest):
        if fact.merged:
            ours = abroad or fact.base_branch in {base_branch, *further_bases}
            return _merged(fact, ours=ours)
        # A closed one may linger in the chain; its group is built anew without it.
        ahead = fact.state == "open" and _ahead(reference, waiting, merge_group)
        return EdgeState.AHEAD if ahead else _unmerged(fact)
    return _issue(fact) if isinstance(fact, Issue) else _unread(fact)


def _listed(repository: str, listed: Collection[str]) -> bool:
    return repository.casefold() in {name.casefold() for name in listed}


def _unread(fact: Missing | Unreachable | None) -> EdgeState:
    if fact is None:
        return EdgeState.UNKNOWN
    return EdgeState.MISSING if isinstance(fact, Missing) else EdgeState.UNREACHABLE


def _merged(pull_request: PullRequest, *, ours: bool) -> EdgeState:
    if pull_request.reverted_by is not None:
        return EdgeState.REVERTED
    return EdgeState.MERGED if ours else EdgeState.MERGED_ELSEWHERE


def _issue(issue: Issue) -> EdgeState:
    if issue.state == "open":
        return EdgeState.OPEN
    if issue.state != "closed" or issue.state_reason is None:
        return EdgeState.UNKNOWN
    return EdgeState.DONE if issue.state_reason == "completed" else EdgeState.NOT_PLANNED


def _unmerged(pull_request: PullRequest) -> EdgeState:
    if pull_request.state == "closed":
        return EdgeState.CLOSED
    if pull_request.state != "open":
        return EdgeState.UNKNOWN
    return EdgeState.DRAFT if pull_request.draft else EdgeState.OPEN


def _ahead(reference: Reference, waiting: Reference | None, group: MergeGroup | None) -> bool:
    members = group.members if group is not None else ()
    if waiting is None or reference not in members or waiting not in members:
        return False
    return members.index(reference) < members.index(waiting)


def wording(edge: Edge, *, home: str, fact: Fact | None = None, base_branch: str = "") -> Wording:
    """Return what an edge says to a reader and who does what next, in plain text."""
    name = edge.dependency.short(home)
    base = base_branch or "the base branch"
    if edge.waiting == edge.dependency:
        return Wording(f"{name} waits for itself", "remove the reference to the own number")
    if edge.state is EdgeState.MERGED_ELSEWHERE and _left_behind(fact, base_branch):
        return Wording(
            f"{name} was merged into {_base_of(fact)}, and its branch is still the base here",
            f"change the base to {_base_of(fact)}",
        )
    says, next_step = {
        EdgeState.MERGED: (f"{name} is merged", ""),
        EdgeState.AHEAD: (f"{name} is ahead in the merge queue", ""),
        EdgeState.DONE: (f"{name} is closed as completed", ""),
        EdgeState.OPEN: (f"{name} is open", f"{_finish(fact)} {name} first"),
        EdgeState.DRAFT: (f"{name} is a draft", f"finish and merge {name} first"),
        EdgeState.CLOSED: (
            f"{name} was closed without being merged",
            f"reopen and merge {name}, or remove the dependency",
        ),
        EdgeState.NOT_PLANNED: (
            f"{name} was closed as not planned",
            f"reopen {name}, or remove the dependency",
        ),
        EdgeState.MERGED_ELSEWHERE: (
            f"{name} was merged into {_base_of(fact)}, not into {base}",
            f"bring {name} into {base}, or remove the dependency",
        ),
        EdgeState.REVERTED: (
            f"{name} was merged and then reverted{_by(fact, home)}",
            f"land the change of {name} again, or remove the dependency",
        ),
        EdgeState.MISSING: (f"{name} does not exist", "correct the number"),
        EdgeState.NOT_LISTED: (
            f"{name} is in a repository that the configuration does not list",
            f"add {edge.dependency.repository} to merge.repositories, or remove the dependency",
        ),
        EdgeState.UNREACHABLE: (
            f"{name} could not be read{_why(fact)}",
            f"give the token read access to {edge.dependency.repository}, then run the gate again",
        ),
        EdgeState.UNKNOWN: (
            f"the state of {name} is not known",
            "run the gate again; if it stays, look at the dependency by hand",
        ),
    }[edge.state]
    return Wording(says, next_step)


def _left_behind(fact: Fact | None, base_branch: str) -> bool:
    return isinstance(fact, PullRequest) and fact.head_branch == base_branch


def _finish(fact: Fact | None) -> str:
    return "complete issue" if isinstance(fact, Issue) else "merge"


def _base_of(fact: Fact | None) -> str:
    return fact.base_branch if isinstance(fact, PullRequest) else "another branch"


def _by(fact: Fact | None, home: str) -> str:
    if isinstance(fact, PullRequest) and fact.reverted_by is not None:
        return f" by {fact.reverted_by.short(home)}"
    return ""


def _why(fact: Fact | None) -> str:
    return f" ({fact.reason})" if isinstance(fact, Unreachable) else ""
