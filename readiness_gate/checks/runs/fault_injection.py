"""What `fault-injection` does when it runs; what it promises stands beside its options."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.disrupting import host_service, operations
from readiness_gate.checks.fault_windows import COLUMNS, Probe, Role, Seen, Window, is_back, look
from readiness_gate.checks.stack.fault_injection import FaultInjectionOptions, PathOptions, Watched
from readiness_gate.checks.steady_requests import Place, SteadyRequests, Wish
from readiness_gate.checks.target import endpoint, whole_url
from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.disruption import Disruption, Fault, Life

_PAUSE = 0.2
_WARM = 2
_LOG_LINES = 40


@dataclass(frozen=True)
class _Asked:
    """One probe with what is sent."""

    probe: Probe
    options: Watched | PathOptions
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
