"""The shop on the tests' own GitHub: six pull requests in the order of its checklist."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.e2e.repository import NAME, Checkout, git
from tests.github_double import GitHubDouble
from tests.github_double.git_import import import_git
from tests.github_double.pulls import PullRequest
from tests.github_double.records import QueueEntry
from tests.github_double.repository import Repository

ORDER = (14, 15, 17, 16, 21, 10)
MERGE, CHECKS = "readiness / merge", "readiness / checks"


@dataclass(frozen=True)
class Site:
    """The double with the shop in it, and the pull request whose branch is checked out."""

    double: GitHubDouble
    home: Repository
    pull: PullRequest

    def statuses(self, sha: str | None = None) -> dict[str, tuple[str, str]]:
        """Return state and description of each context of a commit, by default of the head."""
        newest = self.home.verdicts.newest(sha or self.pull.head_sha)
        return {one.context: (one.state, one.description or "") for one in newest}

    def history(self, context: str, sha: str | None = None) -> list[str]:
        """Return every state that a context had on a commit, oldest first."""
        every = reversed(self.home.verdicts.on(sha or self.pull.head_sha))
        return [one.state for one in every if one.context == context]

    @property
    def comments(self) -> list[str]:
        """Return the comments on the pull request."""
        return [one.body for one in self.home.comments_on(self.pull.number)]

    @property
    def comment(self) -> str:
        """Return the only comment on the pull request."""
        (only,) = self.comments
        return only

    @property
    def commits_with_statuses(self) -> set[str]:
        """Return the SHAs that have any status."""
        return {sha for sha, given in self.home.verdicts.statuses.items() if given}


@contextmanager
def site(
    checkout: Checkout,
    *,
    merged: Iterable[int] = (14, 15),
    number: int = 17,
    body: str = "Depends on #14",
    fork: bool = False,
    host: str = "127.0.0.1",
) -> Iterator[Site]:
    """Serve the shop; `number` is the pull request of the branch `feature`."""
    with GitHubDouble(host=host) as double:
        home = double.world.create(NAME, private=False, default_branch="main")
        import_git(home, checkout.folder)
        source = home
        if fork:
            source = double.fork(home, "contributor")
            import_git(source, checkout.folder)
            home.delete_branch("feature")
        done = set(merged)
        pulls = {}
        for one in ORDER:
            if one == number:
                pulls[one] = home.pull_request(
                    number=one, head="feature", head_repository=source, body=body, title="A change"
                )
            else:
                files = {f"docs/changes/{one}.md": f"# {one}\n"}
                pulls[one] = home.pull_request(number=one, files=files, merged=one in done)
        yield Site(double, home, pulls[number])


def queued(shown: Site, checkout: Checkout, *numbers: int) -> QueueEntry:
    """Put pull requests into the merge queue, check the last group out, and return its entry.

    The groups are commits of the repository itself, as a runner finds them.
    """
    home, folder, parent = shown.home, checkout.folder, checkout.base_sha
    for number in numbers:
        name = f"gh-readonly-queue/main/pr-{number}-{parent}"
        source = checkout.test_merge_sha if number == shown.pull.number else parent
        tree = git(folder, "rev-parse", f"{source}^{{tree}}")
        group = git(folder, "commit-tree", tree, "-p", parent, "-m", f"Merge #{number}")
        git(folder, "branch", name, group)
        home.queue.entries.append(
            QueueEntry(
                id=home.world.next_id(),
                number=number,
                base_ref="main",
                base_sha=parent,
                head_ref=name,
                head_sha=group,
                enqueued_at=home.world.now(),
            )
        )
        parent = group
    import_git(home, folder)
    git(folder, "checkout", "-q", "--detach", parent)
    return home.queue.entries[-1]
