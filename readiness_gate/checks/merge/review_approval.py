"""`review-approval`: enough people who may, approved what is to be merged.

Counted is the last opinion of each person with write access, on the current head, and never the
author's own. With `code-owners` GitHub's own decision has to be "approved": it alone knows which
owner answers for which file. In a merge group every member needs its approvals. Needs the
permission `pull-requests: read`; who is in a team is told only to an App with members: read.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class ReviewApprovalOptions(CheckOptions):
    """How many approvals of whom are needed."""

    approvals: int = Field(default=1, ge=1, le=20, description="How many people have to approve.")
    by: OneOrMany = Field(
        default=(),
        description="Whose approvals count: a role, @user or @organisation/team; default "
        "everybody with write access. Teams need the token of an App.",
    )
    code_owners: Flag = Field(
        default=False,
        description="Whether GitHub's own decision has to be approved, which asks code owners.",
    )
    stale: Flag = Field(default=False, description="Whether an approval of an older commit counts.")
    bots: Flag = Field(default=False, description="Whether an approval by a bot counts.")


CHECK = Check(
    id="review-approval",
    title="Enough people approved",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=ReviewApprovalOptions,
    remediation="Ask somebody with write access for a review of the current head.",
    example={"approvals": 2, "code-owners": True},
)
