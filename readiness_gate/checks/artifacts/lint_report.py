"""`lint-report`: what a linter of another job found: mypy, ruff, flake8, ESLint, checkstyle.

The gate does not run linters of its own, which would be green on one machine and red on another.
A report that is empty because the linter crashed looks like one without problems; such formats
have to say that they came to their end.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from readiness_gate.checks.artifact_files import reports
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.compared import compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.checks.report_places import in_checkout
from readiness_gate.config.values import Flag, OneOrMany, Texts
from readiness_gate.formats.lint import LintFormat, LintProblem, LintReport, read_lint
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.result import CheckResult, failed, not_applicable, passed

_SHOWN = 20
_WORSE = {"error": 0, "warning": 1, "note": 2}


class LintReportOptions(CheckOptions):
    """Which reports are read, and what may be in them."""

    path: OneOrMany = Field(
        min_length=1,
        description="Paths or patterns, each of which has to lead to a report.",
    )
    format: LintFormat | None = Field(
        default=None, description="Whose report it is; default as its content tells."
    )
    level: Literal["error", "warning", "note"] = Field(
        default="warning", description="What counts: this level and worse."
    )
    maximum: Annotated[int, Field(ge=0)] = Field(
        default=0, description="How many problems there may be."
    )
    ignore: Texts = Field(default=(), description="Rules that do not count, by their id.")
    changed: Flag = Field(
        default=False,
        description="Whether only problems on lines of the pull request count; needs its base.",
    )
    root: str = Field(
        default="", description="Folder of the checkout that the report's paths start in."
    )


def run(context: CheckContext, options: LintReportOptions) -> CheckResult:
    """Read every report and count what is bad enough."""

    def reader(data: bytes) -> LintReport:
        return read_lint(data, options.format)

    try:
        found = reports(context, options.path, reader, kind="lint report")
    except Unclear as unclear:
        return unclear.result
    problems = [
        one
        for _, report in found
        for one in report.problems
        if _WORSE[one.severity] <= _WORSE[options.level] and one.rule not in options.ignore
    ]
    placed = [(in_checkout(context.workspace, one.path, options.root), one) for one in problems]
    what = f"{counted(len(found), 'report')} of {', '.join(sorted({r.format for _, r in found}))}"
    if options.changed:
        comparison = compared(context)
        if comparison is None:
            return not_applicable("there is no pull request to compare")
        lines = {file.path: file.numbers for file in comparison.changed}
        # A problem whose place is not known may be the pull request's.
        placed = [
            (path, one)
            for path, one in placed
            if path is None or (path in lines and (one.line is None or one.line in lines[path]))
        ]
        what += ", on lines of the change"
    return _judged(options, placed, what)


def _judged(
    options: LintReportOptions, placed: Sequence[tuple[str | None, LintProblem]], what: str
) -> CheckResult:
    number = counted(len(placed), "problem")
    if len(placed) <= options.maximum:
        allowed = f", {options.maximum} allowed" if options.maximum else ""
        return passed(f"{number} in {what}{allowed}")
    lines = [_line(path, one) for path, one in placed[:_SHOWN]]
    allowed = f", {options.maximum} allowed" if options.maximum else ""
    return failed(
        f"{number} in {what}{allowed}, first {lines[0]}",
        details="\n".join(lines),
        evidence=[
            LocationEvidence(path=path, line=one.line, text=_said(one))
            for path, one in placed[:_SHOWN]
            if path is not None
        ],
    )


def _said(problem: LintProblem) -> str:
    return f"{problem.rule}: {problem.message}"[:300] if problem.rule else problem.message[:300]


def _line(path: str | None, problem: LintProblem) -> str:
    at = f":{problem.line}" if problem.line else ""
    return f"{path or problem.path}{at}: {_said(problem)}"


def needs(options: LintReportOptions) -> frozenset[Need]:
    """Return the needs: git only where lines of the change count."""
    return frozenset({Need.WORKSPACE, Need.GIT} if options.changed else {Need.WORKSPACE})


CHECK = Check(
    id="lint-report",
    title="Linters have nothing to say",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE, Need.GIT}),
    options=LintReportOptions,
    work=run,
    remediation="Correct the lines named, or let the linter itself ignore what does not apply.",
    refine_needs=needs,
    example={"path": "reports/mypy.txt", "format": "mypy", "level": "error"},
)
