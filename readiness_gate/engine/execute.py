"""Runs one check with its time limit, and turns whatever it raises into `error`."""

import threading
import traceback

from readiness_gate.checks.base import CheckContext
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.threads import THREADS
from readiness_gate.errors import (
    ConfigurationError,
    DatabaseError,
    ForgeError,
    PermissionMissing,
    StackError,
)
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, not_supported
from readiness_gate.stack.base import NotSupported

GRACE = 5.0
"""Seconds that a check gets beyond its limit to say by itself that time ran out."""


def execute(bound: BoundCheck, context: CheckContext, *, grace: float = GRACE) -> CheckResult:
    """Return the result of a check; never raises, and never returns later than its limit.

    A check that hangs is left to its daemon thread: Python cannot end a thread.
    """
    answers: list[CheckResult] = []

    ended = threading.Event()

    def work() -> None:
        answers.append(_guarded(bound, context))
        ended.set()

    THREADS.start(work)
    ended.wait(context.timeout + grace)
    if not answers:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"did not end within {context.timeout:g} s",
            remediation="Give the item a longer timeout, or find out why it hangs.",
        )
    return answers[0]


def _guarded(bound: BoundCheck, context: CheckContext) -> CheckResult:
    try:
        return bound.check.run(context, bound.options)
    except BaseException as error:
        # In a thread of its own nobody else would hear even of a SystemExit.
        return of_exception(error)


def of_exception(error: BaseException) -> CheckResult:
    """Return the error that an exception stands for; what nobody expected is `internal`."""
    if isinstance(error, PermissionMissing):
        return cannot_tell(
            ErrorClass.CONFIGURATION, error.message, remediation=error.advice or None
        )
    if isinstance(error, NotSupported):
        return not_supported(error.message)
    if isinstance(error, ConfigurationError):
        return cannot_tell(
            ErrorClass.CONFIGURATION, error.message, remediation=error.advice or None
        )
    if isinstance(error, StackError) and not error.infrastructure:
        # The platform is well: the target is not what the check took it for.
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            error.message,
            details=error.log,
            remediation=error.advice or None,
        )
    if isinstance(error, ForgeError | StackError | DatabaseError):
        return cannot_tell(
            ErrorClass.INFRASTRUCTURE,
            error.message,
            details=getattr(error, "log", ""),
            remediation=error.advice or None,
        )
    return cannot_tell(
        ErrorClass.INTERNAL,
        f"{type(error).__name__}: {error}",
        details="".join(traceback.format_exception(error, limit=-4)),
        remediation="This is a fault of the gate: please report it with these lines.",
    )
