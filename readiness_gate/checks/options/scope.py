"""Which files of the checkout a check reads: all of its patterns, or what a change alters."""

from typing import Literal, Protocol

from readiness_gate.model.outcome import Need

Scope = Literal["tree", "diff"]
"""Every file that is chosen, or of those the ones that the pull request adds or changes."""
SCOPE = (
    "Every file that is named, or of those the ones that the pull request adds or changes. Without "
    "a pull request it is every one."
)
"""How options say it."""


class Scoped(Protocol):
    """Options with a scope."""

    @property
    def scope(self) -> Scope:
        """What is looked at."""
        ...


def needs_of_scope(options: Scoped) -> frozenset[Need]:
    """Return the needs of a check of files: git only where the change has to be known."""
    return frozenset({Need.WORKSPACE, Need.GIT} if options.scope == "diff" else {Need.WORKSPACE})
