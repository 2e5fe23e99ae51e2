"""`coverage-report`: how much of the code tests reach, from the report of the job that ran them.

The share is counted from the lines of the report (Cobertura, LCOV, coverage.py's JSON, JaCoCo);
several reports are put together line by line. `changed` looks at the lines of the pull request,
`baseline` compares with a report, or a bare number, that is committed at the base.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def _share_limit(text: str) -> str:
    threshold(text, Unit.PERCENT)
    return text


ShareLimit = Annotated[
    str,
    Written(
        after=_share_limit,
        schema={"type": "string", "pattern": "^(<=|>=|<|>).*%$", "examples": [">80%"]},
    ),
]
"""A comparison with a percentage, such as `>80%`."""


class CoverageReportOptions(CheckOptions):
    """Which reports are read, and which shares they have to show."""

    path: OneOrMany = Field(
        default=(),
        description="Paths or patterns, each of which has to lead to a report; default the usual "
        "names: coverage*.xml, cobertura*.xml, jacoco*.xml, lcov.info, coverage.json.",
    )
    total: ShareLimit | None = Field(
        default=None, description="Lines that ran, of all that can run: >80%."
    )
    branches: ShareLimit | None = Field(
        default=None, description="Branches that were taken, of all that were measured."
    )
    paths: dict[Text, ShareLimit] = Field(
        default_factory=dict,
        description="Shares of parts, by pattern: {'backend/app/payments/**': '>=95%'}.",
    )
    changed: ShareLimit | None = Field(
        default=None,
        description="Share of the lines that the pull request adds or changes; needs its base.",
    )
    baseline: Text | None = Field(
        default=None,
        description="File at the base, a report or a number such as 81.4: the total may not fall "
        "below it.",
    )
    root: str = Field(
        default="", description="Folder of the checkout that the report's paths start in."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.total or self.branches or self.paths or self.changed or self.baseline):
            raise ValueError("set total, branches, paths, changed or baseline")
        return self


def needs(options: CoverageReportOptions) -> frozenset[Need]:
    """Return the needs: git only where something is compared with the base."""
    if options.changed is None and options.baseline is None:
        return frozenset({Need.WORKSPACE})
    return frozenset({Need.WORKSPACE, Need.GIT})


CHECK = Check(
    id="coverage-report",
    title="Tests reach enough of the code",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE, Need.GIT}),
    options=CoverageReportOptions,
    remediation="Test the lines that did not run; the files with the most of them are listed.",
    refine_needs=needs,
    example={
        "path": "reports/backend/coverage.xml",
        "total": ">80%",
        "paths": {"backend/app/payments/**": ">=95%"},
        "changed": ">=90%",
    },
)
