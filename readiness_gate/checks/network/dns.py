"""`dns`: a name leads where it must, or nowhere.

Names of services are asked for from within a service (`from`), where the stack's own resolver
answers. The host of `stack.base-url` is asked for by the machine that the gate runs on; no other
name is. That a name is unknown counts only where the resolver knows another one.
"""

import ipaddress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.inside import resolving
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.checks.target import is_own
from readiness_gate.config.values import Duration, Flag, Name
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.sockets import Silence, Unreachable
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_UNKNOWN = 2


class DnsOptions(CheckOptions):
    """The name, who asks for it, and what the answer has to be."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$")] = (
        Field(description="Name of a service or its alias, or the host of stack.base-url.")
    )
    from_: Name | None = Field(
        default=None,
        alias="from",
        description="Service that asks; default: the machine that the gate runs on.",
    )
    resolvable: Flag = Field(default=True, description="Whether it has an address.")
    addresses: Expectation = Field(
        default=None, description="What its addresses have to be: a list of texts, sorted."
    )
    timeout: Annotated[Duration, Field(gt=0, le=60)] = Field(
        default=5.0, description="How long the answer may take."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.resolvable and self.addresses is not None:
            raise ValueError("addresses: what must not be found has none")
        return self


class _Unclear(Exception):  # noqa: N818 - the fact is the name
    """The resolver did not say."""


def run(context: CheckContext, options: DnsOptions) -> CheckResult:
    """Ask for the name, and compare."""
    asker = options.from_
    what = f"{options.name} from {asker or 'the gate'}"
    try:
        if asker is None:
            found = _from_here(context, options)
        else:
            chosen(context, [asker])
            found = _from_within(context, options, asker, options.name)
            if not found and not _from_within(
                context, options, asker, stack_of(context).host(asker)
            ):
                raise _Unclear("it does not know its own name either")
    except _Unclear as error:
        error_class = ErrorClass.INCONCLUSIVE if is_own(context) else ErrorClass.INFRASTRUCTURE
        return cannot_tell(error_class, f"{what}: {error}")
    return _judged(options, what, found)


def _judged(options: DnsOptions, what: str, found: tuple[str, ...]) -> CheckResult:
    shown = [TextEvidence(title="Addresses", text="\n".join(found) or "none")]
    if not options.resolvable:
        if found:
            return failed(f"{what}: leads to {', '.join(found[:3])}, and must not", evidence=shown)
        return passed(f"{what}: has no address", evidence=shown)
    if not found:
        return failed(f"{what}: has no address", evidence=shown)
    if options.addresses is not None:
        cause = compile_matcher(options.addresses).explain(list(found))
        if cause is not None:
            return failed(f"{what}: {cause}", evidence=shown)
    return passed(f"{what}: leads to {', '.join(found[:3])}", evidence=shown)


def _from_here(context: CheckContext, options: DnsOptions) -> tuple[str, ...]:
    base = context.base_url
    if base is None or (urlsplit(base).hostname or "") != options.name.lower():
        raise ConfigurationError(
            f"{options.name} is not the host of stack.base-url",
            advice="Names of services are asked for from within one: set `from`.",
        )
    limit = Deadline(context.clock, context.timeout).remaining(options.timeout)
    try:
        return context.sockets.resolve(options.name, timeout=limit)
    except Unreachable as error:
        if error.silence is not Silence.UNKNOWN:
            raise _Unclear(str(error)) from error
    if not options.resolvable:
        _knows_another(context, limit)
    return ()


def _knows_another(context: CheckContext, limit: float) -> None:
    try:
        context.sockets.resolve("localhost", timeout=limit)
    except Unreachable as error:
        raise _Unclear("the resolver of this machine does not answer") from error


def _from_within(
    context: CheckContext, options: DnsOptions, asker: str, name: str
) -> tuple[str, ...]:
    """Return the addresses, none where the name is unknown."""
    completed = resolving(stack_of(context), asker, name, options.timeout).completed
    if completed is None:
        raise _Unclear("its image has no getent or python3 to ask with")
    if completed.exit_code == _UNKNOWN:
        return ()
    if completed.exit_code != 0:
        raise _Unclear(" ".join(completed.output.split())[:160] or "no answer in time")
    words = (line.split() for line in completed.stdout.splitlines())
    found = tuple(sorted({word[0] for word in words if word and _is_address(word[0])}))
    if not found:
        raise _Unclear("it answers with no address")
    return found


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


CHECK = Check(
    id="dns",
    title="A name leads where it must",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=DnsOptions,
    work=run,
    remediation="Correct the record, or the networks and aliases of the services.",
    example={"name": "db", "from": "backend"},
)
