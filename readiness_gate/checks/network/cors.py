"""`cors`: other origins read the answers exactly where they are meant to.

Every origin is asked twice: by the request itself and by the preflight of a browser. Origins that
look like an allowed one (another scheme or port, a longer or a foreign name, a sub-domain), and
`null`, count as denied unless they are listed. A wildcard with credentials is refused always.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema, model_validator

from readiness_gate.checks.asking import (
    Asking,
    OutOfTime,
    Silent,
    asking,
    out_of_time,
    problems_failed,
    unanswered,
)
from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.exchange import HeaderName, HeaderValue, request_evidence
from readiness_gate.checks.target import Endpoint, TargetUrl, endpoint
from readiness_gate.config.values import Duration, Flag
from readiness_gate.doors.web import Answer
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.result import CheckResult, passed

_SIMPLE = frozenset({"GET", "HEAD", "POST"})
"""Methods that need no leave (Fetch standard)."""
_SAFE = frozenset({"accept", "accept-language", "content-language", "content-type"})
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
    AfterValidator(_origin),
    WithJsonSchema({"type": "string", "pattern": "^(null|[a-z][a-z0-9+.-]*://[^/]+)$"}),
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


@dataclass(frozen=True)
class _Seen:
    """One answer to one origin."""

    origin: str
    what: str
    """`GET` or `preflight of GET`."""
    answer: Answer
    evidence: RequestEvidence

    @property
    def allowed(self) -> str | None:
        return self.answer.header("access-control-allow-origin")

    @property
    def with_credentials(self) -> bool:
        return self.answer.header("access-control-allow-credentials") == "true"


def run(context: CheckContext, options: CorsOptions) -> CheckResult:
    """Ask for every origin, and compare what browsers would make of the answers."""
    target = endpoint(context, options.url)
    asks = asking(context, options.timeout)
    seen: list[_Seen] = []
    try:
        plain = asks.ask(target, _method(options), headers=options.headers)
        cause = compile_matcher(options.status).explain(plain.status)
        if cause is not None:
            shown = request_evidence(_method(options), target, plain)
            return problems_failed(
                [f"{_method(options)} {target.url} without an origin: status: {cause}"], [shown]
            )
        for origin in (*options.allow, *options.denied):
            seen += _asked(asks, options, target, origin)
    except Silent as error:
        return unanswered(context, error, [one.evidence for one in seen[-2:]])
    except OutOfTime:
        return out_of_time(context, f"{len(seen)} answers to origins were seen")
    return _judged(options, target, seen)


def _method(options: CorsOptions) -> str:
    """Return the method of the request itself: one that only reads."""
    return "HEAD" if options.methods == ("HEAD",) else "GET"


def _asked(asks: Asking, options: CorsOptions, target: Endpoint, origin: str) -> Iterator[_Seen]:
    method = _method(options)
    if not options.preflight or {"GET", "HEAD"} & set(options.methods):
        answer = asks.ask(target, method, headers={**options.headers, "Origin": origin})
        yield _Seen(origin, method, answer, request_evidence(method, target, answer))
    for wanted in options.methods if options.preflight else ():
        headers = {"Origin": origin, "Access-Control-Request-Method": wanted}
        if options.request_headers:
            names = ",".join(sorted(name.lower() for name in options.request_headers))
            headers["Access-Control-Request-Headers"] = names
        answer = asks.ask(target, "OPTIONS", headers=headers)
        what = f"preflight of {wanted}"
        yield _Seen(origin, what, answer, request_evidence("OPTIONS", target, answer))


def _judged(options: CorsOptions, target: Endpoint, seen: list[_Seen]) -> CheckResult:
    problems: list[str] = []
    bad: list[_Seen] = []
    for one in seen:
        causes = list(_problems(options, one))
        problems += [f"{one.origin} ({one.what}): {cause}" for cause in causes]
        bad += [one] if causes else []
    problems += _unvaried(options, seen)
    if problems:
        return problems_failed(problems, [one.evidence for one in bad or seen])
    let_in, kept_out = len(options.allow), len(options.denied)
    summary = f"{target.url}: {let_in} origins let in, {kept_out} kept out, {len(seen)} answers"
    return passed(
        summary,
        details="\n".join(["kept out:", *options.denied]),
        evidence=[one.evidence for one in seen[:2]],
    )


def _problems(options: CorsOptions, one: _Seen) -> Iterator[str]:
    if one.answer.status >= 500:
        yield f"status {one.answer.status}"
    if one.with_credentials and one.allowed in {"*", "null"}:
        yield f"credentials together with the origin {one.allowed}"
    if one.origin in options.allow:
        yield from _let_in(options, one)
    elif one.allowed is not None and (one.allowed.strip() in {"*", one.origin}):
        also = ", with credentials" if one.with_credentials else ""
        yield f"is let in{also}: access-control-allow-origin is {one.allowed}"
    elif one.allowed is not None and one.origin in one.allowed.replace(",", " ").split():
        yield f"access-control-allow-origin lists it: {one.allowed[:120]}"


def _let_in(options: CorsOptions, one: _Seen) -> Iterator[str]:
    is_preflight = one.what.startswith("preflight")
    if one.allowed == "*" and (options.deny or options.look_alikes):
        yield "is let in by *, which lets everybody in"
    elif one.allowed not in {one.origin, "*"}:
        yield f"is not let in: access-control-allow-origin is {one.allowed or 'absent'}"
    if options.credentials is not None and one.with_credentials is not options.credentials:
        yield f"credentials are {'allowed' if one.with_credentials else 'not allowed'}"
    if not is_preflight:
        return
    if not 200 <= one.answer.status < 300:
        yield f"the preflight is answered with status {one.answer.status}, which browsers refuse"
    wanted = one.what.rpartition(" ")[2]
    methods = _listed(one, "access-control-allow-methods")
    if wanted not in _SIMPLE and not _grants(methods, wanted.lower(), one):
        yield f"access-control-allow-methods does not name {wanted}"
    headers = _listed(one, "access-control-allow-headers")
    for name in options.request_headers:
        # Authorization is never covered by the wildcard (Fetch standard).
        by_name = name.lower() in headers
        wild = name.lower() != "authorization" and _grants(headers, name.lower(), one)
        if name.lower() not in _SAFE - {"content-type"} and not by_name and not wild:
            yield f"access-control-allow-headers does not name {name}"


def _listed(one: _Seen, header: str) -> frozenset[str]:
    return frozenset(
        part.strip().lower()
        for part in (one.answer.header(header) or "").split(",")
        if part.strip()
    )


def _grants(listed: frozenset[str], wanted: str, one: _Seen) -> bool:
    return wanted in listed or ("*" in listed and not one.with_credentials)


def _unvaried(options: CorsOptions, seen: list[_Seen]) -> list[str]:
    """Return a line where a cache would hand the answer for one origin to another."""
    plain = [one for one in seen if not one.what.startswith("preflight")]
    if len({one.allowed for one in plain}) < 2:
        return []
    for one in plain:
        vary = {part.strip().lower() for part in (one.answer.header("vary") or "").split(",")}
        if one.origin in options.allow and one.allowed != "*" and not vary & {"origin", "*"}:
            return [f"{one.origin}: the answer depends on the origin, but has no `Vary: Origin`"]
    return []


CHECK = Check(
    id="cors",
    title="Only the declared origins read answers",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=CorsOptions,
    run=run,
    remediation="Compare the Origin with a list of whole origins; never reflect it, never use a "
    "star with credentials.",
    example={
        "url": "/health",
        "allow": ["https://app.example"],
        "deny": ["https://evil.example"],
    },
)
