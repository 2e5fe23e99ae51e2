"""From outcomes to a conclusion per half and one verdict (DESIGN 1.2). Pure."""

from collections.abc import Collection, Sequence

from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Outcome, SkippedBy, Verdict

_EXCLUDED_BY = frozenset({SkippedBy.WHEN})
_NOT_PLANNED_BY = frozenset({SkippedBy.STAGE, SkippedBy.ONLY})


def conclude(planned: Collection[str], results: Sequence[ItemResult]) -> Conclusion | None:
    """Return the conclusion of one half, `None` where nothing of it was planned.

    `planned` are the ids that the half had to answer, `results` what came back for it. A
    missing, surplus or repeated id is an error; so is a half in which nothing was proven.
    """
    if not planned:
        return None
    answered = [item for item in results if item.id in set(planned) or not _not_asked(item)]
    blocking = [item for item in answered if item.blocking]
    outcomes = {item.outcome for item in blocking}
    for outcome, conclusion in (
        (Outcome.FAILED, Conclusion.FAILURE),
        (Outcome.ERROR, Conclusion.ERROR),
        (Outcome.PENDING, Conclusion.PENDING),
    ):
        if outcome in outcomes:
            return conclusion
    # An id that two items have would let one answer stand for both.
    twice = len(set(planned)) != len(planned)
    if twice or sorted(item.id for item in answered) != sorted(planned):
        return Conclusion.ERROR
    if Outcome.PASSED in outcomes or all(_set_aside(item) for item in blocking):
        return Conclusion.SUCCESS
    return Conclusion.ERROR


def _not_asked(item: ItemResult) -> bool:
    return item.outcome is Outcome.SKIPPED and item.skipped_by in _NOT_PLANNED_BY


def _set_aside(item: ItemResult) -> bool:
    if item.outcome is Outcome.WAIVED:
        return True
    return item.outcome is Outcome.SKIPPED and item.skipped_by in _EXCLUDED_BY


def verdict(merge: Conclusion | None, checks: Conclusion | None) -> Verdict:
    """Return the answer over both halves; halves without a plan do not enter it."""
    conclusions = {conclusion for conclusion in (merge, checks) if conclusion is not None}
    if not conclusions:
        return Verdict.ERROR
    if Conclusion.FAILURE in conclusions:
        return Verdict.BLOCKED
    if Conclusion.ERROR in conclusions:
        return Verdict.ERROR
    if Conclusion.PENDING in conclusions:
        return Verdict.WAITING
    return Verdict.READY


def exit_code(answer: Verdict) -> int:
    """Return 0 ready, 1 blocked or waiting, 3 could not evaluate."""
    return {Verdict.READY: 0, Verdict.BLOCKED: 1, Verdict.WAITING: 1, Verdict.ERROR: 3}[answer]


def step_exit_code(answer: Verdict, fail_on: str, *, pending_written: bool) -> int:
    """Return the step's exit code under `fail-on` (`blocked`, `waiting`, `never`).

    A waiting pull request may pass the step only if the `pending` status really was written:
    otherwise nothing would hold the merge back.
    """
    if fail_on == "never":
        return 0
    if answer is Verdict.WAITING and fail_on == "blocked" and pending_written:
        return 0
    return exit_code(answer)


_SEVERITY_OF_CONCLUSION = (
    Conclusion.SUCCESS,
    Conclusion.PENDING,
    Conclusion.ERROR,
    Conclusion.FAILURE,
)


def worse(one: Conclusion, other: Conclusion) -> Conclusion:
    """Return the worse of two; for pull requests that share a head commit."""
    return max(one, other, key=_SEVERITY_OF_CONCLUSION.index)
