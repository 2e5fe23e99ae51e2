"""`http`: one request, and what its answer has to be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.exchange import HeaderName, HeaderValue, cause_of, request_evidence
from readiness_gate.checks.target import Endpoint, TargetUrl, endpoint, is_own, unwatched
from readiness_gate.config.values import Duration, Flag
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import BODY_CAP, Answer, NoAnswer
from readiness_gate.matchers import ABSENT, compile_matcher
from readiness_gate.matchers.field import DurationLimit, Expectation
from readiness_gate.matchers.jsonpath import compile_path, read_json
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def _path(text: str) -> str:
    compile_path(text)
    return text


class HttpOptions(CheckOptions):
    """The request, and the assertions about its answer."""

    url: TargetUrl = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/health."
    )
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="Method of the request."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    json_: JsonValue = Field(default=None, alias="json", description="Body to send, as JSON.")
    request_body: str = Field(default="", description="Body to send, as it is.")
    service: str | None = Field(
        default=None, description="Service to ask instead of stack.base-url; needs `port`."
    )
    port: int | None = Field(default=None, ge=1, le=65_535, description="Port of the service.")
    follow_redirects: Flag = Field(
        default=False, description="Whether to follow redirects that stay on the host."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=30.0, description="How long one answer may take."
    )
    retry: int = Field(default=0, ge=0, le=100, description="How often to try again.")
    retry_interval: Annotated[Duration, Field(gt=0)] = Field(
        default=1.0, description="Time between two tries."
    )
    status: Expectation = Field(default=None, description="What the status has to be.")
    header: dict[HeaderName, Expectation] = Field(
        default_factory=dict, min_length=1, description="What headers have to be, by name."
    )
    body: Expectation = Field(default=None, description="What the body has to be, as text.")
    jsonpath: dict[Annotated[str, AfterValidator(_path)], Expectation] = Field(
        default_factory=dict,
        min_length=1,
        description="What values of a JSON body have to be, by JSONPath (RFC 9535).",
    )
    duration: DurationLimit = Field(
        default="", description="From sending the request to the last byte, such as <200ms."
    )

    @field_validator("status")
    @classmethod
    def _is_about_a_number(cls, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            raise ValueError("an answer has one status; write {or: [200, 204]}")
        if isinstance(value, str | bool):
            raise ValueError("a status is a number such as 200")
        return value

    @field_validator("json_")
    @classmethod
    def _is_sent(cls, value: JsonValue) -> JsonValue:
        if value is None:
            raise ValueError("null sends nothing; write request-body: 'null'")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        asserted = {"status", "header", "body", "jsonpath", "duration"} & self.model_fields_set
        if not asserted:
            raise ValueError("assert something: status, header, body, jsonpath or duration")
        if self.sends_json and self.request_body:
            raise ValueError("send json or request-body, not both")
        if (self.service is None) != (self.port is None):
            raise ValueError("service and port belong together")
        if self.service is not None and not self.url.startswith("/"):
            raise ValueError("with service and port, url is a path")
        return self

    @property
    def sends_json(self) -> bool:
        """Whether a JSON body was given."""
        return self.json_ is not None

    @property
    def sent_headers(self) -> dict[str, str]:
        """The headers, with the type of a JSON body where none is given."""
        given = {name.lower() for name in self.headers}
        implied = {"Content-Type": "application/json"} if self.sends_json else {}
        return {**({} if "content-type" in given else implied), **self.headers}

    @property
    def sent_body(self) -> bytes | None:
        """The body as bytes, `None` where there is none."""
        if self.sends_json:
            return json.dumps(self.json_).encode()
        return self.request_body.encode() or None


@dataclass(frozen=True)
class _Try:
    """One request: its answer or why there is none, and the assertions that do not hold."""

    answer: Answer | None
    problems: tuple[str, ...]
    unreadable: str = ""
    """Why an assertion could not be judged, where that is so."""


def run(context: CheckContext, options: HttpOptions) -> CheckResult:
    """Send the request, again as long as tries are left, and judge the last answer."""
    if options.method not in _READING and not is_own(context):
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{options.method} is not sent to a system that the gate did not start",
        )
    url = options.url
    if options.service is not None:
        url = f"http://{options.service}:{options.port}{url}"
    target = endpoint(context, url)
    deadline = Deadline(context.clock, context.timeout)
    number, outcome = 1, _try(context, options, target, deadline)
    while outcome.problems and number <= options.retry:
        if deadline.remaining() <= options.retry_interval:
            break
        context.clock.sleep(options.retry_interval)
        number, outcome = number + 1, _try(context, options, target, deadline)
    return _judged(context, options, target, outcome, number)


def _try(context: CheckContext, options: HttpOptions, target: Endpoint, deadline: Deadline) -> _Try:
    limit = max(0.001, deadline.remaining(options.timeout))
    try:
        answer = context.web.request(
            options.method,
            target.reached,
            timeout=limit,
            headers=options.sent_headers,
            body=options.sent_body,
            follow_redirects=options.follow_redirects,
            verify=not options.insecure,
        )
    except NoAnswer as error:
        return _Try(None, (cause_of(error, options.method, target, limit),))
    reads_body = bool({"body", "jsonpath"} & options.model_fields_set)
    if answer.truncated and reads_body:
        cut = f"the body is longer than {BODY_CAP} bytes, which are not read"
        return _Try(answer, tuple(_problems(options, answer, body=False)), cut)
    return _Try(answer, tuple(_problems(options, answer, body=True)))


def _problems(options: HttpOptions, answer: Answer, *, body: bool) -> Iterator[str]:
    """Yield a line for every assertion that does not hold; `body`: also those about the body."""
    given = options.model_fields_set
    if "status" in given:
        yield from _problem("status", options.status, answer.status)
    for name, raw in options.header.items():
        value = answer.header(name)
        yield from _problem(f"header {name}", _as_text(raw), ABSENT if value is None else value)
    if "body" in given and body:
        yield from _problem("body", options.body, answer.text)
    if options.jsonpath and body:
        yield from _json_problems(options, answer)
    if options.duration:
        cause = threshold(options.duration, Unit.DURATION).explain(answer.seconds)
        yield from [f"duration: {cause}"] if cause else []


def _json_problems(options: HttpOptions, answer: Answer) -> Iterator[str]:
    try:
        document = read_json(answer.body)
    except ValueError as error:
        yield f"the body is not JSON: {str(error)[:160]}"
        return
    for path, raw in options.jsonpath.items():
        yield from _problem(path, raw, compile_path(path)(document))


def _problem(name: str, raw: JsonValue, actual: object) -> list[str]:
    cause = compile_matcher(raw).explain(actual)
    return [] if cause is None else [f"{name}: {cause}"]


def _as_text(raw: JsonValue) -> JsonValue:
    """Return a bare number as the text that a header carries."""
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return str(raw) if is_number else raw


def _judged(
    context: CheckContext, options: HttpOptions, target: Endpoint, outcome: _Try, number: int
) -> CheckResult:
    what = f"{options.method} {target.url}"
    shown = (request_evidence(options.method, target, outcome.answer),)
    tries = f"{number} tries" if number > 1 else ""
    details = "\n".join([*outcome.problems, *([tries] if tries else [])])
    if outcome.answer is None and not is_own(context):
        summary = f"{what}: {outcome.problems[0]}"
        return cannot_tell(ErrorClass.INFRASTRUCTURE, summary, details=details, evidence=shown)
    if outcome.problems:
        more = f"; and {len(outcome.problems) - 1} more" if len(outcome.problems) > 1 else ""
        summary = f"{what}: {outcome.problems[0]}{more}"
        return failed(
            summary,
            details=details,
            evidence=shown,
            remediation=unwatched(context, target) if outcome.answer is None else None,
        )
    if outcome.unreadable or outcome.answer is None:
        summary = f"{what}: {outcome.unreadable}"
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, details=details, evidence=shown)
    took = f"{outcome.answer.seconds * 1000:.0f} ms"
    after = f" after {tries}" if tries else ""
    summary = f"{what}: {outcome.answer.status} in {took}{after}, {_asserted(options)}"
    return passed(summary, details=details, evidence=shown)


def _asserted(options: HttpOptions) -> str:
    single = len({"status", "body", "duration"} & options.model_fields_set)
    count = single + len(options.header) + len(options.jsonpath)
    return f"{count} assertion{'s hold' if count > 1 else ' holds'}"


CHECK = Check(
    id="http",
    title="An endpoint answers as it must",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=HttpOptions,
    run=run,
    remediation="Make the endpoint answer as asserted; the answer that came stands beside it.",
)
