"""`fault-injection`: a dependency goes away, and the service degrades as declared and recovers.

Each fault holds for a while, with requests going on: liveness has to stay, so that nobody kills
the service for what is not its fault; readiness has to turn, so that it gets no traffic; every
further path has to answer as declared, in time. Afterwards all of it has to come back by itself.
A frozen dependency (`pause`) and one that is gone (`stop`) are two faults: the first hangs, the
second fails at once. `latency` freezes it again and again for so long, so that its answers come
late and its connections live on.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.disrupting import (
    Method,
    about_a_status,
    host_service,
    operations,
)
from readiness_gate.checks.fault_windows import COLUMNS, Probe, Role, Seen, Window, is_back, look
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.steady_requests import Place, SteadyRequests, Wish
from readiness_gate.checks.target import endpoint, whole_url
from readiness_gate.config.values import Duration, Flag, Name
from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers.field import DurationLimit, Expectation
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.disruption import Disruption, Fault, Life

_STAYS: JsonValue = {"lt": 400}
_TURNS: JsonValue = {"ge": 500}
_PAUSE = 0.2
_WARM = 2
_LOG_LINES = 40
_MOST_PATHS = 20


class _Url(CheckOptions):
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


class LivenessOptions(_Url):
    """What has to stay."""

    status: Expectation = Field(default=_STAYS, description="What its status has to be all along.")


class ReadinessOptions(_Url):
    """What has to turn."""

    status: Expectation = Field(
        default=_TURNS, description="What its status has to be while the dependency is away."
    )


class PathOptions(_Url):
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


@dataclass(frozen=True)
class _Asked:
    """One probe with what is sent."""

    probe: Probe
    options: _Url | PathOptions
    url: str


def run(context: CheckContext, options: FaultInjectionOptions) -> CheckResult:
    """Let every fault happen once, as long as the service recovers from the one before."""
    disrupting = operations(context)
    asked = tuple(_asked(context, options))
    hosts = _hosts(context, options, asked)
    deadline = Deadline(context.clock, context.timeout)
    needed = len(options.faults) * options.duration
    if deadline.remaining() <= needed:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{len(options.faults)} faults of {options.duration:g} s do not fit into the item's "
            f"timeout of {context.timeout:g} s",
            remediation="Raise the timeout of the item, or shorten duration.",
        )
    seen: list[Seen] = []
    for fault in options.faults:
        if deadline.remaining() <= options.duration:
            return _no_time(options.dependency, fault, "it")
        found = _one_fault(context, options, disrupting, asked, hosts, fault, deadline)
        if isinstance(found, CheckResult):
            return found
        seen += found
        if any(one.problems for one in found):
            break
    log = _log(context, hosts) if any(one.problems for one in seen) else ""
    return judged(options, seen, _evidence(seen, log))


def judged(
    options: FaultInjectionOptions, seen: Sequence[Seen], evidence: Sequence[Evidence]
) -> CheckResult:
    """Return the answer over all faults and URLs."""
    problems = [problem for one in seen for problem in one.problems]
    what = f"{options.dependency} away" if options.faults != (Fault.LATENCY,) else "latency"
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(f"{problems[0]}{more}", details="\n".join(problems), evidence=evidence)
    blind = next((one.blind for one in seen if one.blind), "")
    if blind or not seen:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            blind or "no fault happened",
            evidence=evidence,
            remediation="Let each fault hold longer, or shorten the timeout of the URL.",
        )
    faults = ", ".join(options.faults)
    turned = [one.turned for one in seen if one.turned is not None]
    parts = ["liveness stays"] if options.liveness else []
    parts += [f"readiness turns after {max(turned):.1f} s"] if turned else []
    count = len(options.paths)
    parts += [f"{count} path{'s' * (count > 1)} as declared"] if count else []
    back = max(one.recovered for one in seen)
    return passed(
        f"{what} ({faults}): {', '.join(parts)}; all back after {back:.1f} s", evidence=evidence
    )


def _asked(context: CheckContext, options: FaultInjectionOptions) -> list[_Asked]:
    found: list[_Asked] = []
    if options.liveness is not None:
        one = options.liveness
        probe = Probe(Role.LIVENESS, one.url, one.status)
        found.append(_Asked(probe, one, whole_url(context, one.url)))
    if options.readiness is not None:
        ready = options.readiness
        probe = Probe(Role.READINESS, ready.url, ready.status)
        found.append(_Asked(probe, ready, whole_url(context, ready.url)))
    for path in options.paths:
        name = path.url if path.method == "GET" else f"{path.method} {path.url}"
        probe = Probe(Role.PATH, name, path.status, path.duration)
        found.append(_Asked(probe, path, whole_url(context, path.url)))
    return found


def _hosts(
    context: CheckContext, options: FaultInjectionOptions, asked: Sequence[_Asked]
) -> tuple[str, ...]:
    hosts = {host for one in asked if (host := host_service(context, one.url)) is not None}
    if options.dependency in hosts:
        raise ConfigurationError(
            f"{options.dependency} goes away itself: what is asked has to be another service",
            advice="Name the URLs of the service that depends on it.",
        )
    return tuple(sorted(hosts))


def _one_fault(
    context: CheckContext,
    options: FaultInjectionOptions,
    disrupting: Disruption,
    asked: Sequence[_Asked],
    hosts: Sequence[str],
    fault: Fault,
    deadline: Deadline,
) -> CheckResult | list[Seen]:
    clock, dependency = context.clock, options.dependency
    with ExitStack() as running:
        sources = [running.enter_context(_source(context, one, options.duration)) for one in asked]
        trouble = _not_warm(asked, sources)
        if trouble:
            return cannot_tell(ErrorClass.INCONCLUSIVE, f"before {fault}: {trouble}")
        lives = {host: disrupting.lives(host) for host in hosts}
        disrupting.inflict(fault, dependency, latency=options.latency)
        injected = clock.monotonic()
        clock.sleep(options.duration)
        ending = clock.monotonic()
        disrupting.heal(dependency)
        health = disrupting.wait(dependency, deadline.remaining())
        if not health.healthy:
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"{dependency} does not come back after {fault}: {health.cause or health.state}",
            )
        window = Window(fault, injected, ending, clock.monotonic())
        limit = Deadline(clock, deadline.remaining(options.recovery))
        for source in sources:
            source.wait_for(lambda sent: is_back(sent, window.healed), limit.remaining())
        if deadline.passed:
            return _no_time(dependency, fault, "recovery from it")
    seen = [
        look(one.probe, window, source.sent, within=options.within, recovery=options.recovery)
        for one, source in zip(asked, sources, strict=True)
    ]
    return [*seen, *_restarted(disrupting, fault, lives)]


def _no_time(dependency: str, fault: Fault, what: str) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{dependency}, {fault}: no time was left for {what}",
        remediation="Give the item a longer timeout.",
    )


def _source(context: CheckContext, asked: _Asked, duration: float) -> SteadyRequests:
    given = asked.options
    path = given if isinstance(given, PathOptions) else None
    wish = Wish(
        place=lambda: Place(endpoint(context, asked.url).reached),
        judge=lambda _answer: "",
        method=path.method if path else "GET",
        headers=path.headers if path else {},
        body=(path.request_body.encode() or None) if path else None,
        timeout=given.timeout,
        verify=not given.insecure,
    )
    return SteadyRequests(context.web, context.clock, wish, pause=min(_PAUSE, duration / 50))


def _not_warm(asked: Sequence[_Asked], sources: Sequence[SteadyRequests]) -> str:
    """Return which URL is not well before the fault, empty where all are."""
    for one, source in zip(asked, sources, strict=True):
        source.wait_for(lambda sent: len(sent) >= _WARM, _WARM * (one.options.timeout + _PAUSE))
        sent = source.sent
        bad = next((s for s in sent if s.status is None or s.status >= 400), None)
        if not sent:
            return f"{one.probe.name} gives no answer"
        if bad is not None:
            return f"{one.probe.name}: {bad.problem or f'it answers {bad.status}'}"
    return ""


def _restarted(
    disrupting: Disruption, fault: Fault, before: Mapping[str, tuple[Life, ...]]
) -> list[Seen]:
    problems = [
        f"{fault}: {host} was restarted or ended meanwhile"
        for host, lives in before.items()
        if disrupting.lives(host) != lives
    ]
    return [Seen(tuple(problems), "", ())] if problems else []


def _evidence(seen: Sequence[Seen], log: str) -> list[Evidence]:
    rows = tuple(one.row for one in seen if one.row)
    found: list[Evidence] = [TableEvidence(title="Faults", columns=COLUMNS, rows=rows)]
    return [*found, TextEvidence(title="Log", text=log)] if log else found


def _log(context: CheckContext, hosts: Sequence[str]) -> str:
    if context.stack is None:
        return ""
    return "\n".join(context.stack.logs(host, _LOG_LINES) for host in hosts)


CHECK = Check(
    id="fault-injection",
    title="A dependency goes away: the service degrades as declared and recovers",
    family=Family.STACK,
    check_class=CheckClass.DISRUPT,
    needs=frozenset({Need.STACK}),
    options=FaultInjectionOptions,
    run=run,
    remediation="Give every call of the dependency a short timeout, answer readiness from its "
    "state and liveness without it, and connect again by itself.",
    example={
        "dependency": "redis",
        "liveness": {"url": "/health"},
        "readiness": {"url": "/ready", "status": 503},
        "paths": [{"url": "/items", "status": {"or": [200, 503]}, "duration": "<2s"}],
    },
)
