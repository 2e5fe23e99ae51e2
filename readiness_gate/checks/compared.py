"""What a pull request is compared with: for what judges a change."""

from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.doors.changes import ChangedFile
from readiness_gate.doors.git import Git, GitUnavailable
from readiness_gate.errors import ConfigurationError

FETCH = "Give actions/checkout `fetch-depth: 0`, so that git has the base to compare with."


@dataclass(frozen=True)
class Comparison:
    """Two commits of the checkout, both full SHAs, and what lies between them."""

    git: Git
    base: str
    """Where the change starts: the merge base, not the tip of the base branch."""
    head: str
    changed: tuple[ChangedFile, ...]


def compared(context: CheckContext) -> Comparison | None:
    """Return the change that is judged, `None` where there is none: no pull request, no base.

    Of GitHub's merge commit of a pull request, its first parent is the base: the branch may have
    moved on since that commit was made.

    Raises:
        ConfigurationError: there is a base, but git cannot compare with it; says what to set.
    """
    if context.git is None or context.base_sha is None:
        return None
    try:
        head = context.git.head()
        if head is None or head == context.base_sha:
            return None
        parents = context.git.parents(head)
        if len(parents) == 2 and parents[1] == context.head_sha:
            base = parents[0]
        else:
            base = context.git.merge_base(context.base_sha, head)
        return Comparison(context.git, base, head, context.git.changed_lines(base, head))
    except GitUnavailable as error:
        raise ConfigurationError(f"nothing to compare with: {error}", advice=FETCH) from error
