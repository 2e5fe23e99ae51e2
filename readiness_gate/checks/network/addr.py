"""`addr`: a port of the target is reached, or is not.

From where the gate runs, or from within a service (`from`). That a port is not reached from a
service says something only where somebody answers there at all: so the gate tries it, too.
"""

from typing import Annotated, Literal

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.inside import connecting
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.checks.socket_target import (
    Port,
    TcpAddress,
    named,
    port_of,
    service_named,
    silent,
)
from readiness_gate.checks.target import is_own
from readiness_gate.config.values import Duration, Flag, Name
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.sockets import Silence, Unreachable
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import CommandEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 500


class AddrOptions(CheckOptions):
    """The port, from where it is tried, and whether it has to be reached."""

    address: TcpAddress = Field(description="Such as tcp://db:5432.")
    reachable: Flag = Field(default=True, description="Whether it has to be reached.")
    from_: Name | None = Field(
        default=None,
        alias="from",
        description="Service to try it from; default: where the gate runs.",
    )
    timeout: Annotated[Duration, Field(gt=0, le=60)] = Field(
        default=5.0, description="How long one attempt may take."
    )


def run(context: CheckContext, options: AddrOptions) -> CheckResult:
    """Try to connect, and compare."""
    host, number = named(options.address)
    port = port_of(context, host, number)
    if options.from_ is not None:
        return _from_within(context, options, port, options.from_)
    what = f"{port.name} from the gate"
    tried = _tried(context, options, port)
    if isinstance(tried, Unreachable) and tried.silence is Silence.UNKNOWN:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{what}: {tried}")
    if options.reachable and isinstance(tried, Unreachable):
        return silent(context, what, tried)
    if options.reachable:
        return passed(f"{what}: reached")
    if isinstance(tried, Unreachable):
        return passed(f"{what}: not reached, {tried.silence}")
    return failed(f"{what}: reached, and must not be")


def _tried(
    context: CheckContext, options: AddrOptions, port: Port
) -> Unreachable | Literal["reached"]:
    limit = Deadline(context.clock, context.timeout).remaining(options.timeout)
    try:
        with context.sockets.connect(port.host, port.port, timeout=limit):
            return "reached"
    except Unreachable as error:
        return error


def _from_within(
    context: CheckContext, options: AddrOptions, port: Port, service: str
) -> CheckResult:
    stack = stack_of(context)
    chosen(context, [service])
    host, number = named(options.address)
    target = service_named(context, host)
    if target is None:
        raise ConfigurationError(
            f"from: {host} is no service of the stack",
            advice="From within a service, services of the stack alone are tried.",
        )
    what = f"{port.name} from {service}"
    completed = connecting(stack, service, stack.host(target), number, options.timeout).completed
    if completed is None:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{what}: its image has no python3, bash or nc to try with",
            remediation="Try from another service of the same networks.",
        )
    shown = CommandEvidence(
        argv=("connect", service, port.name),
        exit_code=completed.exit_code,
        output=completed.output[:_SHOWN],
        where=f"service {service}",
    )
    reached = completed.exit_code == 0
    if reached is not options.reachable:
        words = "reached, and must not be" if reached else "not reached"
        return failed(f"{what}: {words}", evidence=[shown])
    if reached:
        return passed(f"{what}: reached", evidence=[shown])
    control = _tried(context, options, port)
    if isinstance(control, Unreachable):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE if is_own(context) else ErrorClass.INFRASTRUCTURE,
            f"{what}: not reached, but the gate does not reach it either ({control.silence})",
            evidence=[shown],
            remediation="Correct the port: somebody has to answer there.",
        )
    return passed(f"{what}: not reached, though somebody answers there", evidence=[shown])


CHECK = Check(
    id="addr",
    title="A port is reached from where it must be, and only there",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=AddrOptions,
    work=run,
    remediation="Correct the networks of the services, or what listens there.",
    example={"address": "tcp://db:5432", "from": "frontend", "reachable": False},
)
