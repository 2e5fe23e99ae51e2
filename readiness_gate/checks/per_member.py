"""One answer over the pull request that is judged, or over every member of a merge group."""

from collections.abc import Callable
from dataclasses import replace

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.judged import judged, members
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.result import CheckResult, cannot_tell, not_applicable, passed


def of_every_member(
    facts: MergeFacts | None, judge: Callable[[PullRequest], CheckResult]
) -> CheckResult:
    """Return what `judge` says; in a group the first member that did not pass decides.

    All members count, since a queue can be told to look at the last group alone, which then stands
    for all in it.
    """
    known = judged(facts)
    if isinstance(known, CheckResult):
        return known
    pull_requests = members(known)
    if not pull_requests:
        if known.merge_group is not None:
            done = "every member of the merge group is merged already"
            return cannot_tell(ErrorClass.INCONCLUSIVE, done)
        return not_applicable("no pull request is judged here")
    if len(pull_requests) == 1:
        return judge(pull_requests[0])
    results: list[CheckResult] = []
    for one in pull_requests:
        result = judge(one)
        name = one.reference.short(known.home)
        result = replace(result, summary=f"{name}: {result.summary}")
        if result.outcome is not Outcome.PASSED:
            return result
        results.append(result)
    return passed(
        "; ".join(one.summary for one in results),
        evidence=[evidence for one in results for evidence in one.evidence],
    )
