"""Sums up results: several checks of one item, and items that other items sum up. Pure."""

from collections.abc import Sequence

from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable
from readiness_gate.model.result import passed as proven
from readiness_gate.model.result import pending as waiting


def of_checks(parts: Sequence[tuple[str, CheckResult]]) -> CheckResult:
    """Return the result of an item that binds several checks, all of which must pass.

    What does not apply is left out; if nothing applies, neither does the item.
    """
    if len(parts) == 1:
        return parts[0][1]
    summary = " · ".join(f"{name}: {result.summary}" for name, result in parts)
    evidence = tuple(one for _, result in parts for one in result.evidence)
    details = "\n".join(result.details for _, result in parts if result.details)
    figures = {key: value for _, result in parts for key, value in result.figures.items()}
    for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.PENDING):
        hit = [(name, result) for name, result in parts if result.outcome is outcome]
        if hit:
            name, first = hit[0]
            return CheckResult(
                outcome,
                f"{name}: {first.summary}" + (f" (+{len(hit) - 1} more)" if hit[1:] else ""),
                details,
                evidence,
                first.remediation,
                first.error_class,
                first.waiting_for,
                all(part.unsupported for _, part in hit),
                figures,
            )
    if all(result.outcome is Outcome.SKIPPED for _, result in parts):
        return not_applicable(summary)
    return proven(summary, details=details, evidence=evidence, figures=figures)


def of_items(
    selected: Sequence[ItemResult],
    *,
    other_half: Conclusion | None,
    other_half_counts: bool,
    unusable: str = "",
) -> CheckResult:
    """Return the result of a roll-up over items, and over the other half by its status.

    `unusable` is why that status says nothing: it is then no answer, whatever it claims.
    """
    counted = [item for item in selected if item.outcome is not Outcome.SKIPPED]
    states = [(item.id, item.outcome) for item in counted]
    if other_half_counts:
        state = Outcome.ERROR if unusable else _of_conclusion(other_half)
        states.append(("the other half", state))
    if not states:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "nothing to sum up")
    total = len(states)
    for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.PENDING):
        names = [name for name, state in states if state is outcome]
        if names:
            summary = f"{len(names)} of {total}: {', '.join(names[:8])}"
            return _not_ready(outcome, summary, unusable)
    return proven(f"all {total} ready")


def _not_ready(outcome: Outcome, summary: str, unusable: str) -> CheckResult:
    if outcome is Outcome.FAILED:
        return failed(f"failed {summary}")
    if outcome is Outcome.PENDING:
        return waiting(f"waiting {summary}", waiting_for="the items named")
    if unusable:
        advice = "Let one token write both halves, and run the other half again."
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"could not be checked {summary}; {unusable}",
            remediation=advice,
        )
    return cannot_tell(ErrorClass.PREREQUISITE, f"could not be checked {summary}")


def _of_conclusion(conclusion: Conclusion | None) -> Outcome:
    if conclusion is None:
        return Outcome.PENDING
    return {
        Conclusion.SUCCESS: Outcome.PASSED,
        Conclusion.FAILURE: Outcome.FAILED,
        Conclusion.ERROR: Outcome.ERROR,
        Conclusion.PENDING: Outcome.PENDING,
    }[conclusion]
