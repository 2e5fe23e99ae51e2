"""GitHub out of a snapshot: every answer from memory, every write kept and never sent."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.base import (
    COMMENT_LIMIT,
    DESCRIPTION_LIMIT,
    Comment,
    CommitStatus,
    OpenList,
    Standing,
    Tip,
)
from readiness_gate.forge.inventory_recorded import SnapshotInventory
from readiness_gate.forge.queue import parse_queue_branch
from readiness_gate.forge.recorded import Snapshot, alerts_key, reference
from readiness_gate.model.alert import AlertKind, Alerts
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.commit_checks import CommitChecks
from readiness_gate.model.deployment import CommitDeployments
from readiness_gate.model.job import Job
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.pull_request import (
    Fact,
    Issue,
    MergeGroup,
    Missing,
    PullRequest,
    Reference,
    Unreachable,
)
from readiness_gate.model.remark import Remark
from readiness_gate.model.report import ApiUsage
from readiness_gate.model.review import Reviews

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True)
class WrittenStatus:
    """A status that would have been written."""

    sha: str
    status: CommitStatus


class SnapshotForge:
    """The whole `Forge` in memory.

    `written_statuses` are the writes in order; `comments` holds, by number, the comments of the
    own identity as they stand now. Others may change what is answered with `put`.
    """

    def __init__(self, snapshot: Snapshot, *, on_call: Callable[[str], None] | None = None) -> None:
        """Answer from `snapshot`; `on_call` hears the name of each method before it answers.

        What `on_call` raises, the method raises.
        """
        self._snapshot = snapshot
        self._on_call = on_call
        self._calls = 0
        self._facts: dict[tuple[str, int], Fact] = {}
        self._statuses: dict[str, dict[str, CommitStatus]] = {}
        self.written_statuses: list[WrittenStatus] = []
        self.comments: dict[int, list[Comment]] = {}
        self.started_again: list[tuple[int, str]] = []
        self.inventory = SnapshotInventory(snapshot.inventory, self._lost, self._called)
        self._load()

    def put(self, fact: Fact) -> None:
        """Let a fact take the place of what was recorded for its reference."""
        self._facts[_key(fact.reference)] = fact

    @property
    def repository(self) -> str:
        """The home repository, `owner/repo`."""
        return self._snapshot.repository

    @property
    def pull_request_at_hand(self) -> int | None:
        """Number of the pull request that was recorded as the one at hand."""
        return self._snapshot.pull_request

    @property
    def usage(self) -> ApiUsage:
        """Calls that were answered, and no points."""
        return ApiUsage(requests=self._calls, points=0)

    def pull_request(self, number: int) -> PullRequest:
        """Return one pull request of the home repository."""
        self._called("pull_request")
        fact = self._facts.get(_key(Reference(self.repository, number)))
        if isinstance(fact, PullRequest):
            return fact
        raise self._not_recorded(f"pull request #{number}")

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Fact]:
        """Return what was recorded; what was not is unreachable."""
        self._called("resolve")
        return {reference: self._fact(reference) for reference in references}

    def open_pull_requests(self) -> Sequence[PullRequest]:
        """Return the open pull requests of the home repository, by number."""
        self._called("open_pull_requests")
        return self._opened()

    def _opened(self) -> Sequence[PullRequest]:
        home = self.repository.lower()
        found = (fact for fact in self._facts.values() if isinstance(fact, PullRequest))
        mine = (
            pull
            for pull in found
            if pull.state == "open" and pull.reference.repository.lower() == home
        )
        return sorted(mine, key=lambda pull: pull.reference.number)

    def open_list(self) -> OpenList:
        """Return the open pull requests with the statuses of their heads."""
        self._called("open_list")
        return OpenList(
            standing=tuple(
                Standing(one, dict(self._statuses.get(one.head_sha, {}))) for one in self._opened()
            ),
            default_branch=self._snapshot.default_branch,
        )

    def labels(self, numbers: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        """Return the recorded labels."""
        return {number: self.pull_request(number).labels for number in numbers}

    def changed_files(self, number: int) -> Sequence[str]:
        """Return the recorded paths."""
        self._called("changed_files")
        for pull in self._snapshot.pull_requests:
            mine = pull.repository is None or pull.repository == self.repository
            if pull.number == number and mine and pull.changed_files is not None:
                return pull.changed_files
        raise self._not_recorded(f"the files that #{number} changes")

    def merge_group(self, head_ref: str, head_sha: str, base_sha: str) -> MergeGroup:
        """Return the recorded group at `head_sha`."""
        self._called("merge_group")
        parse_queue_branch(head_ref)
        for group in self._snapshot.merge_groups:
            if group.head_sha == head_sha and group.base_sha == base_sha:
                members = tuple(Reference(self.repository, number) for number in group.members)
                return MergeGroup(head_sha, base_sha, group.base_branch, head_ref, members)
        raise self._not_recorded(f"a merge group at {head_sha}")

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        self._called("default_branch")
        return self._snapshot.default_branch

    def branch_tip(self, branch: str) -> str:
        """Return the recorded tip of a branch."""
        self._called("branch_tip")
        if branch not in self._snapshot.branches:
            raise self._not_recorded(f"the branch {branch}")
        return self._snapshot.branches[branch]

    def tips(self, branches: Collection[str], paths: Sequence[str]) -> Mapping[str, Tip]:
        """Return the recorded tips, and the files at those commits that were recorded."""
        self._called("tips")
        known = self._snapshot.branches
        return {
            branch: Tip(known[branch], self._recorded_files(known[branch], paths))
            for branch in branches
            if branch in known
        }

    def _recorded_files(self, commit: str, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        if commit not in self._snapshot.files:
            return {}
        tree = self._snapshot.files[commit]
        return {path: tree[path].encode() if path in tree else None for path in paths}

    def file(self, path: str, commit: str) -> bytes | None:
        """Return a recorded file; `None` where the commit was recorded without it."""
        self._called("file")
        text = self._tree(commit).get(path)
        return None if text is None else text.encode()

    def export(self, commit: str, directory: Path) -> None:
        """Write the recorded files of a commit below `directory`."""
        self._called("export")
        for path, text in self._tree(commit).items():
            target = (directory / path).resolve()
            if not target.is_relative_to(directory.resolve()):
                raise ForgeError(f"the snapshot holds {path!r}, which leads out of its folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def identity(self) -> str:
        """Return the login under which statuses written here are kept."""
        return self._snapshot.identity

    def statuses(self, sha: str) -> Mapping[str, CommitStatus]:
        """Return the statuses of a commit, those written here included, by context."""
        self._called("statuses")
        return dict(self._statuses.get(sha, {}))

    def set_status(
        self, sha: str, context: str, state: Conclusion, description: str, target_url: str
    ) -> None:
        """Keep one status; GitHub's own limit holds here too."""
        self._called("set_status")
        if len(description) > DESCRIPTION_LIMIT:
            raise ForgeError(f"a status description has at most {DESCRIPTION_LIMIT} characters")
        status = CommitStatus(context, state, description, target_url, self.identity())
        self._statuses.setdefault(sha, {})[context] = status
        self.written_statuses.append(WrittenStatus(sha, status))

    def rerun(self, run: int, commit: str) -> bool:
        """Keep which run would be started again, and of which commit."""
        self._called("rerun")
        self.started_again.append((run, commit))
        return True

    def own_comments(self, number: int, marker: str) -> Sequence[Comment]:
        """Return own comments whose first line is `marker`, oldest first."""
        self._called("own_comments")
        return [
            comment
            for comment in self.comments.get(number, [])
            if comment.body.split("\n", 1)[0].rstrip() == marker
        ]

    def create_comment(self, number: int, body: str) -> Comment:
        """Keep a new comment."""
        self._called("create_comment")
        _within_limit(body)
        known = [comment.id for comments in self.comments.values() for comment in comments]
        identity = max(known, default=0) + 1
        url = f"https://github.com/{self.repository}/pull/{number}#issuecomment-{identity}"
        comment = Comment(identity, body, url)
        self.comments.setdefault(number, []).append(comment)
        return comment

    def update_comment(self, comment: Comment, body: str) -> Comment:
        """Replace the body of a kept comment."""
        self._called("update_comment")
        _within_limit(body)
        comments, place = self._find(comment)
        comments[place] = replace(comments[place], body=body)
        return comments[place]

    def delete_comment(self, comment: Comment) -> None:
        """Drop a kept comment."""
        self._called("delete_comment")
        comments, place = self._find(comment)
        del comments[place]

    def checks(self, commits: Collection[str]) -> Mapping[str, CommitChecks | ForgeError]:
        """Return what was recorded for each commit."""
        self._called("checks")
        return self._recorded("checks", self._snapshot.checks, commits)

    def remarks(self, numbers: Collection[int]) -> Mapping[int, tuple[Remark, ...] | ForgeError]:
        """Return what was recorded of each pull request."""
        self._called("remarks")
        return self._recorded("remarks", self._snapshot.remarks, numbers)

    def deployments(self, commits: Collection[str]) -> Mapping[str, CommitDeployments | ForgeError]:
        """Return what was recorded for each commit."""
        self._called("deployments")
        return self._recorded("deployments", self._snapshot.deployments, commits)

    def reviews(self, numbers: Collection[int]) -> Mapping[int, Reviews | ForgeError]:
        """Return what was recorded for each pull request."""
        self._called("reviews")
        return self._recorded("reviews", self._snapshot.reviews, numbers)

    def alerts(self, kind: AlertKind, ref: str) -> Alerts:
        """Return what was recorded of one scanner."""
        self._called("alerts")
        return self._one("alerts", self._snapshot.alerts, alerts_key(kind, ref))

    def team(self, name: str) -> Collection[str]:
        """Return the recorded members of a team."""
        self._called("team")
        return self._one("teams", self._snapshot.teams, name)

    def jobs(self, run: int) -> tuple[Job, ...]:
        """Return what was recorded of a run."""
        self._called("jobs")
        return self._one("jobs", self._snapshot.jobs, run)

    def branch_rules(self, branch: str) -> BranchRules:
        """Return what was recorded of a branch."""
        self._called("branch_rules")
        return self._one("branch_rules", self._snapshot.branch_rules, branch)

    def _one(self, fact: str, known: Mapping[Key, Value], key: Key) -> Value:
        found = self._recorded(fact, known, [key])[key]
        if isinstance(found, ForgeError):
            raise found
        return found

    def _recorded(
        self, fact: str, known: Mapping[Key, Value], keys: Collection[Key]
    ) -> dict[Key, Value | ForgeError]:
        """Return what stands in the snapshot for each key; what does not is an error."""
        return {key: known[key] if key in known else self._lost(fact, str(key)) for key in keys}

    def _lost(self, fact: str, key: str) -> ForgeError:
        for one in self._snapshot.lost:
            if (one.fact, one.key) == (fact, key):
                if one.permission:
                    return PermissionMissing(one.reason, permission=one.permission)
                return ForgeError(one.reason)
        return self._not_recorded(f"{fact} of {key}" if key else fact)

    def _called(self, method: str) -> None:
        self._calls += 1
        if self._on_call is not None:
            self._on_call(method)

    def _load(self) -> None:
        recorded = self._snapshot
        for text in recorded.missing:
            self.put(Missing(reference(text)))
        for lost in recorded.unreachable:
            self.put(Unreachable(reference(lost.reference), lost.reason))
        for issue in recorded.issues:
            self.put(issue.fact(recorded.repository))
        for pull in recorded.pull_requests:
            self.put(pull.fact(recorded.repository))
        for sha, statuses in recorded.statuses.items():
            self._statuses[sha] = {
                one.context: CommitStatus(
                    one.context, one.state, one.description, one.target_url, one.creator
                )
                for one in statuses
            }
        for number, comments in recorded.comments.items():
            self.comments[number] = [
                Comment(one.id, one.body, one.url, one.updated_at) for one in comments if one.own
            ]

    def _fact(self, wanted: Reference) -> Fact:
        fact = self._facts.get(_key(wanted))
        if fact is None:
            return Unreachable(wanted, "not in the snapshot")
        return _as_written(fact, wanted)

    def _tree(self, commit: str) -> Mapping[str, str]:
        files, branches = self._snapshot.files, self._snapshot.branches
        names = [commit, *(name for name, tip in branches.items() if tip == commit)]
        for name in names:
            if name in files:
                return files[name]
        raise self._not_recorded(f"the files of {commit}")

    def _find(self, comment: Comment) -> tuple[list[Comment], int]:
        for comments in self.comments.values():
            for place, known in enumerate(comments):
                if known.id == comment.id:
                    return comments, place
        raise self._not_recorded(f"the comment {comment.id}")

    def _not_recorded(self, what: str) -> ForgeError:
        at = self._snapshot.recorded_at.isoformat(timespec="seconds")
        return ForgeError(
            f"the snapshot of {at} does not hold {what}",
            advice="record it anew with `readiness-gate snapshot`",
        )


def _as_written(fact: Fact, wanted: Reference) -> Fact:
    # Repository names ignore case; callers look facts up by the reference that they wrote.
    match fact:
        case PullRequest():
            return replace(fact, reference=wanted)
        case Issue():
            return replace(fact, reference=wanted)
        case Missing():
            return Missing(wanted)
        case Unreachable():
            return Unreachable(wanted, fact.reason)


def _key(wanted: Reference) -> tuple[str, int]:
    return wanted.repository.lower(), wanted.number


def _within_limit(body: str) -> None:
    if len(body) > COMMENT_LIMIT:
        raise ForgeError(f"a comment has at most {COMMENT_LIMIT} characters")
