"""Requests around a log: one that has to leave a line, and one that asks what has arrived."""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Text
from readiness_gate.expressions import compiled
from readiness_gate.matchers.field import Expectation, JsonPath
from readiness_gate.model.written import Written

MARKER = "{marker}"


def line_expression(text: str) -> str:
    """Return an expression that says something of a line.

    Raises:
        ValueError: it is none (RE2), or every line matches it.
    """
    if compiled(text).search("") is not None:
        raise ValueError(f"{text!r} matches an empty line and so asserts nothing")
    return text


class Provocation(CheckOptions):
    """A request that has to leave a line in the log."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="Method of the request."
    )
    query: dict[str, str] = Field(default_factory=dict, description="Parameters of the URL.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    status: Expectation = Field(default=None, description="What the status has to be.")
    appears: Annotated[Text, Written(after=line_expression)] = Field(
        description="Expression (RE2) that a new line has to match; without {marker} it may match "
        "no line of before, which anything may leave."
    )
    within: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long to wait for the line."
    )

    @model_validator(mode="after")
    def _sends_its_marker(self) -> Self:
        sent = f"{self.query} {self.headers} {self.json_}"
        if MARKER in self.appears and MARKER not in sent:
            raise ValueError("{marker} in appears has to be sent: in query, headers or json")
        return self


class LogStore(CheckOptions):
    """The address at which a log store is asked, and what it has to answer."""

    url: TargetUrl = Field(
        description="Such as http://loki:3100/loki/api/v1/query_range; a service of the stack."
    )
    query: dict[str, str] = Field(
        default_factory=dict, description="Parameters of the URL, such as the store's own query."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    jsonpath: dict[JsonPath, Expectation] = Field(
        min_length=1, description="What values of the answer have to be, by JSONPath."
    )
    within: Annotated[Duration, Field(gt=0)] = Field(
        default=30.0, description="How long to wait for it."
    )
