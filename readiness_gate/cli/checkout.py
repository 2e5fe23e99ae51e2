"""Holds the checkout to the commit that gets the verdict; another one would be a false yes."""

from readiness_gate.cli.doors import Doors
from readiness_gate.cli.subject import Case
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.settings import Settings
from readiness_gate.errors import ConfigurationError

ASKED_FOR = frozenset({"", "workflow_dispatch"})
"""Where somebody names a pull request, and nothing has checked it out."""
_ADVICE = (
    "Check out the pull request: with `ref: refs/pull/NUMBER/merge` under workflow_dispatch, "
    "without a ref of your own under pull_request."
)


def require_checkout(case: Case, settings: Settings, doors: Doors) -> None:
    """Return where the workspace is the judged head, or a merge that has it as a parent.

    A workspace without git is taken for what the event checked out, except where a person or a
    `workflow_dispatch` named the pull request: nothing has checked that one out. On a laptop
    that writes nothing, the working tree is what is asked about.

    Raises:
        ConfigurationError: the workspace is another commit.
    """
    head = case.subject.head_sha
    if not (settings.in_actions or settings.may_write) or head is None:
        return
    checked_out = doors.git.head()
    if checked_out is None:
        if settings.event_name in ASKED_FOR and case.subject.pull_request is not None:
            raise ConfigurationError("the workspace is no git checkout", advice=_ADVICE)
        return
    if checked_out == head:
        return
    try:
        parents = doors.git.parents(checked_out)
    except GitUnavailable as error:
        raise ConfigurationError(f"the checkout cannot be read: {error}") from error
    if head not in parents:
        raise ConfigurationError(
            f"the workspace is {checked_out[:7]}, not {head[:7]} nor a merge of it",
            advice=_ADVICE,
        )
