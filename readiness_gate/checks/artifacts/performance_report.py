"""`performance-report`: figures that another job measured: k6, Locust, Lighthouse, axe, benchmarks.

Figures go by the tool's own names: `http_req_duration.p(95)`, `http_req_failed.rate` (k6); `p95`,
`failure-rate`, `GET /orders p95` (Locust); `performance`, `largest-contentful-paint` (Lighthouse);
`violations`, `critical` (axe); `test_total.mean` (pytest-benchmark). `*` stands for any text.
A figure that was not measured cannot be told; thresholds of k6's own that did not hold fail too.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, Field

from readiness_gate.checks.artifact_files import of_this_commit, reports
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.formats.performance import (
    Figure,
    PerformanceFormat,
    PerformanceReport,
    read_performance,
)
from readiness_gate.matchers.threshold import Threshold, Unit, threshold
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_KIND = "performance report"
_SHOWN = 50


def _limit(text: str) -> Threshold:
    """Return a comparison whose unit its text tells: `<200ms`, `<1%`, `<500kB`, `>=10`."""
    for unit in (Unit.PERCENT, Unit.DURATION, Unit.SIZE, Unit.NUMBER):
        try:
            return threshold(text, unit)
        except ValueError:
            # A percentage without its sign, and a plain number, are other units' errors.
            continue
    raise ValueError(f"{text[:40]!r} is no comparison such as <200ms, <1%, <500kB or >=10")


def _is_limit(text: str) -> str:
    _limit(text)
    return text


Limit = Annotated[str, AfterValidator(_is_limit)]


class PerformanceReportOptions(CheckOptions):
    """Which reports are read, and the limits of their figures."""

    path: OneOrMany = Field(
        min_length=1,
        description="Paths or patterns, each of which has to lead to a report.",
    )
    format: PerformanceFormat | None = Field(
        default=None, description="Whose reports they have to be; default as their content tells."
    )
    metrics: dict[Text, Limit] = Field(
        min_length=1,
        description="Limits by figure, with their unit: {p95: <200ms, failure-rate: <1%}.",
    )
    samples: int = Field(
        default=1, ge=1, description="How often has to be measured at least: requests, rounds."
    )


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
                yield name, figure, wanted, _explained(figure, measured, _limit(text))


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


CHECK = Check(
    id="performance-report",
    title="Measured figures are within their limits",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=PerformanceReportOptions,
    run=run,
    remediation="Look at the figure that is out of its limit, and at what the change does to it.",
    example={
        "path": "reports/k6-summary.json",
        "metrics": {"http_req_duration.p(95)": "<200ms", "http_req_failed.rate": "<1%"},
        "samples": 1000,
    },
)
