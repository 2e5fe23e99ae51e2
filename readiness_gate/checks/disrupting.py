"""What the checks of the class *disrupt* share: their requests, and the replicas those go to."""

import threading
from collections.abc import Callable, Sequence
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, JsonValue, field_validator, model_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.steady_requests import Place, Sent, SteadyRequests, Wish
from readiness_gate.checks.target import endpoint, whole_url
from readiness_gate.config.values import Duration, Flag, Name
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.stack.base import Address
from readiness_gate.stack.disruption import Disruption

_WARM = 3
_GOOD: JsonValue = {"lt": 400}
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def about_a_status(value: JsonValue) -> JsonValue:
    """Refuse an expectation that no status can meet.

    Raises:
        ValueError: it is a text, a truth value or a list.
    """
    if isinstance(value, str | bool | list):
        raise ValueError("a status is a number such as 200, or words such as {lt: 400}")
    return value


class RequestOptions(CheckOptions):
    """The requests that go on meanwhile."""

    url: TargetUrl = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/items. "
        "Where its host is the service itself, the gate stands in for the load balancer."
    )
    service: Name | None = Field(
        default=None, description="The service that is disturbed; default: the host of `url`."
    )
    method: Method = Field(default="GET", description="Method of the requests.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    request_body: str = Field(default="", description="Body to send, as it is.")
    status: Expectation = Field(
        default=_GOOD, description="What the status of every answer has to be."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one answer may take."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")
    clients: int = Field(
        default=4, ge=1, le=32, description="How many requests are under way at a time."
    )

    @field_validator("status")
    @classmethod
    def _is_about_a_number(cls, value: JsonValue) -> JsonValue:
        return about_a_status(value)

    @model_validator(mode="after")
    def _asserts(self) -> Self:
        if self.status is None:
            raise ValueError("status: null asserts nothing")
        return self


class Target:
    """The disturbed service, and the URL under which the requests go."""

    def __init__(self, context: CheckContext, options: RequestOptions) -> None:
        """Resolve both.

        Raises:
            ConfigurationError: no service is named, or the URL is not part of the target.
            NotSupported: the stack is somebody else's.
        """
        self.operations = operations(context)
        self.url = whole_url(context, options.url)
        self._context = context
        host = host_service(context, self.url)
        if host is None and options.service is None:
            raise ConfigurationError(
                f"the host of {self.url} is no service of the stack", advice="Name the service."
            )
        self.service = options.service or str(host)
        self.direct = host == self.service
        """Whether requests go straight to its replicas, with no load balancer between."""
        self.rotation = Rotation(self.operations, self.url)

    def place(self) -> Place | None:
        """Return where the next request goes."""
        if self.direct:
            return self.rotation.next()
        return Place(endpoint(self._context, self.url).reached)


class Rotation:
    """The replicas that take requests by turns, as a load balancer keeps them."""

    def __init__(self, operations: Disruption, url: str) -> None:
        """Begin without any."""
        self._operations = operations
        self._url = url
        self._lock = threading.Lock()
        self._places: list[Place] = []

    def add(self, replica: str) -> None:
        """Let a replica take requests from now on."""
        address = self._operations.address(replica, port_of(self._url))
        place = Place(at(self._url, address), replica)
        with self._lock:
            self._places.append(place)

    def remove(self, replica: str) -> None:
        """Let a replica take no new requests."""
        with self._lock:
            self._places = [one for one in self._places if one.name != replica]

    def next(self) -> Place | None:
        """Return the replica whose turn it is, `None` where none takes requests."""
        with self._lock:
            if not self._places:
                return None
            self._places.append(self._places.pop(0))
            return self._places[-1]


def operations(context: CheckContext) -> Disruption:
    """Return what disrupts the stack.

    Raises:
        ConfigurationError: there is no stack.
        NotSupported: it is somebody else's.
    """
    if context.stack is None:
        raise ConfigurationError("no stack is configured", advice="Add the section stack.")
    return context.stack.disruption()


def host_service(context: CheckContext, url: str) -> str | None:
    """Return the service that a whole URL names as its host."""
    host = urlsplit(url).hostname
    services = context.stack.services if context.stack is not None else ()
    named = next((service for service in services if service.lower() == host), None)
    # The programs of the process driver all listen on this machine.
    alone = services[0] if len(services) == 1 and host in {"127.0.0.1", "localhost"} else None
    return named or alone


def port_of(url: str) -> int:
    """Return the port of a URL, by default the scheme's."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def at(url: str, address: Address) -> str:
    """Return a URL with another host and port."""
    parts = urlsplit(url)
    host = f"[{address.host}]" if ":" in address.host else address.host
    return urlunsplit((parts.scheme, f"{host}:{address.port}", parts.path, parts.query, ""))


def requests_of(
    context: CheckContext, options: RequestOptions, place: Callable[[], Place | None]
) -> SteadyRequests:
    """Return the source of requests that the options describe."""
    wish = Wish(
        place=place,
        judge=lambda answer: wrong_status(options.status, answer),
        method=options.method,
        headers=options.headers,
        body=options.request_body.encode() or None,
        timeout=options.timeout,
        verify=not options.insecure,
    )
    return SteadyRequests(context.web, context.clock, wish, clients=options.clients, pause=0.01)


def wrong_status(expected: JsonValue, answer: Answer) -> str:
    """Return what is wrong with the status of an answer, empty where nothing is."""
    cause = compile_matcher(expected).explain(answer.status)
    return "" if cause is None else f"status: {cause}"


def warmed_up(requests: SteadyRequests, options: RequestOptions) -> str:
    """Wait until requests go round; return why nothing can be told from them, empty otherwise."""
    enough = max(_WARM, options.clients)
    requests.wait_for(lambda sent: len(sent) >= enough, 2 * options.timeout)
    sent = requests.sent
    if not sent:
        return f"no request ended within {2 * options.timeout:g} s"
    lost = [one for one in sent if one.problem]
    if lost:
        return (
            f"before anything was disturbed, {len(lost)} of {len(sent)} requests failed: "
            f"{lost[0].problem}"
        )
    return ""


def reasons(lost: Sequence[Sent]) -> str:
    """Return the different reasons of lost requests, most frequent first."""
    counts: dict[str, int] = {}
    for one in lost:
        counts[one.problem] = counts.get(one.problem, 0) + 1
    ranked = sorted(counts, key=lambda problem: -counts[problem])
    return "; ".join(f"{problem} ({counts[problem]})" for problem in ranked[:3])
