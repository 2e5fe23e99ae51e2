"""One-line set-ups of GitHub's facts for tests of every room."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha1

from readiness_gate.forge.recorded import (
    RecordedComment,
    RecordedGroup,
    RecordedIssue,
    RecordedPullRequest,
    RecordedStatus,
    RecordedUnreachable,
    Snapshot,
)
from readiness_gate.forge.snapshot import SnapshotForge

HOME = "acme/shop"
RECORDED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def sha(text: str) -> str:
    """A commit SHA that is the same for the same text."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def pull_request(
    number: int,
    *,
    merged: bool = False,
    closed: bool = False,
    draft: bool = False,
    body: str = "",
    title: str = "",
    base: str = "main",
    head: str = "",
    head_sha: str = "",
    base_sha: str = "",
    repository: str | None = None,
    head_repository: str | None = None,
    author: str = "octocat",
    labels: Iterable[str] = (),
    changed_files: Iterable[str] | None = (),
    reverted_by: str | None = None,
    stack_parent: str | None = None,
) -> RecordedPullRequest:
    """An open pull request of the home repository onto `main`, unless said otherwise."""
    return RecordedPullRequest(
        repository=repository,
        number=number,
        title=title or f"Change {number}",
        body=body,
        state="closed" if merged or closed else "open",
        draft=draft,
        merged=merged,
        merged_at=RECORDED_AT if merged else None,
        merge_commit_sha=sha(f"merge {number}") if merged else None,
        base_branch=base,
        base_sha=base_sha or sha(base),
        head_branch=head or f"change-{number}",
        head_sha=head_sha or sha(f"head {number}"),
        head_repository=head_repository,
        author=author,
        labels=tuple(labels),
        changed_files=None if changed_files is None else tuple(changed_files),
        reverted_by=reverted_by,
        stack_parent=stack_parent,
    )


def issue(
    number: int, *, closed: bool = False, reason: str | None = None, repository: str | None = None
) -> RecordedIssue:
    """An issue; a closed one was completed unless `reason` says otherwise."""
    return RecordedIssue(
        repository=repository,
        number=number,
        title=f"Issue {number}",
        state="closed" if closed else "open",
        state_reason=(reason or "completed") if closed else reason,
    )


def group(*members: int, base: str = "main") -> RecordedGroup:
    """The merge group of the last member, with the others ahead of it, on the base's tip."""
    parent = sha(base) if len(members) == 1 else sha(f"group {members[:-1]}")
    return RecordedGroup(
        head_ref=f"gh-readonly-queue/{base}/pr-{members[-1]}-{parent}",
        head_sha=sha(f"group {members}"),
        base_sha=parent,
        base_branch=base,
        members=members,
    )


def snapshot(
    *facts: RecordedPullRequest | RecordedIssue,
    at: int | None = None,
    files: Mapping[str, str] | None = None,
    head_files: Mapping[int, Mapping[str, str]] | None = None,
    missing: Iterable[int | str] = (),
    unreachable: Mapping[str, str] | None = None,
    statuses: Mapping[str, Iterable[RecordedStatus]] | None = None,
    comments: Mapping[int, Iterable[RecordedComment]] | None = None,
    groups: Iterable[RecordedGroup] = (),
    repository: str = HOME,
    branches: Mapping[str, str] | None = None,
) -> Snapshot:
    """Facts of `acme/shop`; `at` is the pull request at hand, `files` stand at main's tip.

    `head_files` are by number and stand at that pull request's head; `missing` takes numbers of
    the home repository or `owner/repo#n`; `unreachable` maps `owner/repo#n` to a reason.
    """
    pulls = tuple(fact for fact in facts if isinstance(fact, RecordedPullRequest))
    heads = {pull.number: pull.head_sha for pull in pulls if pull.repository is None}
    trees = {sha("main"): dict(files or {})}
    trees |= {heads[number]: dict(tree) for number, tree in (head_files or {}).items()}
    return Snapshot(
        recorded_at=RECORDED_AT,
        repository=repository,
        pull_request=at,
        branches={"main": sha("main")} | dict(branches or {}),
        pull_requests=pulls,
        issues=tuple(fact for fact in facts if isinstance(fact, RecordedIssue)),
        missing=tuple(f"{repository}#{one}" if isinstance(one, int) else one for one in missing),
        unreachable=tuple(
            RecordedUnreachable(reference=reference, reason=reason)
            for reference, reason in (unreachable or {}).items()
        ),
        files=trees,
        statuses={commit: tuple(some) for commit, some in (statuses or {}).items()},
        comments={number: tuple(some) for number, some in (comments or {}).items()},
        merge_groups=tuple(groups),
    )


def forge(
    *facts: RecordedPullRequest | RecordedIssue,
    on_call: Callable[[str], None] | None = None,
    files: Mapping[str, str] | None = None,
    missing: Iterable[int | str] = (),
    unreachable: Mapping[str, str] | None = None,
    groups: Iterable[RecordedGroup] = (),
) -> SnapshotForge:
    """A forge in memory over `snapshot(...)`; `on_call` can raise or change things in between."""
    recorded = snapshot(
        *facts, files=files, missing=missing, unreachable=unreachable, groups=groups
    )
    return SnapshotForge(recorded, on_call=on_call)
