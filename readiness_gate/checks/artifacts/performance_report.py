"""`performance-report`: figures that another job measured: k6, Locust, Lighthouse, axe, benchmarks.

Figures go by the tool's own names: `http_req_duration.p(95)`, `http_req_failed.rate` (k6); `p95`,
`failure-rate`, `GET /orders p95` (Locust); `performance`, `largest-contentful-paint` (Lighthouse);
`violations`, `critical` (axe); `test_total.mean` (pytest-benchmark). `*` stands for any text.
A figure that was not measured cannot be told; thresholds of k6's own that did not hold fail too.
"""

from typing import Annotated

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.formats.performance import PerformanceFormat
from readiness_gate.matchers.threshold import Threshold, Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def limit_of(text: str) -> Threshold:
    """Return a comparison whose unit its text tells: `<200ms`, `<1%`, `<500kB`, `>=10`."""
    for unit in (Unit.PERCENT, Unit.DURATION, Unit.SIZE, Unit.NUMBER):
        try:
            return threshold(text, unit)
        except ValueError:
            # A percentage without its sign, and a plain number, are other units' errors.
            continue
    raise ValueError(f"{text[:40]!r} is no comparison such as <200ms, <1%, <500kB or >=10")


def _is_limit(text: str) -> str:
    limit_of(text)
    return text


Limit = Annotated[str, Written(after=_is_limit)]


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


CHECK = Check(
    id="performance-report",
    title="Measured figures are within their limits",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=PerformanceReportOptions,
    remediation="Look at the figure that is out of its limit, and at what the change does to it.",
    example={
        "path": "reports/k6-summary.json",
        "metrics": {"http_req_duration.p(95)": "<200ms", "http_req_failed.rate": "<1%"},
        "samples": 1000,
    },
)
