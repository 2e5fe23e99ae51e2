"""What a branch asks of a merge: its rulesets and its classic protection together."""

from typing import Literal

from pydantic import Field

from readiness_gate.model.record import Record

Hidden = Literal["checks", "strict", "reviews", "bypass"]


class RequiredCheck(Record):
    """A context that has to be green; `app_id` is the expected source, `None` is any."""

    context: str
    app_id: int | None = None
    source: Literal["ruleset", "protection"] = "ruleset"


class BranchRules(Record):
    """The rules of one branch, as far as the token sees them."""

    required_checks: tuple[RequiredCheck, ...] = ()
    strict: bool = Field(
        default=False, description="Whether a branch has to be up to date before it is merged."
    )
    merge_queue: bool = False
    pull_request: bool = Field(
        default=False, description="Whether changes have to come by pull request."
    )
    approvals: int = 0
    code_owners: bool = False
    dismiss_stale: bool = False
    bypass: tuple[str, ...] = Field(default=(), description="Who may merge past the rules.")
    hidden: tuple[Hidden, ...] = Field(
        default=(), description="What there may be more of than the token sees."
    )
