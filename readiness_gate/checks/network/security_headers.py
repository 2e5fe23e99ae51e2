"""`security-headers`: answers carry the headers that protect browsers, and none that tell too much.

The set is that of the OWASP Secure Headers project. Values are judged, not presence alone: a
`Strict-Transport-Security` of a day or a `Content-Security-Policy` that allows inline scripts
protects nobody. Over plain HTTP browsers ignore `Strict-Transport-Security`, so there it counts
only where `require` names it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag, Text, one_or_many
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written

_FINE: JsonValue = {"lt": 400}
_YEAR = 31_536_000

Header = Literal[
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "cross-origin-embedder-policy",
    "cache-control",
]

_DEFAULT: tuple[Header, ...] = (
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
)


class SecurityHeadersOptions(CheckOptions):
    """The answers that are looked at, and what they have to carry."""

    url: Annotated[tuple[TargetUrl, ...], Written(before=one_or_many)] = Field(
        min_length=1,
        description="Paths below stack.base-url, or URLs of services; also one that fails, "
        "because error pages are often forgotten.",
    )
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = Field(
        default="GET", description="Method of the requests."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send with each request, such as a token."
    )
    status: Expectation = Field(
        default=_FINE, description="What the statuses have to be, so that the URL is as meant."
    )
    require: tuple[Header, ...] = Field(
        default=_DEFAULT, description="Headers that have to be there with a value that protects."
    )
    except_: dict[HeaderName, Text] = Field(
        default_factory=dict,
        alias="except",
        description="Headers that are not judged, each with the reason.",
    )
    header: dict[HeaderName, Expectation] = Field(
        default_factory=dict,
        description="What headers have to be, by name, instead of the rule for them.",
    )
    hsts_max_age: Annotated[Duration, Field(gt=0)] = Field(
        default=float(_YEAR), description="The least max-age of Strict-Transport-Security."
    )
    reveal: Flag = Field(
        default=False, description="Whether the answer may name programs with their versions."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        excepted = {name.lower() for name in self.except_}
        own = {name.lower() for name in self.header}
        if both := excepted & own:
            raise ValueError(f"{min(both)} is in header and in except")
        if not own and not set(self.require) - excepted:
            raise ValueError("nothing is left to judge: require or header names something")
        return self


CHECK = Check(
    id="security-headers",
    title="Answers carry the headers that protect browsers",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=SecurityHeadersOptions,
    remediation="Set the header for every answer, also for errors; one middleware does it.",
    example={
        "url": ["/health", "/"],
        "except": {"permissions-policy": "an API without pages"},
    },
)
