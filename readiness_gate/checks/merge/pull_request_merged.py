"""`pull-request-merged`: one named pull request has been merged into our base."""

from typing import TYPE_CHECKING

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import REPOSITORY, PullRequestNumber
from readiness_gate.model.outcome import CheckClass, Family, Need

if TYPE_CHECKING:
    from readiness_gate.model.pull_request import Reference


class PullRequestMergedOptions(CheckOptions):
    """The pull request that has to be merged."""

    number: PullRequestNumber = Field(description="Number of the pull request.")
    repository: str | None = Field(
        default=None,
        pattern=f"^{REPOSITORY}$",
        description="Repository (owner/repo) of the pull request; default this one.",
    )


def _asked(options: PullRequestMergedOptions, home: str) -> "tuple[Reference, ...]":
    from readiness_gate.model.pull_request import Reference  # noqa: PLC0415

    return (Reference(options.repository or home, options.number),)


CHECK = Check(
    id="pull-request-merged",
    title="A named pull request is merged",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=PullRequestMergedOptions,
    asks=_asked,
    remediation="Merge the named pull request first.",
)
