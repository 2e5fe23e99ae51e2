"""A pull request and its life: opened, pushed to, edited, reviewed, merged or closed."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from tests.github_double.objects import Commit, changes
from tests.github_double.people import User
from tests.github_double.records import Review, ReviewState

if TYPE_CHECKING:
    from tests.github_double.repository import Repository

MergeMethod = Literal["merge", "squash", "rebase"]


class PullRequest:
    """One pull request. `base_sha` is the base's tip when it was last pushed to, not its tip now:
    this is what GitHub's `base.sha` says.
    """

    def __init__(
        self,
        repository: "Repository",
        number: int,
        *,
        title: str,
        body: str | None,
        author: User,
        base: str,
        head: str,
        head_repository: "Repository",
    ) -> None:
        self.repository = repository
        self.number = number
        self.id = repository.world.next_id()
        self.title = title
        self.body = body
        self.author = author
        self.base_ref = base
        self.head_ref = head
        self.head_owner = head_repository.owner
        self.head_repository: Repository | None = head_repository
        self.head_sha = head_repository.tip(head).sha
        self.base_sha = repository.tip(base).sha
        self.created_at = self.updated_at = repository.world.now()
        self.state: Literal["open", "closed"] = "open"
        self.draft = False
        self.closed_at: str | None = None
        self.merged_at: str | None = None
        self.merged_by: User | None = None
        self.merge_commit_sha: str | None = None
        self.labels: list[str] = []
        self.reviews: list[Review] = []
        self.stack: dict[str, Any] | None = None
        self.mergeable_known = True
        self._test_merges: dict[tuple[str, str], Commit | None] = {}
        repository.refs[f"refs/pull/{number}/head"] = self.head_sha

    @property
    def merged(self) -> bool:
        """True once it is merged, into whatever base."""
        return self.merged_at is not None

    @property
    def cross_repository(self) -> bool:
        """True for a pull request from a fork, also when the fork is gone."""
        return self.head_repository is not self.repository

    def comes_from(self, repository: "Repository", branch: str) -> bool:
        """True for an open pull request whose head is this branch."""
        mine = self.head_repository is repository and self.head_ref == branch
        return mine and self.state == "open"

    def test_merge(self) -> Commit | None:
        """The test merge commit of an open one; None on conflict, or while it is computed."""
        if self.state != "open" or not self.mergeable_known:
            return None
        pair = (self.repository.tip(self.base_ref).sha, self.head_sha)
        if pair not in self._test_merges:
            message = f"Merge {pair[1]} into {pair[0]}"
            self._test_merges[pair] = self.repository.merged(*pair, message)
        commit, ref = self._test_merges[pair], f"refs/pull/{self.number}/merge"
        if commit:
            self.repository.refs[ref] = commit.sha
        return commit

    def _touch(self) -> str:
        self.updated_at = self.repository.world.now()
        return self.updated_at

    def synchronize(self, sha: str) -> None:
        """Its head branch was pushed to."""
        self.head_sha, self.base_sha = sha, self.repository.tip(self.base_ref).sha
        self.repository.refs[f"refs/pull/{self.number}/head"] = sha
        self._touch()

    def push(self, files: Mapping[str, str | bytes | None] | None = None) -> str:
        """One more commit on its head branch; answers the new head."""
        if self.head_repository is None:
            raise ValueError(f"the head repository of #{self.number} is gone")
        content = files or {f"changes/{self.number}.txt": f"{self.repository.world.now()}\n"}
        return self.head_repository.commit(self.head_ref, content, author=self.author.login)

    def edit(
        self,
        *,
        title: str | None = None,
        body: str | None = None,
        base: str | None = None,
        draft: bool | None = None,
        labels: Iterable[str] | None = None,
    ) -> None:
        """Changes what is named, as the web page does."""
        self.title = title if title is not None else self.title
        self.body = body if body is not None else self.body
        self.draft = draft if draft is not None else self.draft
        if base is not None:
            self.base_ref, self.base_sha = base, self.repository.tip(base).sha
        if labels is not None:
            self.labels = [self.repository.label(name).name for name in labels]
        self._touch()

    def review(self, state: ReviewState, *, author: str = "reviewer", body: str = "") -> Review:
        """A review of the present head."""
        world = self.repository.world
        review = Review(
            world.next_id(), world.user(author), state, body, self.head_sha, self._touch()
        )
        self.reviews.append(review)
        return review

    def decision(self) -> str | None:
        """GitHub's review decision; None where the base requires no review."""
        needed = self.repository.required_approvals
        if not needed:
            return None
        latest = self.opinions()
        if any(review.state == "CHANGES_REQUESTED" for review in latest):
            return "CHANGES_REQUESTED"
        able = [r for r in latest if self.repository.role(r.author.login) not in ("none", "read")]
        approved = sum(review.state == "APPROVED" for review in able)
        return "APPROVED" if approved >= needed else "REVIEW_REQUIRED"

    def opinions(self) -> list[Review]:
        """The last review with an opinion of each reviewer."""
        latest: dict[str, Review] = {}
        for review in self.reviews:
            if review.state != "COMMENTED":
                latest[review.author.login] = review
        return list(latest.values())

    def close(self) -> None:
        """Closes it without a merge."""
        self.state, self.closed_at = "closed", self._touch()

    def reopen(self) -> None:
        """Opens a closed, unmerged one again."""
        self.state, self.closed_at = "open", None
        self._touch()

    def merge(self, method: MergeMethod = "merge", *, by: str = "maintainer") -> str:
        """Merges it into its base; answers the merge commit's SHA."""
        tip, text = self.repository.tip(self.base_ref).sha, f"{self.title} (#{self.number})"
        make = self.repository.merged if method == "merge" else self.repository.squashed
        commit = make(tip, self.head_sha, text)
        if commit is None:
            raise ValueError(f"#{self.number} conflicts with {self.base_ref}")
        self.landed(commit.sha, by=by)
        self.repository.move(self.base_ref, commit.sha)
        return commit.sha

    def revert(self, *, number: int | None = None, merged: bool = True) -> "PullRequest":
        """Opens the pull request that the Revert button makes, and merges it if told."""
        commit = self.repository.objects[self.merge_commit_sha or ""]
        before = self.repository.objects[commit.parents[0]].files
        return self.repository.pull_request(
            number=number,
            base=self.base_ref,
            head=f"revert-{self.number}-{self.head_ref}",
            title=f'Revert "{self.title}"',
            body=f"Reverts {self.repository.full_name}#{self.number}",
            author="maintainer",
            files={path: before.get(path) for path in changes(before, commit.files)},
            merged=merged,
        )

    def landed(self, sha: str, *, by: str) -> None:
        """Marks it as merged by this commit."""
        self.merge_commit_sha, self.merged_by = sha, self.repository.world.user(by)
        self.state, self.closed_at = "closed", self._touch()
        self.merged_at = self.closed_at
