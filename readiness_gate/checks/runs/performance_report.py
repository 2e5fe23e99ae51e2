"""What `performance-report` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from readiness_gate.checks.artifact_files import of_this_commit, reports
from readiness_gate.checks.artifacts.performance_report import PerformanceReportOptions, limit_of
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.formats.performance import Figure, PerformanceReport, read_performance
from readiness_gate.matchers.threshold import Threshold, Unit
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_KIND = "performance report"
_SHOWN = 50


def run(context: CheckContext, options: PerformanceReportOptions) -> CheckResult:
    """Read every report and hold each figure against its limit."""
    try:
        found = reports(context, options.path, read_performance, kind=_KIND)
        for name, report in found:
            _trusted(context, options, name, report)
        rows = [row for report in found for row in _rows(report, options.metrics)]
        _all_measured(options, rows, found)
    except Unclear as unclear:
        return unclear.result
    problems = [f"{name}: {figure}: {cause}" for name, figure, _, cause in rows if cause]
    problems += [
        f"{name}: its own threshold did not hold: {one}"[:300]
        for name, report in found
        for one in report.crossed
    ]
    table = TableEvidence(
        title="Figures",
        columns=("figure", "limit", "measured"),
        rows=tuple(
            (figure, options.metrics[wanted], cause or "holds")
            for _, figure, wanted, cause in rows[:_SHOWN]
        ),
        omitted=max(0, len(rows) - _SHOWN),
    )
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        details = "\n".join(problems[:_SHOWN])
        return failed(f"{problems[0]}{more}", details=details, evidence=[table])
    samples = sum(report.samples for _, report in found)
    summary = f"{counted(len(rows), 'figure')} within limits, {counted(samples, 'sample')}"
    return passed(summary, evidence=[table])


_Row = tuple[str, str, str, str | None]
"""Report, figure, the name it was asked by, and why it is not within its limit."""


def _trusted(
    context: CheckContext, options: PerformanceReportOptions, name: str, report: PerformanceReport
) -> None:
    of_this_commit(context, name, report.commits)
    if options.format is not None and report.format != options.format:
        text = f"{name} is a report of {report.format}, not of {options.format}"
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text))
    if report.samples < options.samples:
        text = f"{name} has {counted(report.samples, 'sample')}, at least {options.samples} wanted"
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))


def _rows(found: tuple[str, PerformanceReport], metrics: Mapping[str, str]) -> Iterator[_Row]:
    name, report = found
    for wanted, text in metrics.items():
        for figure, measured in report.figures.items():
            if figure == wanted or ("*" in wanted and fnmatchcase(figure, _escaped(wanted))):
                yield name, figure, wanted, _explained(figure, measured, limit_of(text))


def _escaped(pattern: str) -> str:
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _explained(figure: str, measured: Figure, limit: Threshold) -> str | None:
    kind, unit = measured.kind, limit.unit
    if unit is Unit.DURATION and kind in {"time", "k6 trend"}:
        return limit.explain(measured.value / (1000 if kind == "k6 trend" else 1))
    if unit is Unit.PERCENT and kind == "share":
        return limit.explain(measured.value * 100)
    if (unit is Unit.NUMBER and kind != "time") or (
        unit is Unit.SIZE and kind in {"bytes", "number", "k6 trend"}
    ):
        return limit.explain(measured.value)
    units = {"time": "<200ms", "share": "<1%", "bytes": "<500kB"}
    advice = f"Write the limit as in {units.get(kind, '<5')}."
    text = f"{figure} is not measured in the unit of {limit.text}"
    raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text, remediation=advice))


def _all_measured(
    options: PerformanceReportOptions,
    rows: list[_Row],
    found: list[tuple[str, PerformanceReport]],
) -> None:
    seen = {wanted for _, _, wanted, _ in rows}
    missing = [one for one in options.metrics if one not in seen]
    if missing:
        there = sorted({figure for _, report in found for figure in report.figures})
        text = f"{missing[0]} was not measured"
        details = "\n".join(["measured:", *there[:_SHOWN]])
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text, details=details))
