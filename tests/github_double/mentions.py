"""Cross-references: which pull requests and issues name a pull request in their texts."""

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.github_double.pulls import PullRequest
from tests.github_double.records import Issue, Mention

if TYPE_CHECKING:
    from tests.github_double.repository import Repository

_NAMED = re.compile(
    r"(?:(?P<repository>[\w.-]+/[\w.-]+)|(?<![\w/]))#(?P<number>\d+)\b"
    r"|https?://[^/\s]+/(?P<page>[\w.-]+/[\w.-]+)/(?:pull|issues)/(?P<at>\d+)"
)


def _names(text: str | None, home: "Repository", target: PullRequest) -> bool:
    for found in _NAMED.finditer(text or ""):
        where = found["repository"] or found["page"] or home.full_name
        number = int(found["number"] or found["at"])
        if (where, number) == (target.repository.full_name, target.number):
            return True
    return False


def mentions(target: PullRequest) -> list[Mention]:
    """The events in the order of their sources' age; each source only once, itself never."""
    found: list[Mention] = []
    for home in target.repository.world.repositories.values():
        texts: dict[int, list[str | None]] = defaultdict(list)
        for comment in home.comments.values():
            texts[comment.number].append(comment.body)
        items: list[PullRequest | Issue] = [*home.pulls.values(), *home.issues.values()]
        found += [
            Mention(
                id=target.id * 100_000 + item.id,
                source_home=home.full_name,
                source=item.number,
                target=target.number,
                actor=item.author,
                created_at=item.created_at,
            )
            for item in items
            if item is not target
            and any(
                _names(text, home, target) for text in (item.title, item.body, *texts[item.number])
            )
        ]
    return sorted(found, key=lambda mention: mention.created_at)
