"""What a check answers: an answer, not applicable, or cannot tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from readiness_gate.model.evidence import Evidence
from readiness_gate.model.outcome import ErrorClass, Outcome


@dataclass(frozen=True)
class CheckResult:
    """The data that a check returns.

    `summary` is one line that says what was seen, `details` more lines of it, `remediation`
    replaces the check's general advice where the result allows a better one.
    """

    outcome: Outcome
    summary: str
    details: str = ""
    evidence: tuple[Evidence, ...] = ()
    remediation: str | None = None
    error_class: ErrorClass | None = None
    waiting_for: str | None = None
    """Who or what can end a `pending`, in words: `#14 to be merged`, `@acme/legal`."""
    unsupported: bool = False
    """The stack's driver has no such thing: skipped where only a section asked for it."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What was counted, by name (`tables`, `foreign-keys`); a checklist may state it too."""


def passed(
    summary: str,
    *,
    details: str = "",
    evidence: Sequence[Evidence] = (),
    figures: Mapping[str, float] | None = None,
) -> CheckResult:
    """Return a proven item; `summary` says what was measured, with its count."""
    return CheckResult(Outcome.PASSED, summary, details, tuple(evidence), figures=figures or {})


def failed(
    summary: str,
    *,
    details: str = "",
    evidence: Sequence[Evidence] = (),
    remediation: str | None = None,
    figures: Mapping[str, float] | None = None,
) -> CheckResult:
    """Return an item that is not true and that the author can fix."""
    return CheckResult(
        Outcome.FAILED, summary, details, tuple(evidence), remediation, figures=figures or {}
    )


def pending(
    summary: str,
    *,
    waiting_for: str,
    details: str = "",
    evidence: Sequence[Evidence] = (),
    remediation: str | None = None,
) -> CheckResult:
    """Return an item that waits for somebody or something else."""
    return CheckResult(
        Outcome.PENDING,
        summary,
        details,
        tuple(evidence),
        remediation,
        waiting_for=waiting_for,
    )


def not_applicable(reason: str) -> CheckResult:
    """Return an item that this check has nothing to say about, and why."""
    return CheckResult(Outcome.SKIPPED, reason)


def cannot_tell(
    error_class: ErrorClass,
    summary: str,
    *,
    details: str = "",
    evidence: Sequence[Evidence] = (),
    remediation: str | None = None,
) -> CheckResult:
    """Return an item that could not be decided; never green (DESIGN 2, rule 3)."""
    return CheckResult(
        Outcome.ERROR, summary, details, tuple(evidence), remediation, error_class=error_class
    )


def not_supported(summary: str, *, remediation: str | None = None) -> CheckResult:
    """Return an item that the stack's driver cannot do (DESIGN 1.5, drivers)."""
    return CheckResult(
        Outcome.ERROR,
        summary,
        error_class=ErrorClass.CONFIGURATION,
        unsupported=True,
        remediation=remediation,
    )
