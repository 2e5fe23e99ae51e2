"""`promql`: what Prometheus answers to a query is within its limit, now or over a time.

No data is no pass: a query without a series, or with NaN only, cannot tell. `empty: true` asserts
that nothing is found, such as no firing alert; then Prometheus has to know at least one target that
is up, or it knows nothing at all.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag, Text
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written

_MOST_POINTS = 11_000
"""Points of one series that Prometheus returns at most."""


def _number(text: str) -> str:
    threshold(text, Unit.NUMBER)
    return text


Number = Annotated[
    str,
    Written(
        after=_number,
        schema={"type": "string", "pattern": "^(<=|>=|==|!=|<|>)", "examples": ["<0.01"]},
    ),
]


class PromqlOptions(CheckOptions):
    """The query, and what its answer has to be."""

    url: TargetUrl = Field(
        description="Where Prometheus answers, such as http://prometheus:9090; a path below "
        "stack.base-url, or a URL of a service."
    )
    query: Text = Field(max_length=4000, description="PromQL.")
    value: Number | None = Field(
        default=None,
        description="What the value of every series has to be, such as <0.01; over a time at "
        "every point.",
    )
    series: Number | None = Field(
        default=None, description="How many series there have to be, such as >=2."
    )
    empty: Flag = Field(default=False, description="Whether nothing may be found.")
    over: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None, description="Ask for every point of this last time, not for now alone."
    )
    step: Annotated[Duration, Field(ge=1)] = Field(
        default=15.0, description="Time between two points."
    )
    within: Annotated[Duration, Field(ge=0)] = Field(
        default=0.0,
        description="How long to ask again until it holds, because targets are scraped now and "
        "then.",
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send, such as a token."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        if self.empty and (self.value or self.series):
            raise ValueError("empty: asserts that there is neither value nor series")
        if not self.empty and self.value is None and self.series is None:
            raise ValueError("assert something: value, series or empty")
        if self.over is not None and self.over / self.step > _MOST_POINTS:
            raise ValueError(f"over: more than {_MOST_POINTS} points; write a longer step")
        if self.over is not None and self.over < self.step:
            raise ValueError("over: is shorter than one step")
        return self


CHECK = Check(
    id="promql",
    title="What Prometheus measured is within its limit",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=PromqlOptions,
    remediation="Find out since when the value is out of its limit, and what changed then.",
    example={
        "url": "http://prometheus:9090",
        "query": 'sum(rate(http_requests_total{status=~"5.."}[5m])) '
        "/ sum(rate(http_requests_total[5m]))",
        "value": "<0.01",
        "over": "30m",
        "step": "1m",
    },
)
