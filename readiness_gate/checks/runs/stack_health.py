"""What `stack-health` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.failed_step import failed_stack, failed_step
from readiness_gate.checks.stack.stack_health import StackHealthOptions
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_supported, passed
from readiness_gate.stack.base import NotSupported, ServiceHealth

STEPS = ("settled", "stack")
_SETTLE = 5.0
_COLUMNS = ("service", "state", "restarts", "exit code", "health check", "seconds")


def run(context: CheckContext, _options: StackHealthOptions) -> CheckResult:
    """Report the step that waited for the stack; waits itself where only its start is known."""
    record = next((context.steps[name] for name in STEPS if name in context.steps), None)
    if record is None:
        return cannot_tell(ErrorClass.INTERNAL, "the stack was not started")
    if not record.succeeded and not record.health:
        return failed_step(record)
    if record.succeeded and context.stack is not None and not context.stack.services:
        return not_supported(f"nothing was started to look at: {record.summary}")
    if record.succeeded and STEPS[0] not in context.steps:
        return _settled(context)
    return _answer(record.health)


def _settled(context: CheckContext) -> CheckResult:
    if context.stack is None:
        return cannot_tell(ErrorClass.INTERNAL, "the stack is not there")
    try:
        return _answer(context.stack.wait(None, context.timeout, _SETTLE))
    except NotSupported as error:
        return not_supported(error.message)
    except StackError as error:
        return failed_stack(error)


def _answer(health: Sequence[ServiceHealth]) -> CheckResult:
    if not health:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "no service of the stack was looked at")
    sick = [one for one in health if not one.healthy]
    evidence: list[Evidence] = [_table(health)]
    if sick:
        evidence += [
            TextEvidence(title=f"Log of {one.service}", text=one.log_tail)
            for one in sick
            if one.log_tail
        ]
        return failed(
            "; ".join(f"{one.service}: {one.cause or one.state}" for one in sick),
            evidence=evidence,
            remediation=_advice(sick),
        )
    return passed(_summary(health), details=_without_health_check(health), evidence=evidence)


def _summary(health: Sequence[ServiceHealth]) -> str:
    shots = sum(one.one_shot for one in health)
    slowest = max(health, key=lambda one: one.seconds)
    ended = f", {shots} one-shot completed" if shots else ""
    return (
        f"{len(health) - shots} of {len(health) - shots} services healthy{ended}; "
        f"slowest {slowest.service} after {slowest.seconds:.1f} s"
    )


def _without_health_check(health: Sequence[ServiceHealth]) -> str:
    names = [one.service for one in health if not one.has_health_check and not one.one_shot]
    if not names:
        return ""
    return f"Without a health check, so that only staying up was proven: {', '.join(names)}"


def _advice(sick: Sequence[ServiceHealth]) -> str:
    if any(one.out_of_memory for one in sick):
        return "Raise the memory limit of the service, or lower what it uses."
    if any(one.restarts for one in sick):
        return "Look at the log for why the service ends; it must stay up."
    if any(one.state in {"unhealthy", "starting"} for one in sick):
        return "Run the service's health check by hand; raise stack.wait-timeout if it is slow."
    return "Look at the log of the service, and start it with docker compose up."


def _table(health: Sequence[ServiceHealth]) -> TableEvidence:
    return TableEvidence(
        title="Services",
        columns=_COLUMNS,
        rows=tuple(
            (
                one.service,
                one.state,
                str(one.restarts),
                "" if one.exit_code is None else str(one.exit_code),
                "yes" if one.has_health_check else "no",
                f"{one.seconds:.1f}",
            )
            for one in sorted(health, key=lambda one: one.service)
        ),
    )
