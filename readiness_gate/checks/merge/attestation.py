"""`attestation`: a person signed, with evidence, and the signature still holds.

Nothing that a machine measured: an absent or expired sign-off is `pending`, not red. It stands in
`.github/readiness-attestations.yml` at the base, or in a comment or review of the pull request as
a line of its own, `/readiness attest ID URL`; or its line of the checklist is ticked at the base by
a pull request that a person who may sign approved. The author of the pull request never signs for
it. What was edited, hidden, dismissed or deleted no longer counts, and who signs outside of the
file needs the permission that GitHub knows. In a merge group every member needs its sign-off.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Duration, Flag, OneOrMany, one_or_many
from readiness_gate.model.outcome import CheckClass, Family
from readiness_gate.model.written import Written

_SOURCES = ("file", "comment", "review", "tick")
_DAY = 24 * 3600

Sources = Annotated[
    tuple[Literal["file", "comment", "review", "tick"], ...],
    Written(
        before=one_or_many,
        schema={
            "anyOf": [
                {"enum": list(_SOURCES)},
                {"type": "array", "items": {"enum": list(_SOURCES)}, "minItems": 1},
            ]
        },
    ),
]


class AttestationOptions(CheckOptions):
    """Who has to sign, where, and for how long a signature holds."""

    by: OneOrMany = Field(
        default=(),
        description="A role, @user or @organisation/team; default anyone but the author.",
    )
    max_age: Duration | None = Field(
        default=None,
        gt=0,
        description="How old a sign-off may be, such as 90d; below a day no entry of the file "
        "counts, which carries a day alone.",
    )
    expires: Flag = Field(
        default=False, description="Whether a sign-off has to carry an expiry date of its own."
    )
    accept: Sources = Field(
        default=("file", "comment", "review", "tick"),
        min_length=1,
        description="Where a sign-off may stand: `file`, `comment`, `review`, or, of who is named "
        "in `by`, the approval of the merged pull request that ticked the line: `tick`.",
    )
    approval: Flag = Field(
        default=False,
        description="Whether an approving review of the present head is a sign-off without a "
        "word, and itself the evidence.",
    )
    scope: Literal["repository", "pull-request", "commit"] = Field(
        default="repository",
        description="How much a sign-off may cover at most; `commit` asks for one of the present "
        "head, which a comment cannot give.",
    )
    permission: Literal["read", "triage", "write", "maintain", "admin"] = Field(
        default="write",
        description="What who signs by comment or review may do in the repository at least.",
    )
    people: int = Field(
        default=1, ge=1, le=20, description="How many different people have to sign."
    )

    @model_validator(mode="after")
    def _the_file_tells_days(self) -> Self:
        if self.max_age is not None and self.max_age < _DAY and set(self.accept) == {"file"}:
            raise ValueError("max-age is below a day, and an entry of the file carries a day alone")
        return self


CHECK = Check(
    id="attestation",
    title="A person signed off",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset(),
    options=AttestationOptions,
    per_item=True,
    remediation="Have a permitted person add a sign-off with evidence.",
)
