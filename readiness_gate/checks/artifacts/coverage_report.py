"""`coverage-report`: how much of the code tests reach, from the report of the job that ran them.

The share is counted from the lines of the report (Cobertura, LCOV, coverage.py's JSON, JaCoCo);
several reports are put together line by line. `changed` looks at the lines of the pull request,
`baseline` compares with a report, or a bare number, that is committed at the base.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from readiness_gate.checks.artifact_files import first_found, reports
from readiness_gate.checks.artifacts.coverage_change import changed_lines, ratchet
from readiness_gate.checks.artifacts.coverage_judged import Judged, Places, least_covered
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.compared import Comparison, compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.doors.workspace import matches
from readiness_gate.formats.coverage import (
    FileCoverage,
    branch_share,
    line_share,
    merged,
    read_coverage,
)
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.result import CheckResult, failed, not_applicable, passed

USUAL = (
    "**/coverage*.xml", "**/cobertura*.xml", "**/jacoco*.xml", "**/lcov.info", "**/*.lcov",
    "**/coverage.json",
)  # fmt: skip
_KIND = "coverage report"


def _share_limit(text: str) -> str:
    threshold(text, Unit.PERCENT)
    return text


ShareLimit = Annotated[
    str,
    AfterValidator(_share_limit),
    WithJsonSchema({"type": "string", "pattern": "^(<=|>=|<|>).*%$", "examples": [">80%"]}),
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


def run(context: CheckContext, options: CoverageReportOptions) -> CheckResult:
    """Put the reports together and hold every share against its limit."""
    try:
        patterns = options.path or first_found(context, USUAL, _KIND)
        found = reports(context, patterns, read_coverage, kind=_KIND)
        places = Places(context, options.root)
        files = merged((report for _, report in found), places.of)
        comparison = _comparison(context, options)
        judged = Judged()
        _totals(options, files, judged)
        if options.baseline is not None and comparison is not None:
            ratchet(options.baseline, comparison, files, judged)
        if options.changed is not None and comparison is not None:
            changed_lines(options.changed, comparison, files, places, judged)
    except Unclear as unclear:
        return unclear.result
    if judged.problems:
        more = f"; and {len(judged.problems) - 1} more" if len(judged.problems) > 1 else ""
        return failed(
            f"{judged.problems[0]}{more}",
            details="\n".join([*judged.problems, *judged.held]),
            evidence=(*judged.evidence, least_covered(files)),
        )
    if not judged.held:
        return not_applicable("; ".join(judged.notes) or "there is no pull request to compare")
    return passed(
        f"{'; '.join(judged.held)} ({counted(len(files), 'file')})",
        details="\n".join(judged.notes),
    )


def _comparison(context: CheckContext, options: CoverageReportOptions) -> Comparison | None:
    if options.changed is None and options.baseline is None:
        return None
    return compared(context)


def _totals(
    options: CoverageReportOptions, files: Mapping[str, FileCoverage], judged: Judged
) -> None:
    if options.total is not None:
        judged.hold("lines", options.total, line_share(files.values()))
    if options.branches is not None:
        judged.hold("branches", options.branches, branch_share(files.values()))
    for pattern, limit in options.paths.items():
        part = [one for path, one in files.items() if matches(path, pattern)]
        judged.hold(pattern, limit, line_share(part))


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
    run=run,
    remediation="Test the lines that did not run; the files with the most of them are listed.",
    refine_needs=needs,
    example={
        "path": "reports/backend/coverage.xml",
        "total": ">80%",
        "paths": {"backend/app/payments/**": ">=95%"},
        "changed": ">=90%",
    },
)
