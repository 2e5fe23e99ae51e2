"""`http`: one request, and what its answer has to be.

With `concurrent` the same request is sent several times at once: every answer has to be as
asserted, and `statuses` says how many of them have which status.
"""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from readiness_gate.checks.base import Check
from readiness_gate.checks.options.asserts import AnswerAsserts
from readiness_gate.checks.options.request import RequestOptions
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need

_MOST = 100
StatusCode = Annotated[str, StringConstraints(pattern=r"^[1-5][0-9]{2}$")]


class HttpOptions(AnswerAsserts, RequestOptions):
    """The request, and the assertions about its answer."""

    url: TargetUrl = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/health."
    )
    concurrent: int = Field(
        default=1, ge=1, le=_MOST, description="How often the request is sent at the same time."
    )
    statuses: dict[StatusCode, Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="How many answers have which status, such as {'201': 1, '409': 9}; needs "
        "`concurrent`. Other statuses must not come.",
    )
    retry: int = Field(default=0, ge=0, le=100, description="How often to try again.")
    retry_interval: Annotated[Duration, Field(gt=0)] = Field(
        default=1.0, description="Time between two tries."
    )

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        if not self.asserted and not self.statuses:
            raise ValueError(
                "assert something: status, header, cookie, body, jsonpath, regex, size, duration, "
                "redirects or certificate"
            )
        if self.statuses and self.concurrent == 1:
            raise ValueError("statuses: needs concurrent; of one answer write status")
        return self


CHECK = Check(
    id="http",
    title="An endpoint answers as it must",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=HttpOptions,
    remediation="Make the endpoint answer as asserted; the answer that came stands beside it.",
)
