"""Runs one check with its time limit, and turns whatever it raises into `error`."""

import threading
import traceback
from collections.abc import Callable

from readiness_gate.checks.context import CheckContext
from readiness_gate.doors.alarms import Alarms
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.threads import THREADS
from readiness_gate.errors import (
    ConfigurationError,
    DatabaseError,
    ForgeError,
    PermissionMissing,
    StackError,
)
from readiness_gate.model.outcome import CheckClass, ErrorClass, Need
from readiness_gate.model.result import CheckResult, cannot_tell, not_supported
from readiness_gate.stack.base import NotSupported

GRACE = 5.0
"""Seconds that a check gets beyond its limit to say by itself that time ran out."""
_ALARMS = Alarms()


def execute(
    bound: BoundCheck,
    context: CheckContext,
    then: Callable[[CheckResult], None],
    *,
    grace: float = GRACE,
) -> None:
    """Run a check in this thread and hand its result to `then`, once, soon after its limit at last.

    Python cannot end a thread: of a check that hangs another one says so, and goes on with `then`
    while this one is left behind. `then` must not raise.
    """
    unanswered = threading.Lock()

    def speak() -> None:
        then(_did_not_end(context.timeout))

    def give_up() -> None:
        if unanswered.acquire(blocking=False):
            try:
                THREADS.start(speak)
            except RuntimeError:  # No thread is to be had: late alarms are better than no result.
                speak()

    alarm = _ALARMS.after(context.timeout + grace, give_up)
    result = _guarded(bound, context)
    if unanswered.acquire(blocking=False):
        alarm.cancel()
        then(result)


def _did_not_end(seconds: float) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"did not end within {seconds:g} s",
        remediation="Give the item a longer timeout, or find out why it hangs.",
    )


def _guarded(bound: BoundCheck, context: CheckContext) -> CheckResult:
    try:
        return _not_let_loose(bound, context) or bound.check.run(context, bound.options)
    except BaseException as error:
        # Away from the main thread nobody else would hear even of a SystemExit.
        return of_exception(error)


def _not_let_loose(bound: BoundCheck, context: CheckContext) -> CheckResult | None:
    """Refuse what does more than read somebody else's system without its environment's word."""
    check = bound.check
    if not context.only_read or context.allowed or check.check_class is CheckClass.READ:
        return None
    if Need.STACK not in bound.needs:
        return None
    return cannot_tell(
        ErrorClass.CONFIGURATION,
        f"{check.id} does more than read, and the gate did not start this system",
        remediation=f"Name {check.id} in environments.NAME.allow where that does no harm there, "
        "or check it on a stack of the gate's own.",
    )


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
        f"{type(error).__name__}: {_said(error)}",
        details="".join(traceback.format_exception(error, limit=-4)),
        remediation="This is a fault of the gate: please report it with these lines.",
    )


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # Words of others' exceptions are code of others, too.
        return "it cannot be shown"
