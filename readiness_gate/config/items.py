"""The section `items`: checklist items and the checks that prove them."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from readiness_gate.config.values import Duration, Flag, OneOrMany, Text
from readiness_gate.model.outcome import Severity, Stage
from readiness_gate.model.record import Record
from readiness_gate.model.written import Written


def shorthand(value: Any) -> Any:
    """Return `id: check` in its long form."""
    return {"check": value} if isinstance(value, str) else value


CheckId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class When(Record):
    """Where an item applies; all conditions must hold, an empty one always does."""

    paths: OneOrMany = Field(
        default=(), description="Globs; the pull request changes a file that matches one."
    )
    labels: OneOrMany = Field(default=(), description="The pull request carries one of these.")
    branches: OneOrMany = Field(default=(), description="Globs; the base branch matches one.")
    event: OneOrMany = Field(default=(), description="Name of GitHub's event is one of these.")
    draft: Flag | None = Field(
        default=None, description="Whether the pull request is a draft; default either."
    )
    reason: str = Field(default="", description="Why the item does not apply elsewhere.")


class BoundCheck(Record):
    """A check of the catalogue with its options."""

    check: CheckId = Field(description="Id of a check; `readiness-gate checks` lists them.")
    with_: dict[str, Any] | None = Field(
        default=None, alias="with", description="Options of the check."
    )


RollUp = Annotated[
    tuple[Annotated[BoundCheck, Written(before=shorthand)], ...], Field(min_length=1)
]


class ItemConfig(Record):
    """One item; what is given here overrides the line of the checklist with the same id."""

    title: Text | None = Field(default=None, description="What is true when the item passes.")
    category: Text | None = Field(default=None, description="Heading of the item in the report.")
    severity: Severity | None = Field(
        default=None, description="How much the item weighs; default high."
    )
    phase: Text | None = Field(
        default=None, description="First phase that needs the item; default the first of all."
    )
    stage: Stage | None = Field(
        default=None, description="When the item can first be true; default by the check."
    )
    check: CheckId | None = Field(
        default=None, description="Id of a check; `readiness-gate checks` lists them."
    )
    with_: dict[str, Any] | None = Field(
        default=None, alias="with", description="Options of the check."
    )
    checks: RollUp | None = Field(
        default=None, description="Several checks that must all pass, in place of check."
    )
    when: When | None = Field(default=None, description="Where the item applies; default always.")
    blocking: Flag | None = Field(
        default=None, description="Whether the item blocks; wins over block-on."
    )
    timeout: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None, description="How long the check may take, such as 60s."
    )
    todo: Text | None = Field(
        default=None, description="What this binding still lacks; the item stays pending."
    )

    @model_validator(mode="after")
    def _binds_one_way(self) -> Self:
        if self.check is not None and self.checks is not None:
            raise ValueError("give either check or checks, not both")
        if self.with_ is not None and self.check is None:
            raise ValueError("with needs the check that it belongs to")
        return self


Item = Annotated[ItemConfig, Written(before=shorthand)]
