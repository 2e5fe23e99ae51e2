"""Requests of checks that need several answers: each bounded, and silence told apart.

Silence of a target that the gate started is an answer about the pull request; of somebody else's
it is none (DESIGN 1.5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import cause_of, request_evidence
from readiness_gate.checks.target import Endpoint, is_own, may_act, unwatched
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_SHOWN = 6


class OutOfTime(Exception):  # noqa: N818
    """The item's own time is over, so that no more is asked."""


class Silent(Exception):  # noqa: N818
    """No answer came."""

    def __init__(self, target: Endpoint, method: str, cause: str) -> None:
        """Keep what was asked, and in a few words why no answer came."""
        super().__init__(f"{method} {target.url}: {cause}")
        self.target = target
        self.method = method


@dataclass(frozen=True)
class Asking:
    """Asks the target within the time of one item."""

    context: CheckContext
    deadline: Deadline
    timeout: float
    """Seconds that one answer may take."""
    verify: bool = True

    def ask(
        self,
        target: Endpoint,
        method: str = "GET",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Return the answer; redirects are not followed.

        Raises:
            Silent: none came.
            OutOfTime: the item's time is over.
        """
        limit = self.deadline.remaining(self.timeout)
        if limit <= 0:
            raise OutOfTime
        try:
            return self.context.web.request(
                method,
                target.reached,
                timeout=limit,
                headers=headers,
                body=body,
                verify=self.verify,
            )
        except NoAnswer as error:
            if self.deadline.passed and limit < self.timeout:
                raise OutOfTime from error
            raise Silent(target, method, cause_of(error, method, target, limit)) from error


def asking(context: CheckContext, timeout: float, *, verify: bool = True) -> Asking:
    """Return what asks for as long as the item may take."""
    return Asking(context, Deadline(context.clock, context.timeout), timeout, verify)


def refuse_writing(context: CheckContext, method: str) -> None:
    """Refuse methods that write to a system which the gate did not start.

    Raises:
        ConfigurationError: that is so.
    """
    if method not in READING and not may_act(context):
        raise ConfigurationError(
            f"{method} is not sent to a system that the gate did not start",
            advice="Ask with GET, HEAD or OPTIONS, or name the check in environments.NAME.allow.",
        )


def unanswered(
    context: CheckContext, error: Silent, evidence: Iterable[RequestEvidence] = ()
) -> CheckResult:
    """Return what silence means: failed of an own target, else unknown."""
    shown = (*evidence, request_evidence(error.method, error.target, None))
    if not is_own(context):
        return cannot_tell(ErrorClass.INFRASTRUCTURE, str(error), evidence=shown)
    return failed(str(error), evidence=shown, remediation=unwatched(context, error.target))


def out_of_time(
    context: CheckContext, done: str, evidence: Iterable[RequestEvidence] = ()
) -> CheckResult:
    """Return that time was over; `done` says how far it came."""
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"time was over after {context.timeout:g} s: {done}",
        evidence=tuple(evidence),
        remediation="Give the item a longer timeout.",
    )


def problems_failed(problems: Iterable[str], evidence: Iterable[RequestEvidence]) -> CheckResult:
    """Return a failed item: its first line as summary, all of them as details."""
    lines = list(dict.fromkeys(problems))
    more = f"; and {len(lines) - 1} more" if len(lines) > 1 else ""
    return failed(f"{lines[0]}{more}", details="\n".join(lines), evidence=tuple(evidence)[:_SHOWN])
