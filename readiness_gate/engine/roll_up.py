"""Sums up results: several checks of one item, and items that other items sum up. Pure."""

from collections.abc import Sequence

from readiness_gate.checklist.shares import NOT_ASKED
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, ErrorClass, Outcome, SkippedBy
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
    at_least: int | None = None,
) -> CheckResult:
    """Return the result of a roll-up over items, and over the other half by its status.

    `unusable` is why that status says nothing: it is then no answer, whatever it claims.
    `at_least` is the share in percent that is enough; the other half has to be ready all the same,
    for how many items its status stands for is not known.
    What the run was not asked for is open: it is waited for, unless it cannot change the answer.
    """
    if at_least is not None:
        whole = of_items(
            [],
            other_half=other_half,
            other_half_counts=other_half_counts,
            unusable=unusable,
        )
        if other_half_counts and (whole.outcome is not Outcome.PASSED or not selected):
            return whole
        return _of_share(selected, at_least)
    open_ = [item for item in selected if _is_open(item)]
    counted = [item for item in selected if item.outcome is not Outcome.SKIPPED or _is_open(item)]
    states = [(item.id, Outcome.PENDING if _is_open(item) else item.outcome) for item in counted]
    if other_half_counts:
        state = Outcome.ERROR if unusable else _of_conclusion(other_half)
        states.append(("the other half", state))
    if not states:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "nothing to sum up")
    total = len(states)
    for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.PENDING):
        names = [name for name, state in states if state is outcome]
        if names:
            summary = f"{len(names)} of {total}: {', '.join(names[:_SHOWN])}"
            waits = _awaited(open_, others=len(names) > len(open_))
            return _not_ready(outcome, summary, unusable, waits)
    return proven(f"all {total} ready")


def _of_share(selected: Sequence[ItemResult], at_least: int) -> CheckResult:
    """Return whether enough of the items passed; what does not apply or is waived is left out."""
    left_out = {Outcome.SKIPPED, Outcome.WAIVED}
    open_ = [item for item in selected if _is_open(item)]
    outcomes = [item.outcome for item in selected if item.outcome not in left_out]
    total, passed = len(outcomes) + len(open_), outcomes.count(Outcome.PASSED)
    if not total:
        waived = sum(item.outcome is Outcome.WAIVED for item in selected)
        if waived:
            return proven(f"all {waived} waived")
        return cannot_tell(ErrorClass.INCONCLUSIVE, "nothing to sum up")
    summary = f"{passed} of {total} passed, {100 * passed // total} %; {at_least} % asked for"
    if 100 * passed >= at_least * total:
        return proven(summary)
    pending, unclear = outcomes.count(Outcome.PENDING), outcomes.count(Outcome.ERROR)
    waits = pending + len(open_)
    named = [item.id for item in selected if item.outcome in _OPEN or _is_open(item)]
    details = f"not passed: {', '.join(named)}"
    if 100 * (passed + waits + unclear) < at_least * total:
        return failed(summary, details=details)
    if 100 * (passed + waits) >= at_least * total:
        return waiting(summary, waiting_for=_awaited(open_, others=bool(pending)), details=details)
    return cannot_tell(ErrorClass.PREREQUISITE, summary, details=details)


_SHOWN = 8
_OPEN = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.PENDING})


def _is_open(item: ItemResult) -> bool:
    return item.skipped_by in NOT_ASKED


def _awaited(open_: Sequence[ItemResult], *, others: bool) -> str:
    """Return what is waited for: `others` wait by themselves, the open ones for another run."""
    if not open_:
        return "the items named"
    told = [f"{item.id} ({_why_open(item)})" for item in open_[:_SHOWN]]
    more = f" and {len(open_) - _SHOWN} more" if open_[_SHOWN:] else ""
    asked = f"what this run was not asked for: {', '.join(told)}{more}"
    return f"{asked}; the other items named" if others else asked


def _why_open(item: ItemResult) -> str:
    if item.skipped_by is SkippedBy.STAGE:
        return f"stage {item.stage}"
    return f"phase {item.phase}" if item.skipped_by is SkippedBy.PHASE else "only"


def _not_ready(outcome: Outcome, summary: str, unusable: str, waits: str) -> CheckResult:
    if outcome is Outcome.FAILED:
        return failed(f"failed {summary}")
    if outcome is Outcome.PENDING:
        return waiting(f"waiting {summary}", waiting_for=waits)
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
