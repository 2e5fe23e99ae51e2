"""`rate-limit`: one client too many requests is told so, at the declared number, and let in later.

Sends requests one after another until the first 429 and counts what came before it. It runs with
nothing beside it, because requests of others would be counted, too; what they used up before is
waited for once. Afterwards it waits for the window to pass, so that who comes next finds it fresh,
unless that is longer than the item's time.
"""

import json
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate import units
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written

_FINE: JsonValue = {"lt": 400}
_MOST = 10_000
_RATE = r"^[0-9]{1,12}(\.[0-9]{1,6})? ?/ ?[a-z]{1,6}$"


def _rate(text: str) -> str:
    rate = units.rate(text)
    if not 1 <= rate.count <= _MOST or rate.count != int(rate.count):
        raise ValueError(f"{text!r}: write a whole number of requests from 1 to {_MOST}")
    return text


Limit = Annotated[
    str,
    Written(after=_rate, schema={"type": "string", "pattern": _RATE, "examples": ["20/minute"]}),
]


class RateLimitOptions(CheckOptions):
    """The request, and how many of it one client may send."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    limit: Limit = Field(description="Requests that are let in, such as 20/minute or 1000/day.")
    tolerance: int = Field(
        default=0, ge=0, le=1000, description="By how many requests the limit may be off."
    )
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="Method of the requests."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send, such as the token of one client."
    )
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    status: Expectation = Field(
        default=_FINE,
        description="What answers below the limit have to be; 401 for a login with a wrong "
        "password.",
    )
    announces: Literal["retry-after", "ratelimit", "any", "nothing"] = Field(
        default="any",
        description="What the refusal has to carry: Retry-After, RateLimit headers, one of them.",
    )
    resets: Flag | None = Field(
        default=None,
        description="Whether to wait until requests are let in again; default: where the window "
        "is at most a minute.",
    )
    another_identity: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict,
        description="Headers of another client, which must be let in meanwhile.",
    )
    not_lifted_by: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict,
        description="Headers that must not lift the limit, such as a forged X-Forwarded-For; "
        "each is tried alone.",
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.tolerance >= self.count:
            raise ValueError("tolerance: has to be less than the limit")
        if self.resets and self.window > 3600:
            raise ValueError("resets: nobody waits longer than an hour")
        same = {name.lower(): value for name, value in self.headers.items()}
        other = {name.lower(): value for name, value in self.another_identity.items()}
        if other and all(same.get(name) == value for name, value in other.items()):
            raise ValueError("another-identity: has the same headers as the first")
        return self

    @property
    def count(self) -> int:
        """Requests that are let in."""
        return int(units.rate(self.limit).count)

    @property
    def window(self) -> float:
        """Seconds within which they are counted."""
        return units.rate(self.limit).period

    @property
    def waits(self) -> bool:
        """Whether the end of the window is waited for."""
        return self.window <= 60 if self.resets is None else self.resets

    @property
    def sent_headers(self) -> dict[str, str]:
        """The headers, with the type of a body."""
        given = {name.lower() for name in self.headers}
        typed = self.json_ is not None and "content-type" not in given
        return {**({"Content-Type": "application/json"} if typed else {}), **self.headers}

    @property
    def sent_body(self) -> bytes | None:
        """The body as bytes."""
        return None if self.json_ is None else json.dumps(self.json_).encode()


CHECK = Check(
    id="rate-limit",
    title="Too many requests of one client are refused",
    family=Family.NETWORK,
    check_class=CheckClass.MEASURE,
    needs=frozenset({Need.STACK}),
    options=RateLimitOptions,
    remediation="Count requests by client, answer 429 with Retry-After once the limit is reached, "
    "and let the client in again after the window.",
    example={
        "url": "/login",
        "method": "POST",
        "json": {"email": "rate@shop.example", "password": "wrong"},
        "status": 401,
        "limit": "5/minute",
        "not-lifted-by": {"X-Forwarded-For": "203.0.113.7"},
    },
)
