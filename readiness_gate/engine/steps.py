"""The steps that the gate does itself, and which item answers for a step that failed.

A step is done once; checks that need it wait for it, and one item of the catalogue reports it
(DESIGN 2.1). Everything else that needed a failed step is `error/prerequisite` under that item.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.checks.context import StepRecord
from readiness_gate.model.outcome import CheckClass, ErrorClass, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_supported

PREPARE, IMAGES, DATABASES, SEED, MIGRATE, STACK, SETTLED = (
    "prepare",
    "images",
    "databases",
    "seed",
    "migrate",
    "stack",
    "settled",
)

REPORTER: Mapping[str, str] = {
    PREPARE: "stack-health",
    IMAGES: "image-build",
    DATABASES: "stack-health",
    SEED: "migrations-applied",
    MIGRATE: "migrations-applied",
    STACK: "stack-health",
    SETTLED: "stack-health",
}
"""Check that reports each step."""

_READ_BY_REPORTER = frozenset({IMAGES, MIGRATE, STACK, SETTLED})
_SPAN_KIND = {IMAGES: "build", SEED: "seed", MIGRATE: "migrate"}


@dataclass(frozen=True)
class Step:
    """A step with the steps before it; `run` returns its record and never raises."""

    name: str
    after: tuple[str, ...]
    run: Callable[[], StepRecord]

    @property
    def span_kind(self) -> str:
        """Return the word of the timeline for it."""
        return _SPAN_KIND.get(self.name, "boot")


def steps_for(check_id: str, needs: frozenset[Need], check_class: CheckClass) -> frozenset[str]:
    """Return the steps that a check with these needs waits for."""
    wanted: set[str] = set()
    if check_id == REPORTER[SETTLED]:
        return frozenset({SETTLED})
    if Need.IMAGES in needs:
        wanted.add(IMAGES)
    if Need.STACK in needs:
        # Reading checks use the settle window; what loads the system waits until it is over.
        wanted.add(STACK if check_class is CheckClass.READ else SETTLED)
    if Need.DATABASE in needs:
        wanted.add(MIGRATE)
    return frozenset(wanted)


def with_predecessors(wanted: frozenset[str], steps: Sequence[Step]) -> frozenset[str]:
    """Return the wanted steps and all that come before them."""
    by_name = {step.name: step for step in steps}
    reached: set[str] = set()
    pending = [name for name in wanted if name in by_name]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(by_name[name].after)
    return frozenset(reached)


def reads_its_record(check_id: str, step: str) -> bool:
    """Return whether the check itself tells what went wrong in a step."""
    return REPORTER.get(step) == check_id and step in _READ_BY_REPORTER


def result_of(record: StepRecord) -> CheckResult:
    """Return the result of the item that answers for a failed step."""
    advice = record.advice or None
    if record.infrastructure:
        return cannot_tell(
            ErrorClass.INFRASTRUCTURE,
            record.summary,
            details=record.log,
            remediation=advice or "Re-run once the platform is well.",
        )
    if record.configuration:
        return cannot_tell(
            ErrorClass.CONFIGURATION, record.summary, details=record.log, remediation=advice
        )
    return failed(record.summary, details=record.log, remediation=advice)


_WITHOUT = {
    IMAGES: "this stack builds no images (stack.driver)",
    STACK: "no stack is configured",
    SETTLED: "no stack is configured",
    MIGRATE: "no database is configured",
}
_ADDED = {
    STACK: "Add the section `stack`, or name one of `environments` in a later stage.",
    SETTLED: "Add the section `stack`, or name one of `environments` in a later stage.",
    MIGRATE: "Add the section `databases`.",
}


def without(step: str) -> CheckResult:
    """Return the result of a check whose step this configuration does not have."""
    return not_supported(_WITHOUT[step], remediation=_ADDED.get(step))
