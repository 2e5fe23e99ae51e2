"""Names that GitHub gives to the branches of its merge queue; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.errors import ForgeError

PREFIX = "gh-readonly-queue/"
_NAME = re.compile(r"gh-readonly-queue/(?P<base>.+)/pr-(?P<number>[1-9]\d{0,9})-(?P<sha>[0-9a-f]+)")


@dataclass(frozen=True)
class QueueBranch:
    """What the name of a queue branch says: the last pull request of the group and its parent."""

    base_branch: str
    number: int
    parent_sha: str
    """The commit on which the group was built: the base's tip, or the group ahead."""


def parse_queue_branch(ref: str) -> QueueBranch:
    """Return the parts of `gh-readonly-queue/<base>/pr-<N>-<sha>`, `refs/heads/` before it or not.

    The name is all that a `merge_group` event says of its members, so anything else in it,
    a second number for example, is refused and not guessed at.

    Raises:
        ForgeError: the name has another form.
    """
    match = _NAME.fullmatch(ref.removeprefix("refs/heads/"))
    if match is None or len(match["sha"]) not in {40, 64}:
        raise ForgeError(
            f"{ref!r} is not a branch of a merge queue that names one pull request",
            advice="expected gh-readonly-queue/BASE/pr-NUMBER-SHA; nothing counts as ahead",
        )
    return QueueBranch(match["base"], int(match["number"]), match["sha"])


def members_ahead(
    branches: Mapping[str, str], unmerged: Sequence[str], base_branch: str
) -> list[int]:
    """Return the pull requests of the groups ahead, first to merge first.

    `branches` are the queue's branches of this base by name with their commits; `unmerged` are
    the commits below the group that the base branch does not have, oldest first. A group is
    ahead exactly if its own commit is among them: branches of groups that were merged or thrown
    out linger, and neither are.
    """
    order = {sha: place for place, sha in enumerate(unmerged)}
    ahead = dict[int, int]()
    for ref, sha in branches.items():
        if sha in order:
            branch = parse_queue_branch(ref)
            if branch.base_branch == base_branch:
                ahead[order[sha]] = branch.number
    return [ahead[place] for place in sorted(ahead)]
