"""`changelog`: the changelog is in the form of Keep a Changelog, and tells of the change.

Versions fall, every one has an ISO date that is not in the future, groups are those of Keep a
Changelog. With `entry` a pull request that changes certain files has to add a line to it.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class ChangelogOptions(CheckOptions):
    """Which file, and what more is asked of it than its form."""

    path: str = Field(default="CHANGELOG.md", min_length=1, description="The changelog.")
    entry: Flag = Field(
        default=False,
        description="Whether a pull request that changes files has to add an entry to Unreleased, "
        "or to the version that it releases.",
    )
    changed: OneOrMany = Field(
        default=("**",),
        min_length=1,
        description="Files whose change asks for an entry.",
    )
    exclude: OneOrMany = Field(default=(), description="Files whose change asks for none.")
    version: str | None = Field(
        default=None, min_length=1, description="A version that has to have its section."
    )
    unreleased: Flag | None = Field(
        default=None,
        description="Whether there are entries under Unreleased (true), or may be none (false): "
        "for the moment of a release.",
    )


def _needs(options: ChangelogOptions) -> frozenset[Need]:
    return frozenset({Need.WORKSPACE, Need.GIT} if options.entry else {Need.WORKSPACE})


CHECK = Check(
    id="changelog",
    title="The changelog is kept",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=ChangelogOptions,
    remediation="Write what changed for users under `## [Unreleased]`, in Keep a Changelog's form.",
    refine_needs=_needs,
    example={"entry": True, "changed": ["backend/**", "frontend/**"], "exclude": ["**/tests/**"]},
)
