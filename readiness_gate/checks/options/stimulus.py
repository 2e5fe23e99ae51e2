"""Requests that are sent so that something moves: a counter, a key, a queue."""

from typing import Literal

from pydantic import Field, JsonValue

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.matchers.field import Expectation

_FINE: JsonValue = {"lt": 400}


class Stimulus(CheckOptions):
    """One request, sent a few times."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="Method of the request."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    times: int = Field(default=1, ge=1, le=1000, description="How often it is sent.")
    status: Expectation = Field(default=_FINE, description="What the statuses have to be.")
