"""The options of `load`: endpoints, how many requests when, in k6's words, and the limits."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.usage_budget import SHORTEST_FOR_GROWTH, UsageLimits
from readiness_gate.config.values import Duration, Flag, OneOrMany
from readiness_gate.load.plan import Executor, Stage
from readiness_gate.load.thresholds import METRICS, LoadThreshold, load_threshold
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation, JsonPath

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_FINE: JsonValue = {"ge": 200, "lt": 300}
_FASTEST = 5000
_IMPLIED = ("http_req_failed", "rate<0.01")
_NEEDED = {
    "constant-vus": {"vus", "duration"},
    "ramping-vus": {"stages"},
    "constant-arrival-rate": {"rate", "duration"},
    "ramping-arrival-rate": {"stages"},
}
_ALLOWED = {
    "constant-vus": {"pause", "warm_up"},
    "ramping-vus": {"start_vus", "pause"},
    "constant-arrival-rate": {"time_unit", "max_vus", "warm_up"},
    "ramping-arrival-rate": {"start_rate", "time_unit", "max_vus"},
}


def _one_as_many(value: object) -> object:
    if isinstance(value, dict):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class LoadEndpoint(CheckOptions):
    """One request of the mix."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    name: str = Field(
        default="",
        pattern=r"^[^{}]{0,80}$",
        description="Name in thresholds and in the report; default: method and path.",
    )
    method: Method = Field(default="GET", description="Method of the request.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    weight: int = Field(default=1, ge=1, le=1000, description="Its share of the requests.")
    status: Expectation = Field(
        default=_FINE, description="What the statuses have to be; redirects are not followed."
    )

    @property
    def known_as(self) -> str:
        """Its name."""
        return self.name or f"{self.method} {urlsplit(self.url).path or '/'}"

    @property
    def statuses(self) -> frozenset[int]:
        """All statuses that are as they have to be."""
        expected = compile_matcher(self.status)
        return frozenset(one for one in range(100, 600) if expected.holds(one))


class Login(CheckOptions):
    """How a user gets a token, once, before the load begins."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    method: Method = Field(default="POST", description="Method of the request.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    token: JsonPath = Field(
        default="$.access_token", description="Where the token is in the answer, as JSONPath."
    )
    header: HeaderName = Field(
        default="Authorization", description="Header that carries the token in every request."
    )
    scheme: HeaderValue = Field(
        default="Bearer", description="Word before the token; '' for the token alone."
    )


class LoadStage(CheckOptions):
    """A time in which the level goes in a straight line to a target."""

    duration: Annotated[Duration, Field(gt=0)] = Field(description="How long the stage lasts.")
    target: int = Field(
        ge=0, le=1_000_000, description="Users, or starts per time-unit, at the end of the stage."
    )


class LoadOptions(UsageLimits):
    """What is asked, how often, and what has to hold meanwhile."""

    executor: Executor = Field(
        description="k6's name of how it is asked: constant-vus and ramping-vus are users with one "
        "request after another, constant-arrival-rate and ramping-arrival-rate are starts that "
        "wait for no answer."
    )
    endpoints: tuple[LoadEndpoint, ...] = Field(
        min_length=1, max_length=20, description="What is asked, by weight."
    )
    vus: int | None = Field(default=None, ge=1, le=1000, description="Users at the same time.")
    rate: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Requests that start in each time-unit."
    )
    time_unit: Annotated[Duration, Field(ge=1)] = Field(
        default=1.0, description="What rate, start-rate and targets are counted by."
    )
    duration: Annotated[Duration, Field(ge=1, le=7200)] | None = Field(
        default=None, description="How long it is measured."
    )
    stages: tuple[LoadStage, ...] = Field(
        default=(), max_length=50, description="How the level goes up and down."
    )
    start_vus: int = Field(default=1, ge=0, le=1000, description="Users at the first moment.")
    start_rate: int = Field(
        default=0, ge=0, le=1_000_000, description="Starts per time-unit at the first moment."
    )
    max_vus: int = Field(
        default=1000,
        ge=1,
        le=5000,
        description="Most requests under way at once; a start beyond that is dropped.",
    )
    pause: Annotated[Duration, Field(ge=0, le=60)] = Field(
        default=0.0, description="How long a user waits between two requests."
    )
    warm_up: Annotated[Duration, Field(ge=0, le=600)] = Field(
        default=0.0, description="Time under the same load that is not counted."
    )
    timeout: Annotated[Duration, Field(ge=0.1, le=60)] = Field(
        default=10.0, description="How long one answer may take."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")
    login: Annotated[
        tuple[Login, ...],
        BeforeValidator(_one_as_many, json_schema_input_type=Login | list[Login]),
    ] = Field(
        default=(),
        max_length=100,
        description="Logs in before; of several logins the users take turns.",
    )
    thresholds: dict[str, OneOrMany] = Field(
        default_factory=dict,
        description=f"k6's thresholds by metric: {', '.join(METRICS)}; of one endpoint with "
        "{name:ENDPOINT}. Where nothing is said of http_req_failed, it is rate<0.01.",
    )
    repeat: int = Field(
        default=1, ge=1, le=9, description="How often it is measured; the median decides nothing "
        "alone: a threshold has to hold every time."
    )  # fmt: skip
    services: OneOrMany = Field(
        default=(), description="Services whose use is measured; default all that stay up."
    )

    @model_validator(mode="after")
    def _has_its_executor(self) -> Self:
        given, executor = self.model_fields_set, self.executor
        for name in sorted(_NEEDED[executor] - given):
            raise ValueError(f"{executor} needs {name.replace('_', '-')}")
        about = set().union(*_NEEDED.values(), *_ALLOWED.values())
        for name in sorted((given & about) - _NEEDED[executor] - _ALLOWED[executor]):
            raise ValueError(f"{executor} has no {name.replace('_', '-')}")
        if not self.is_open and max(self.start, *(s.target for s in self.levels)) > 1000:
            raise ValueError("more than 1000 users are not of one machine")
        if self.is_open and max(self.start, *(s.target for s in self.levels)) > _FASTEST:
            raise ValueError(f"more than {_FASTEST} starts a second are not of one machine")
        if not any((self.start, *(stage.target for stage in self.levels))):
            raise ValueError("stages: nothing is ever asked")
        return self

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        limits = (self.max_memory, self.max_memory_share, self.max_cpu, self.max_growth)
        if not self.thresholds and all(limit is None for limit in limits):
            raise ValueError("assert something: thresholds, max-memory, max-cpu or max-growth")
        names = [one.known_as for one in self.endpoints]
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"endpoints: two are called {name}: give them a name")
        for one in self.endpoints:
            if not one.statuses:
                raise ValueError(f"endpoints: {one.known_as}: no status is as asserted")
        for limit in self.limits:
            if limit.endpoint and limit.endpoint not in names:
                raise ValueError(f"thresholds: no endpoint is called {limit.endpoint}")
        shortest = SHORTEST_FOR_GROWTH / 0.75
        if self.max_growth is not None and self.repeat * self.seconds < shortest:
            raise ValueError("growth is not seen in less than 15s: make it longer")
        return self

    @property
    def is_open(self) -> bool:
        """Whether starts are told, whatever the answers do."""
        return self.executor.endswith("arrival-rate")

    @property
    def start(self) -> float:
        """Users or starts per second at the first moment."""
        match self.executor:
            case "constant-vus":
                return self.vus or 0
            case "constant-arrival-rate":
                return (self.rate or 0) / self.time_unit
            case "ramping-vus":
                return self.start_vus
        return self.start_rate / self.time_unit

    @property
    def levels(self) -> tuple[Stage, ...]:
        """The stages, in users or starts per second."""
        if self.duration is not None:
            return (Stage(self.duration, self.start),)
        unit = self.time_unit if self.is_open else 1
        return tuple(Stage(one.duration, one.target / unit) for one in self.stages)

    @property
    def seconds(self) -> float:
        """How long one run is counted."""
        return sum(one.duration for one in self.levels)

    @property
    def limits(self) -> tuple[LoadThreshold, ...]:
        """The thresholds, with the one that is implied."""
        wanted = {name: texts for name, texts in self.thresholds.items() if texts}
        wanted.setdefault(_IMPLIED[0], (_IMPLIED[1],))
        return tuple(
            load_threshold(metric, text) for metric, texts in wanted.items() for text in texts
        )
