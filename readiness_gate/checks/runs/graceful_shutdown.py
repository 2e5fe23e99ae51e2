"""What `graceful-shutdown` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from statistics import median

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.disrupting import Target, reasons, requests_of, warmed_up
from readiness_gate.checks.stack.graceful_shutdown import GracefulShutdownOptions
from readiness_gate.checks.steady_requests import Sent
from readiness_gate.doors.clock import Deadline
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import CommandEvidence, Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.disruption import Disruption, Ended, Fault, FirstProcess

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
_REFUSED = "connection refused"

_SLOWER = (
    "Name a url whose answer takes longer, for example half a second, or a dependency of it under "
    "slowed-by."
)

_LOG_LINES = 40
_ARRIVAL = 0.05
_BUSY = 3.0
_LATENCY = 0.5


def run(context: CheckContext, options: GracefulShutdownOptions) -> CheckResult:
    """Send requests and the signal, and wait for the end of both."""
    target = Target(context, options)
    operations, service = target.operations, target.service
    deadline = Deadline(context.clock, context.timeout)
    replicas = operations.replicas(service)
    if not replicas:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{service} does not run")
    ending = replicas[:1] if target.direct else replicas
    for replica in ending if target.direct else ():
        target.rotation.add(replica)
    process = operations.first_process(ending[0])
    grace = process.grace if options.grace is None else options.grace
    with (
        _slowed(operations, options.slowed_by),
        requests_of(context, options, target.place) as requests,
    ):
        trouble = warmed_up(requests, options)
        if trouble:
            return cannot_tell(ErrorClass.INCONCLUSIVE, f"{service}: {trouble}")
        if deadline.remaining() <= grace:
            return _too_short(service, grace, context.timeout)
        # Long enough to have reached the service, and not about to be answered.
        requests.wait_until_busy(min(options.timeout, _BUSY), already=_ARRIVAL)
        held = requests.hold()
        if len(ending) > 1:
            # What the load balancer has not handed on by then would find no replica at all.
            context.clock.sleep(_half_way(requests.sent))
        for replica in ending:
            operations.terminate(replica)
        signalled = context.clock.monotonic()
        ends = {replica: operations.ended(replica, grace) for replica in ending}
        requests.end()
    log = context.stack.logs(service, _LOG_LINES) if context.stack is not None else ""
    result = judged(
        service,
        options,
        process,
        _worst(options, ends.values()),
        grace=grace,
        requests=[one for one in requests.sent if one.ended > held],
        signalled=signalled,
        log=log,
    )
    if len(ends) == 1:
        return result
    return replace(result, evidence=(*result.evidence, _table(ends)))


def _half_way(sent: Sequence[Sent]) -> float:
    """Return half of the seconds that an answer takes here."""
    return min(_BUSY, median(one.seconds for one in sent) / 2) if sent else 0.0


def _worst(options: GracefulShutdownOptions, ends: Iterable[Ended]) -> Ended:
    """Return the end that is judged: one by force, else of a wrong code, else the slowest."""
    wanted = compile_matcher(options.exit_code)

    def badness(one: Ended) -> tuple[bool, bool, float]:
        return one.killed, wanted.explain(one.exit_code) is not None, one.seconds

    return max(ends, key=badness)


def _table(ends: Mapping[str, Ended]) -> TableEvidence:
    rows = tuple(
        (name, f"{one.seconds:.1f}", f"{one.exit_code}{' (killed)' if one.killed else ''}")
        for name, one in ends.items()
    )
    return TableEvidence(
        title="Signalled together", columns=("replica", "seconds", "exit code"), rows=rows
    )


@contextmanager
def _slowed(operations: Disruption, dependency: str | None) -> Iterator[None]:
    """Let a dependency answer late, and heal it whatever happens."""
    if dependency is None:
        yield
        return
    operations.inflict(Fault.LATENCY, dependency, latency=_LATENCY)
    try:
        yield
    finally:
        operations.heal(dependency)


def judged(
    service: str,
    options: GracefulShutdownOptions,
    process: FirstProcess,
    ended: Ended,
    *,
    grace: float,
    requests: Sequence[Sent],
    signalled: float,
    log: str,
) -> CheckResult:
    """Return the answer.

    Args:
        service: its name.
        options: as configured.
        process: what the signal met.
        ended: how it ended.
        grace: seconds that it had.
        requests: all that had begun before the signal, and ended after the last was begun.
        signalled: the moment when the signal had surely arrived.
        log: the last lines of the service.
    """
    dropped = [one for one in requests if one.problem and one.problem != _REFUSED]
    crossed = [one for one in requests if one.ended > signalled and one.problem != _REFUSED]
    evidence: list[Evidence] = [
        CommandEvidence(
            argv=process.command or ("?",), exit_code=ended.exit_code, output=log, where=service
        )
    ]
    problems = list(_problems(options, process, ended, grace, log))
    if dropped:
        problems.append(f"dropped {len(dropped)} requests under way: {reasons(dropped)}")
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(
            f"{service}: {problems[0]}{more}",
            details="\n".join(problems),
            evidence=evidence,
            remediation=_advice(process, ended, dropped),
        )
    how = f"ended {ended.seconds:.1f} s after {process.signal} with exit code {ended.exit_code}"
    if not crossed:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{service}: {how}, but no request was under way when the signal came",
            evidence=evidence,
            remediation=_SLOWER,
        )
    shown: list[Evidence] = [TextEvidence(title=f"Log of {service}", text=log)] if log else []
    answered = f"{len(crossed)} request{'s' * (len(crossed) > 1)} under way answered"
    return passed(f"{service}: {how} (grace {grace:g} s), {answered}", evidence=shown)


def _problems(
    options: GracefulShutdownOptions,
    process: FirstProcess,
    ended: Ended,
    grace: float,
    log: str,
) -> Iterator[str]:
    if ended.killed:
        yield f"did not end within {grace:g} s of {process.signal} and was killed"
    else:
        cause = compile_matcher(options.exit_code).explain(ended.exit_code)
        if cause is not None:
            memory = " (killed for want of memory)" if ended.out_of_memory else ""
            yield f"exit code: {cause}{memory}"
    if options.log is not None:
        cause = compile_matcher(options.log).explain(log)
        if cause is not None:
            yield f"log: {cause}"


def _advice(process: FirstProcess, ended: Ended, dropped: Sequence[Sent]) -> str:
    first = PurePosixPath(process.command[0]).name if process.command else ""
    signal = process.signal
    if ended.killed and not process.has_init:
        if first in _SHELLS and "-c" in process.command and process.children:
            return (
                f"PID 1 is {process.command[0]} -c, and a shell passes no signal on: use the exec "
                'form, such as CMD ["python", "app.py"], or set init: true.'
            )
        if (first in _SHELLS or first.endswith(".sh")) and process.children:
            return (
                f"PID 1 is the script {process.command[-1]}, and a shell passes no signal on: end "
                'the script with exec "$@".'
            )
        if process.handles_signal is False:
            return (
                f"PID 1 ({first}) has no handler for {signal}, and the kernel ignores it then: "
                "handle it in the program, or set init: true."
            )
    if ended.killed:
        return (
            f"{signal} arrives, but something keeps the service alive: close what it waits for, "
            "or raise stop_grace_period."
        )
    if dropped:
        return f"On {signal}: take no new connections, answer what is under way, then end."
    return f"End with exit code 0 on {signal}."


def _too_short(service: str, grace: float, timeout: float) -> CheckResult:
    return cannot_tell(
        ErrorClass.CONFIGURATION,
        f"{service}: the item's timeout of {timeout:g} s leaves less than its grace of {grace:g} s",
        remediation="Raise the timeout of the item, or set a shorter grace.",
    )
