"""`metrics`: what a service exposes to Prometheus can be scraped, is complete, and moves.

The whole page is read as strictly as Prometheus does. `requests` are sent between two scrapes;
`increases` says by how much a family has to have grown then. A family that is declared, but has no
sample, is not there.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.stimulus import Stimulus
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Text
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written


def _number(text: str) -> str:
    threshold(text, Unit.NUMBER)
    return text


Number = Annotated[
    str,
    Written(
        after=_number,
        schema={"type": "string", "pattern": "^(<=|>=|==|!=|<|>)", "examples": [">0"]},
    ),
]
"""A comparison with a plain number."""


class ExpectedFamily(CheckOptions):
    """What one family has to be."""

    type: (
        Literal["counter", "gauge", "histogram", "summary", "untyped", "info", "stateset"] | None
    ) = Field(default=None, description="Its TYPE.")
    labels: tuple[Text, ...] = Field(
        default=(), description="Labels that each sample has to have, `le` and `quantile` apart."
    )
    where: dict[Text, str] = Field(
        default_factory=dict, description="Values of labels; only such samples count."
    )
    value: Number | None = Field(
        default=None,
        description="What the sum of its samples has to be, such as >0; of a histogram or a "
        "summary the count.",
    )
    increases: Number | None = Field(
        default=None,
        description="By how much the sum has to grow while `requests` are sent, such as >=3. What "
        "other checks ask meanwhile counts, too, so narrow it with `where`.",
    )


class MetricsOptions(CheckOptions):
    """The page, the families that it has to have, and what makes them move."""

    url: TargetUrl = Field(
        default="/metrics", description="A path below stack.base-url, or a URL of a service."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send, such as a token."
    )
    families: dict[Text, ExpectedFamily] = Field(
        default_factory=dict, description="Families that have to be there, by name."
    )
    requests: tuple[Stimulus, ...] = Field(
        default=(), description="Requests to send between two scrapes."
    )
    within: Annotated[Duration, Field(gt=0)] = Field(
        default=5.0, description="How long after the requests the increase may take."
    )
    series: Number | None = Field(
        default=None, description="How many samples the page may have, such as <5000."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _moves(self) -> Self:
        moving = any(one.increases for one in self.families.values())
        if moving and not self.requests:
            raise ValueError("increases: say in requests what makes it grow")
        if self.requests and not moving:
            raise ValueError("requests: say in a family what increases by them")
        return self


CHECK = Check(
    id="metrics",
    title="Metrics can be scraped, are complete, and move",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=MetricsOptions,
    remediation="Expose the families in Prometheus's text format, and count every request in them.",
    example={
        "url": "/metrics",
        "families": {
            "http_requests_total": {
                "type": "counter",
                "labels": ["method", "status"],
                "increases": ">=3",
            }
        },
        "requests": [{"url": "/health", "times": 3}],
    },
)
