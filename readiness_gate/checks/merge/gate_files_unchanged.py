"""`gate-files-unchanged`: who changes what the gate rests on needs an owner's approval.

Workflows, the gate's configuration, checklist, waivers and baselines, compose files, Dockerfiles
and the environment of migrations decide what is tested and how: a pull request that changes them
could make its own proof (notes on security S-07). Such a change waits until an owner of each file,
by CODEOWNERS at the base or else one of the people named in `by`, approves the present head. The
author never counts, nor does an approval of an older commit.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class GateFilesUnchangedOptions(CheckOptions):
    """Which files more, and who may approve."""

    also: OneOrMany = Field(
        default=(),
        description="Further files that the gate rests on, such as scripts that CI runs and "
        "Dockerfiles of other names; globs. Those that the configuration names, workflows, compose "
        "files, Dockerfiles and the environment of migrations are always among them.",
    )
    exclude: OneOrMany = Field(default=(), description="Files that need no approval; globs.")
    by: OneOrMany = Field(
        default=(),
        description="Who approves what CODEOWNERS gives to nobody: a role, @user or "
        "@organisation/team.",
    )


CHECK = Check(
    id="gate-files-unchanged",
    title="Changes of the gate's own files are approved by an owner",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=GateFilesUnchangedOptions,
    remediation="Ask an owner of these files for an approving review of the present head.",
    example={"by": ["@platform-lead"], "also": ["scripts/ci/**"]},
)
