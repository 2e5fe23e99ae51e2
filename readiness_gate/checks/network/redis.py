"""`redis`: Redis answers, keeps what it is told to keep, and holds the keys that it should.

Its protocol is spoken directly, with commands that only read. `requests` are sent to the target
first, such as a login that has to leave a session; keys are counted with SCAN, never with KEYS.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.stimulus import Stimulus
from readiness_gate.config.stack import EnvironmentName
from readiness_gate.config.values import Duration, Flag, Name, Text
from readiness_gate.matchers.field import Expectation
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
        schema={"type": "string", "pattern": "^(<=|>=|==|!=|<|>)", "examples": [">=1"]},
    ),
]


class Keys(CheckOptions):
    """What the keys of one pattern have to be."""

    count: Number | None = Field(default=None, description="How many there are, such as >=1.")
    increases: Number | None = Field(
        default=None, description="How many more there are after `requests`, such as '>=1'."
    )
    expire: Flag | None = Field(
        default=None, description="Whether they have, or have not, a time to live."
    )

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        if self.count is None and self.increases is None and self.expire is None:
            raise ValueError("assert something: count, increases or expire")
        return self


class RedisOptions(CheckOptions):
    """The service, and what it has to be; a PING is sent always."""

    service: Name = Field(description="Service that Redis, or Valkey, runs in.")
    port: int = Field(default=6379, ge=1, le=65_535, description="Its port.")
    database: int = Field(default=0, ge=0, le=10_000, description="Number of the database.")
    user: Text | None = Field(default=None, description="User to log in as; default: none.")
    password: EnvironmentName | None = Field(
        default=None,
        description="Variable that holds the password: of the service, else of the gate itself.",
    )
    persistence: Literal["aof", "rdb", "any", "none"] | None = Field(
        default=None,
        description="What is kept on disk, and was written well the last time.",
    )
    info: dict[Text, Expectation] = Field(
        default_factory=dict, description="What fields of INFO have to be; all of them are texts."
    )
    config: dict[Text, Expectation] = Field(
        default_factory=dict, description="What parameters of CONFIG have to be, as texts."
    )
    keys: dict[Text, Keys] = Field(
        default_factory=dict, description="What keys have to be, by pattern such as `session:*`."
    )
    requests: tuple[Stimulus, ...] = Field(
        default=(), description="Requests to send before the keys are counted again."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long Redis, or one answer to a request, may take."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if any(one.increases for one in self.keys.values()) and not self.requests:
            raise ValueError("increases: say in requests what adds keys")
        if self.requests and not self.keys:
            raise ValueError("requests: say in keys what is there afterwards")
        if self.user is not None and self.password is None:
            raise ValueError("user: needs a password")
        return self


CHECK = Check(
    id="redis",
    title="Redis answers, persists and holds its keys",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=RedisOptions,
    remediation="Correct redis.conf, or what writes the keys.",
    example={
        "service": "redis",
        "persistence": "aof",
        "config": {"maxmemory-policy": "noeviction"},
        "keys": {"session:*": {"increases": ">=1", "expire": True}},
        "requests": [{"url": "/login", "method": "POST", "json": {"user": "a", "password": "b"}}],
    },
)
