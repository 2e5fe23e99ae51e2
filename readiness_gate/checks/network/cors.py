"""`cors`: other origins read the answers exactly where they are meant to.

Every origin is asked twice: by the request itself and by the preflight of a browser. Origins that
look like an allowed one (another scheme or port, a longer or a foreign name, a sub-domain), and
`null`, count as denied unless they are listed. A wildcard with credentials is refused always.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.written import Written

_FINE: JsonValue = {"lt": 400}
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _origin(text: str) -> str:
    if text == "null":
        return text
    parts = urlsplit(text)
    if not text.isascii() or parts.hostname is None or f"{parts.scheme}://{parts.netloc}" != text:
        raise ValueError(f"{text[:60]!r} is no origin such as https://app.example")
    if "@" in parts.netloc or parts.port == _DEFAULT_PORTS.get(parts.scheme):
        raise ValueError(f"{text[:60]!r}: browsers write an origin without user and default port")
    if text != text.lower():
        raise ValueError(f"{text[:60]!r}: browsers write origins in lower case")
    return text


Origin = Annotated[
    str,
    Written(
        after=_origin, schema={"type": "string", "pattern": "^(null|[a-z][a-z0-9+.-]*://[^/]+)$"}
    ),
]

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class CorsOptions(CheckOptions):
    """Who may read the answers of one URL, and who may not."""

    url: TargetUrl = Field(description="A path below stack.base-url, or a URL of a service.")
    allow: tuple[Origin, ...] = Field(default=(), description="Origins that have to be let in.")
    deny: tuple[Origin, ...] = Field(default=(), description="Origins that must not be let in.")
    look_alikes: Flag = Field(
        default=True,
        description="Whether `null`, and what looks like an allowed origin, must not be let in.",
    )
    credentials: Flag | None = Field(
        default=None,
        description="Whether allowed origins may send cookies; not given: either will do.",
    )
    methods: tuple[Method, ...] = Field(
        default=("GET",), min_length=1, description="Methods that allowed origins may use."
    )
    request_headers: tuple[HeaderName, ...] = Field(
        default=(), description="Headers that allowed origins may send."
    )
    preflight: Flag = Field(default=True, description="Whether preflights are asked, too.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send with each request, such as a token."
    )
    status: Expectation = Field(
        default=_FINE,
        description="What the answer without any origin has to be, so that the URL is the one "
        "that is meant.",
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        if not self.allow and not self.deny:
            raise ValueError("name origins in allow, in deny, or in both")
        if both := set(self.allow) & set(self.deny):
            raise ValueError(f"{min(both)} is in allow and in deny")
        if "origin" in {name.lower() for name in self.headers}:
            raise ValueError("headers: the origin is what this check sets")
        return self

    @property
    def denied(self) -> tuple[str, ...]:
        """Return all origins that must not be let in, each once."""
        found = dict.fromkeys(self.deny)
        if self.look_alikes:
            found |= dict.fromkeys(["null"])
            for origin in self.allow:
                found |= dict.fromkeys(look_alikes(origin))
        return tuple(one for one in found if one not in self.allow)


def look_alikes(origin: str) -> Iterator[str]:
    """Yield what careless comparisons take for `origin`: by prefix, suffix, pattern, host alone."""
    if origin == "null":
        return
    parts = urlsplit(origin)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    yield f"{parts.scheme}://{host}.evil.example{port}"
    yield f"{parts.scheme}://evil{host}{port}"
    yield f"{parts.scheme}://evil.{host}{port}"
    yield f"{'http' if parts.scheme == 'https' else 'https'}://{parts.netloc}"
    yield f"{parts.scheme}://{host}:{(parts.port or 8442) + 1}"
    if "." in host:
        yield f"{parts.scheme}://{host.replace('.', 'x', 1)}{port}"


CHECK = Check(
    id="cors",
    title="Only the declared origins read answers",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=CorsOptions,
    remediation="Compare the Origin with a list of whole origins; never reflect it, never use a "
    "star with credentials.",
    example={
        "url": "/health",
        "allow": ["https://app.example"],
        "deny": ["https://evil.example"],
    },
)
