"""What `load` does when it runs; what it promises stands beside its options."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from readiness_gate.checks.asking import OutOfTime, Silent, asking, out_of_time, unanswered
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.load_judged import LoadMeasured, judged
from readiness_gate.checks.load_login import logged_in, sent
from readiness_gate.checks.load_options import LoadOptions
from readiness_gate.checks.measured_load import RESERVE, sample
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.checks.stimulus import StimulusFailed
from readiness_gate.checks.target import endpoint, may_act
from readiness_gate.checks.usage import Sample
from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import StackError
from readiness_gate.load.plan import Plan, Request
from readiness_gate.load.run import NoLoad, run_plan
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed

_SAMPLES = 600
_SOONEST = 0.5


def run(context: CheckContext, options: LoadOptions) -> CheckResult:
    """Send the load as often as asked, with the services' use beside it, and judge."""
    if not may_act(context):
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "no load is sent to a system that the gate did not start",
            remediation="Read the summary of a load test that others run by performance-report.",
        )
    takes = options.repeat * (options.warm_up + options.seconds)
    if takes > context.timeout - RESERVE:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"the load takes {takes:g} s, and the item may take {context.timeout:g} s",
            remediation="Give the item a longer timeout.",
        )
    return _sent(context, options)


def _sent(context: CheckContext, options: LoadOptions) -> CheckResult:
    services = chosen(context, options.services)
    asks = asking(context, options.timeout, verify=not options.insecure)
    try:
        plan = _plan(context, options, logged_in(asks, options.login))
        return judged(options, _measured(context, options, plan, services, asks.deadline))
    except Silent as error:
        return unanswered(context, error)
    except StimulusFailed as error:
        return failed(str(error), evidence=[error.evidence])
    except OutOfTime:
        return out_of_time(context, "the load was not sent as often as asked")
    except NoLoad as error:
        return cannot_tell(ErrorClass.INFRASTRUCTURE, str(error), details=error.log)


def _plan(
    context: CheckContext, options: LoadOptions, identities: tuple[Mapping[str, str], ...]
) -> Plan:
    requests = []
    for one in options.endpoints:
        headers, body = sent(one.headers, one.json_)
        target = endpoint(context, one.url)
        there = urlsplit(target.url)
        requests.append(
            Request(
                one.known_as,
                one.method,
                target.reached,
                one.weight,
                headers,
                body,
                one.statuses,
                (there.hostname or "") if there.scheme == "https" else "",
            )
        )
    return Plan(
        executor=options.executor,
        requests=tuple(requests),
        start=options.start,
        stages=options.levels,
        warm_up=options.warm_up,
        most_users=options.max_vus,
        pause=options.pause,
        timeout=options.timeout,
        verify=not options.insecure,
        identities=identities,
    )


def _measured(
    context: CheckContext,
    options: LoadOptions,
    plan: Plan,
    services: Sequence[str],
    deadline: Deadline,
) -> LoadMeasured:
    found = LoadMeasured(services=services)
    _sample(context, services, found)
    every = max(_SOONEST, options.repeat * options.seconds / _SAMPLES)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(options.repeat):
            if deadline.remaining() < plan.warm_up + plan.duration:
                raise OutOfTime
            running = pool.submit(run_plan, context.programs, plan, within=deadline.remaining())
            while not running.done():
                context.clock.sleep(every)
                _sample(context, services, found)
            found.tallies.append(running.result())
    return found


def _sample(context: CheckContext, services: Sequence[str], found: LoadMeasured) -> None:
    if found.unsampled is not None:
        return
    try:
        every: dict[str, Sample] = {}
        for service in services:
            replicas = sample(context, stack_of(context), [service])
            found.sampled |= {service} if replicas else set()
            every |= replicas
        found.samples.append(every)
    except StackError as error:
        # The load itself is still worth its answer; limits of the use are judged without one.
        found.unsampled = error
