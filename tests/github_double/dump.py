"""The state as JSON, for a test that runs outside the double's process."""

from typing import Any

from tests.github_double.repository import Repository
from tests.github_double.shapes import pulls, verdicts
from tests.github_double.shapes.common import Urls
from tests.github_double.world import World


def _repository(urls: Urls, home: Repository) -> dict[str, Any]:
    numbers = sorted({comment.number for comment in home.comments.values()})
    return {
        "refs": dict(home.refs),
        "pulls": {str(n): pulls.pull_request(urls, pull) for n, pull in home.pulls.items()},
        "issues": {str(n): pulls.issue(urls, home, item) for n, item in home.issues.items()},
        "comments": {
            str(number): [pulls.comment(urls, home, item) for item in home.comments_on(number)]
            for number in numbers
        },
        "statuses": {
            sha: [verdicts.status(urls, home, item) for item in home.verdicts.on(sha)]
            for sha in home.verdicts.statuses
        },
        "queue": [vars(entry) for entry in home.queue.entries],
    }


def dump(world: World, urls: Urls) -> dict[str, Any]:
    """Every repository: refs, pull requests, issues, comments, statuses (newest first), queue."""
    return {
        "repositories": {name: _repository(urls, home) for name, home in world.repositories.items()}
    }
