"""`doc-freshness`: documents follow the code, and are looked at again before they are old.

Before a merge: a change of `code` changes `docs` as well. On a schedule: no document is older than
`max-age`, by the date that it states or by its last commit.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Duration, Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need, Stage


class DocFreshnessOptions(CheckOptions):
    """The documents, and the code or the age that makes them old."""

    docs: OneOrMany = Field(min_length=1, description="Documents, as paths or patterns.")
    code: OneOrMany = Field(
        default=(),
        description="Patterns of what the documents describe; a change of it changes one of them.",
    )
    max_age: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None,
        description="How old each document is at most: 90d. Depends on the day, so an item without "
        "`code` that names no stage belongs to the stage `scheduled`.",
    )
    stated: Flag = Field(
        default=False,
        description="Whether the age counts from the date that the document states, such as "
        "`Last reviewed: 2026-01-31`, and not from its last commit.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not self.code and self.max_age is None:
            raise ValueError("assert something: code or max-age")
        if self.stated and self.max_age is None:
            raise ValueError("`stated` says from where `max-age` counts")
        return self


def _needs(options: DocFreshnessOptions) -> frozenset[Need]:
    if options.code or not options.stated:
        return frozenset({Need.WORKSPACE, Need.GIT})
    return frozenset({Need.WORKSPACE})


def _first_stage(options: DocFreshnessOptions) -> Stage:
    return Stage.PRE_MERGE if options.code else Stage.SCHEDULED


CHECK = Check(
    id="doc-freshness",
    title="Documents keep up with the code",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE, Need.GIT}),
    options=DocFreshnessOptions,
    remediation="Bring the document up to date and set its date.",
    refine_needs=_needs,
    first_stage=_first_stage,
    example={"code": ["backend/api/**/*.py"], "docs": ["docs/API.md"]},
)
