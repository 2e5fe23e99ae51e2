"""What a check says of a step of the gate that did not succeed: images, stack."""

from readiness_gate.checks.context import StepRecord
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import Evidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed


def failed_step(step: StepRecord) -> CheckResult:
    """Return the failure with its log; an error where the pull request is not to blame."""
    log: list[Evidence] = [TextEvidence(title="Output", text=step.log)] if step.log else []
    if step.infrastructure:
        return cannot_tell(
            ErrorClass.INFRASTRUCTURE,
            step.summary,
            evidence=log,
            remediation=step.advice
            or "Not the pull request's fault: re-run once the platform is well.",
        )
    advice = step.advice or None
    if step.configuration:
        return cannot_tell(ErrorClass.CONFIGURATION, step.summary, evidence=log, remediation=advice)
    return failed(step.summary, evidence=log, remediation=advice)


def failed_stack(error: StackError) -> CheckResult:
    """Return the same of what a stack raised when a check asked it."""
    return failed_step(
        StepRecord(
            "stack", False, error.message, error.log, error.infrastructure, advice=error.advice
        )
    )
