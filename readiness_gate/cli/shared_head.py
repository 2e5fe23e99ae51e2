"""Open pull requests with one head commit share its statuses (DESIGN 1.2)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from readiness_gate.cli.evaluation import Gate, evaluate_case, plan_case
from readiness_gate.cli.subject import Case, pull_request_case
from readiness_gate.engine.conclude import verdict, worse
from readiness_gate.errors import GateError, NoConfiguration
from readiness_gate.forge.events import requested
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Conclusions, Report

_MERGE = frozenset({Half.MERGE})


@dataclass(frozen=True)
class Shared:
    """A report whose conclusions hold for all open pull requests with its head."""

    report: Report
    names: str = ""
    """Who shares the head, such as `#14, #30`, by number: whoever writes the status writes the
    same; empty where nobody does."""


def over_shared_head(gate: Gate, case: Case, report: Report, halves: Collection[Half]) -> Shared:
    """Return the report over all: of the merge halves the worst, of checks that nobody can tell.

    A status cannot say whose code on which base was checked.
    """
    own = case.subject.pull_request
    if own is None or gate.graphs is None:
        return Shared(report)
    try:
        twins = [
            one
            for one in gate.graphs.opened()
            if one.head_sha == own.head_sha and one.reference != own.reference
        ]
        others = [_merge_conclusion(gate, one) for one in twins if Half.MERGE in halves]
    except GateError as error:
        text = f"pull requests with the same head: {error.message}"
        unknown = dict.fromkeys(halves, Conclusion.ERROR)
        return Shared(
            _concluded(report, unknown.get(Half.MERGE), unknown.get(Half.CHECKS), text), text
        )
    return with_twins(report, [one.reference.number for one in (own, *twins)], others)


def with_twins(
    report: Report, numbers: Collection[int], others: Iterable[Conclusion | None]
) -> Shared:
    """Return the report over all of `numbers`, where `others` are the other ones' merge halves."""
    if len(numbers) < 2:
        return Shared(report)
    names = ", ".join(f"#{number}" for number in sorted(numbers))
    merge = report.conclusions.merge
    for other in filter(None, others):
        merge = other if merge is None else worse(merge, other)
    checks = report.conclusions.checks
    told = Conclusion.ERROR if checks is not None else None
    return Shared(_concluded(report, merge, told, f"{names} share one head"), names)


def _concluded(
    report: Report, merge: Conclusion | None, checks: Conclusion | None, note: str
) -> Report:
    return report.model_copy(
        update={
            "conclusions": Conclusions(merge=merge, checks=checks),
            "verdict": verdict(merge, checks),
            "notes": (*report.notes, note),
        }
    )


def _merge_conclusion(gate: Gate, pull_request: PullRequest) -> Conclusion | None:
    """Return the conclusion of its merge half, `None` where it decides nothing.

    Raises:
        GateError: it could not be evaluated.
    """
    if gate.forge is None:
        return None
    number = pull_request.reference.number
    event = requested(mode="merge", pull_request=number)
    try:
        # Read anew: the list has no labels.
        now = gate.forge.pull_request(number)
        case = pull_request_case(now, event, gate.settings, gate.doors, gate.forge)
    except NoConfiguration:
        return None
    if case.policy.preview or case.policy.loaded.config.enforce == "none":
        return None
    report = evaluate_case(gate, case, plan_case(gate, case), _MERGE, quiet=True)
    return report.conclusions.merge
