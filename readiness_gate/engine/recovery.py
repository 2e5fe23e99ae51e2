"""After a check that disrupts: the stack is put back, and nothing else runs on a sick one."""

from collections.abc import Sequence
from dataclasses import replace

from readiness_gate.checks.context import CheckContext
from readiness_gate.errors import StackError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed
from readiness_gate.stack.base import NotSupported, ServiceHealth

TIMEOUT = 180.0
SETTLE = 1.0


def put_back(context: CheckContext, result: CheckResult, timeout: float) -> tuple[CheckResult, str]:
    """Undo what a check did to the stack.

    Args:
        context: as the check got it.
        result: what the check answered.
        timeout: seconds that it may take.

    Returns:
        The result, which is no pass where the stack stays sick, and why it is sick: empty where
        it is healthy, or where nothing could be done to it.
    """
    if context.stack is None:
        return result, ""
    try:
        health = context.stack.disruption().recover(min(timeout, TIMEOUT), SETTLE)
    except NotSupported:
        return result, ""
    except StackError as error:
        sick = error.message
        if result.outcome is Outcome.PASSED and error.infrastructure:
            summary = f"{result.summary}; but afterwards: {sick}"
            return cannot_tell(ErrorClass.INFRASTRUCTURE, summary, details=error.log), sick
        return _with(result, sick), sick
    sick = _sick(health)
    return (_with(result, sick), sick) if sick else (result, "")


def _sick(health: Sequence[ServiceHealth]) -> str:
    found = [f"{one.service}: {one.cause or one.state}" for one in health if not one.healthy]
    return "; ".join(found) if health else "no service of the stack is there"


def _with(result: CheckResult, sick: str) -> CheckResult:
    after = f"the stack is not healthy afterwards: {sick}"
    if result.outcome is Outcome.PASSED:
        return failed(
            f"{result.summary}; but {after}",
            details=result.details,
            evidence=result.evidence,
            remediation="Make the services come back by themselves once everything is there again.",
        )
    return replace(result, details="\n".join(part for part in (result.details, after) if part))
