"""`fault-injection`: a dependency goes away, and the service degrades as declared and recovers.

Each fault holds for a while, with requests going on: liveness has to stay, so that nobody kills
the service for what is not its fault; readiness has to turn, so that it gets no traffic; every
further path has to answer as declared, in time. Afterwards all of it has to come back by itself.
A frozen dependency (`pause`) and one that is gone (`stop`) are two faults: the first hangs, the
second fails at once. `latency` freezes it again and again for so long, so that its answers come
late and its connections live on.
"""

from typing import Annotated, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.disrupting import Method, about_a_status
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag, Name
from readiness_gate.matchers.field import DurationLimit, Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.stack.disruption import Fault

_STAYS: JsonValue = {"lt": 400}
_TURNS: JsonValue = {"ge": 500}
_MOST_PATHS = 20


class Watched(CheckOptions):
    """An address that is asked again and again."""

    url: TargetUrl = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/health."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=5.0, description="How long one answer may take."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")

    @field_validator("status", check_fields=False)
    @classmethod
    def _is_about_a_status(cls, value: JsonValue) -> JsonValue:
        if value is None:
            raise ValueError("null asserts nothing")
        return about_a_status(value)


class LivenessOptions(Watched):
    """What has to stay."""

    status: Expectation = Field(default=_STAYS, description="What its status has to be all along.")


class ReadinessOptions(Watched):
    """What has to turn."""

    status: Expectation = Field(
        default=_TURNS, description="What its status has to be while the dependency is away."
    )


class PathOptions(Watched):
    """What has to degrade as declared."""

    method: Method = Field(default="GET", description="Method of the request.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    request_body: str = Field(default="", description="Body to send, as it is.")
    status: Expectation = Field(
        description="What its status has to be while the dependency is away, "
        "such as {or: [200, 503]}."
    )
    duration: DurationLimit = Field(
        default="", description="How long it may take meanwhile, such as <2s."
    )


class FaultInjectionOptions(CheckOptions):
    """The dependency, what happens to it, and what has to hold."""

    dependency: Name = Field(description="Service that goes away.")
    faults: tuple[Fault, ...] = Field(
        default=(Fault.PAUSE, Fault.STOP),
        min_length=1,
        description="What happens to it, one after another: pause, stop, disconnect, latency.",
    )
    liveness: LivenessOptions | None = Field(
        default=None, description="URL that has to answer all along."
    )
    readiness: ReadinessOptions | None = Field(
        default=None,
        description="URL that has to turn while the dependency is away; not judged for latency.",
    )
    paths: tuple[PathOptions, ...] = Field(
        default=(), max_length=_MOST_PATHS, description="URLs that degrade as declared."
    )
    duration: Annotated[Duration, Field(gt=0)] = Field(
        default=15.0, description="How long each fault holds."
    )
    within: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="Time in which readiness has to have turned."
    )
    recovery: Annotated[Duration, Field(gt=0)] = Field(
        default=30.0,
        description="Time in which everything has to be back once the dependency is healthy again.",
    )
    latency: Annotated[Duration, Field(ge=0.05, le=60)] = Field(
        default=0.5, description="How late the dependency answers at most under `latency`."
    )

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        if self.liveness is None and self.readiness is None and not self.paths:
            raise ValueError("assert something: liveness, readiness or paths")
        if len(set(self.faults)) != len(self.faults):
            raise ValueError("each fault is named once")
        if self.readiness is not None and self.within >= self.duration:
            raise ValueError("within has to be shorter than duration")
        if self.liveness is None and not self.paths and set(self.faults) == {Fault.LATENCY}:
            raise ValueError("readiness is not judged for latency: name liveness or paths")
        return self


CHECK = Check(
    id="fault-injection",
    title="A dependency goes away: the service degrades as declared and recovers",
    family=Family.STACK,
    check_class=CheckClass.DISRUPT,
    needs=frozenset({Need.STACK}),
    options=FaultInjectionOptions,
    remediation="Give every call of the dependency a short timeout, answer readiness from its "
    "state and liveness without it, and connect again by itself.",
    example={
        "dependency": "redis",
        "liveness": {"url": "/health"},
        "readiness": {"url": "/ready", "status": 503},
        "paths": [{"url": "/items", "status": {"or": [200, 503]}, "duration": "<2s"}],
    },
)
