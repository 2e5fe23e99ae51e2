"""Where each thing stands that a check looks at, and the one result over all of them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness_gate.model.evidence import Evidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed, pending


@dataclass(frozen=True)
class Standing:
    """Where one thing stands: one phrase, who can end the wait, and the next step."""

    outcome: Outcome
    says: str
    next_step: str = ""
    waiting_for: str = ""
    error_class: ErrorClass = ErrorClass.INCONCLUSIVE


def summed(
    standings: Sequence[Standing], *, green: str, evidence: Sequence[Evidence] = ()
) -> CheckResult:
    """Return the result over at least one standing: failed, else unknown, else waiting.

    `green` is the summary where all of them passed.
    """
    unique = list(dict.fromkeys(standings))
    details = "\n".join(one.says for one in unique if one.outcome is not Outcome.PASSED)

    def of(outcome: Outcome) -> list[Standing]:
        return [one for one in unique if one.outcome is outcome]

    if bad := of(Outcome.FAILED):
        says = first(one.says for one in bad)
        return failed(says, details=details, evidence=evidence, remediation=steps(bad))
    if unknown := of(Outcome.ERROR):
        return cannot_tell(
            unknown[0].error_class,
            first(one.says for one in unknown),
            details=details,
            evidence=evidence,
            remediation=steps(unknown),
        )
    if waiting := of(Outcome.PENDING):
        return pending(
            first(one.says for one in waiting),
            waiting_for=first((one.waiting_for for one in waiting), between=", "),
            details=details,
            evidence=evidence,
            remediation=steps(waiting),
        )
    if not unique:
        raise ValueError("nothing stands anywhere")
    return passed(green, evidence=evidence)


def first(says: Iterable[str], *, between: str = "; ", at_most: int = 3) -> str:
    """Return the first different phrases, and how many more there are."""
    unique = [one for one in dict.fromkeys(says) if one]
    more = len(unique) - at_most
    text = between.join(unique[:at_most])
    return f"{text}{between}and {more} more" if more > 0 else text


def steps(some: Iterable[Standing]) -> str:
    """Return the next steps as a sentence."""
    text = first(one.next_step for one in some)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
