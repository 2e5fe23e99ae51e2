"""`branch-protection`: the base branch requires the gate's statuses, from the expected source.

A verdict that nobody requires stops nothing. The contexts are those of the halves that this
configuration plans; rulesets and classic protection count alike. Rulesets are told to every token
but for who may bypass them; that, and most of classic protection, needs administration: read, which
a workflow's own token cannot have.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class BranchProtectionOptions(CheckOptions):
    """What the branch has to require; the gate's own contexts in any case."""

    branch: str | None = Field(
        default=None, min_length=1, description="Which branch; default the one merged into."
    )
    contexts: OneOrMany = Field(
        default=(), description="Further contexts of checks that have to be required."
    )
    expected_source: Flag = Field(
        default=True,
        description="Whether the gate's contexts have to be bound to an app; without, everybody "
        "with write access can set them.",
    )
    app_id: int | None = Field(
        default=None,
        ge=1,
        description="Id of the app that has to be their expected source; 15368 is GitHub Actions.",
    )
    strict: Flag = Field(
        default=False, description="Whether a branch has to be up to date before it is merged."
    )
    merge_queue: Flag = Field(default=False, description="Whether a merge queue is required.")
    no_bypass: Flag = Field(
        default=False,
        description="Whether nobody may merge past the rules; needs administration: read.",
    )
    approvals: int = Field(default=0, ge=0, le=10, description="Required approvals, at least.")


CHECK = Check(
    id="branch-protection",
    title="The base branch requires the gate",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=BranchProtectionOptions,
    remediation="Require the gate's statuses in a ruleset of the base branch; "
    "`readiness-gate doctor --ruleset` prints one.",
    example={"app-id": 15368, "strict": True},
)
