"""What `coverage-report` does when it runs; what it promises stands beside its options."""

from collections.abc import Mapping

from readiness_gate.checks.artifact_files import first_found, reports
from readiness_gate.checks.artifacts.coverage_change import changed_lines, ratchet
from readiness_gate.checks.artifacts.coverage_judged import Judged, Places, least_covered
from readiness_gate.checks.artifacts.coverage_report import CoverageReportOptions
from readiness_gate.checks.compared import Comparison, compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.doors.workspace import matches
from readiness_gate.formats.coverage import (
    FileCoverage,
    branch_share,
    line_share,
    merged,
    read_coverage,
)
from readiness_gate.model.result import CheckResult, failed, not_applicable, passed

USUAL = (
    "**/coverage*.xml", "**/cobertura*.xml", "**/jacoco*.xml", "**/lcov.info", "**/*.lcov",
    "**/coverage.json",
)  # fmt: skip

_KIND = "coverage report"


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
