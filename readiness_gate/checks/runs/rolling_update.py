"""What `rolling-update` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.disrupting import Target, reasons, requests_of, warmed_up
from readiness_gate.checks.stack.rolling_update import ADVICE, RollingUpdateOptions
from readiness_gate.checks.steady_requests import Sent, SteadyRequests
from readiness_gate.doors.clock import Deadline
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.disruption import Ended

_COLUMNS = ("replica", "replaced by", "seconds", "exit code", "requests", "lost")
_KILLED = "Let it end by itself on its stop signal (graceful-shutdown), or raise its grace."


@dataclass(frozen=True)
class Replacement:
    """One replica that was replaced."""

    old: str
    new: str
    begun: float
    stopped: float
    """When its stop signal was sent."""
    ended: float
    end: Ended


class NotHealthy(Exception):  # noqa: N818
    """A new replica does not become healthy: which and why, and the end of its log."""


def run(context: CheckContext, options: RollingUpdateOptions) -> CheckResult:
    """Replace every replica while requests go on."""
    target = Target(context, options)
    service = target.service
    deadline = Deadline(context.clock, context.timeout)
    replicas = target.operations.replicas(service)
    if not replicas:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{service} does not run")
    order = options.order or ("stop-first" if len(replicas) > 1 else "start-first")
    if target.direct:
        for replica in replicas:
            target.rotation.add(replica)
    done: list[Replacement] = []
    unhealthy, log = "", ""
    with requests_of(context, options, target.place) as requests:
        trouble = warmed_up(requests, options)
        if trouble:
            return cannot_tell(ErrorClass.INCONCLUSIVE, f"{service}: {trouble}")
        begun = context.clock.monotonic()
        try:
            for number, replica in enumerate(replicas):
                if number and options.delay:
                    context.clock.sleep(deadline.remaining(options.delay))
                if deadline.passed:
                    return _out_of_time(service, len(done), len(replicas), context.timeout)
                done.append(_replace(context, options, target, replica, order, deadline))
        except NotHealthy as error:
            unhealthy, log = error.args
        _some_more(requests, options)
    return judged(
        service,
        order,
        done,
        [one for one in requests.sent if one.ended >= begun],
        unhealthy=unhealthy,
        log=log,
        direct=target.direct,
        exhausted=requests.exhausted,
    )


def _replace(
    context: CheckContext,
    options: RollingUpdateOptions,
    target: Target,
    replica: str,
    order: str,
    deadline: Deadline,
) -> Replacement:
    clock = context.clock
    begun = clock.monotonic()
    new = _added(target, deadline) if order == "start-first" else ""
    target.rotation.remove(replica)
    grace = options.grace or target.operations.first_process(replica).grace
    stopped = clock.monotonic()
    target.operations.terminate(replica)
    end = target.operations.ended(replica, grace)
    target.operations.remove(replica)
    new = new or _added(target, deadline)
    return Replacement(replica, new, begun, stopped, clock.monotonic(), end)


def _added(target: Target, deadline: Deadline) -> str:
    new = target.operations.add(target.service, deadline.remaining())
    health = target.operations.wait(target.service, deadline.remaining())
    if not health.healthy:
        cause = f"the new replica {new} is not healthy: {health.cause or health.state}"
        raise NotHealthy(cause, health.log_tail)
    if target.direct:
        target.rotation.add(new)
    return new


def _some_more(requests: SteadyRequests, options: RollingUpdateOptions) -> None:
    """Let every client end one more request that began after the last replacement."""
    enough = len(requests.sent) + 2 * options.clients
    requests.wait_for(lambda sent: len(sent) >= enough, 2 * options.timeout)


def judged(
    service: str,
    order: str,
    done: Sequence[Replacement],
    requests: Sequence[Sent],
    *,
    unhealthy: str,
    log: str,
    direct: bool,
    exhausted: bool,
) -> CheckResult:
    """Return the answer.

    Args:
        service: its name.
        order: how replicas were replaced.
        done: what was replaced.
        requests: all that ended since the first replacement began.
        unhealthy: why a new replica is not healthy, empty where all are.
        log: the end of its log.
        direct: whether requests name the replica that they went to.
        exhausted: whether the source came to its bound, so that the end was not seen.
    """
    lost = [one for one in requests if one.problem]
    evidence = (_table(done, requests),)
    if unhealthy:
        shown: list[Evidence] = [*evidence]
        shown += [TextEvidence(title=f"Log of {service}", text=log)] if log else []
        return failed(f"{service}: {unhealthy}", evidence=shown)
    replaced = f"{len(done)} replica{'s' * (len(done) != 1)} replaced {order}"
    if lost:
        return failed(
            f"{service}: {len(lost)} of {len(requests)} requests lost while {replaced}: "
            f"{reasons(lost)}",
            evidence=evidence,
            remediation=ADVICE,
        )
    killed = [one.old for one in done if one.end.killed]
    if killed:
        return failed(
            f"{service}: {', '.join(killed)} did not end within its grace and was killed",
            details=f"No request was lost: {len(requests)} were sent.",
            evidence=evidence,
            remediation=_KILLED,
        )
    blind = _blind(done, requests, direct=direct, exhausted=exhausted)
    if blind:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{service}: {blind}",
            evidence=evidence,
            remediation="Name a url that answers within a second or two.",
        )
    crossing = sum(sent.begun <= one.stopped < sent.ended for one in done for sent in requests)
    note = "" if crossing else "None was under way at a stop; a slower url would prove that too."
    summary = f"{service}: {replaced}, {len(requests)} requests and none lost"
    return passed(summary, details=note, evidence=evidence)


def _blind(
    done: Sequence[Replacement], requests: Sequence[Sent], *, direct: bool, exhausted: bool
) -> str:
    """Return what the requests did not see, empty where they saw everything."""
    if not done:
        return "nothing was replaced"
    if exhausted:
        return "more requests were sent than the gate keeps"
    asked = {one.place for one in requests}
    for one in done:
        if not _during(one, requests):
            return f"no request was under way while {one.old} was replaced"
        if direct and one.new not in asked:
            return f"no request went to {one.new}"
    return ""


def _during(one: Replacement, requests: Sequence[Sent]) -> list[Sent]:
    return [sent for sent in requests if sent.ended >= one.begun and sent.begun <= one.ended]


def _table(done: Sequence[Replacement], requests: Sequence[Sent]) -> TableEvidence:
    rows = []
    for one in done:
        during = _during(one, requests)
        lost = sum(bool(sent.problem) for sent in during)
        seconds = f"{one.ended - one.begun:.1f}"
        code = f"{one.end.exit_code}{' (killed)' if one.end.killed else ''}"
        rows.append((one.old, one.new, seconds, code, str(len(during)), str(lost)))
    return TableEvidence(title="Replacements", columns=_COLUMNS, rows=tuple(rows))


def _out_of_time(service: str, done: int, planned: int, timeout: float) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{service}: {done} of {planned} replicas replaced within {timeout:g} s",
        remediation="Give the item a longer timeout.",
    )
