"""What an untrusted run reported, held against the plan of the base configuration. Pure.

Only outcomes and their words are taken from the run. Which items there are, which of them block,
what is waived and what does not apply is the plan's to say (notes on security S-06, S-07, S-08).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.engine.conclude import conclude
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import StandingWaiver
from readiness_gate.engine.results import waived
from readiness_gate.errors import GateError
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import (
    Conclusion,
    ErrorClass,
    Half,
    Outcome,
    Severity,
    SkippedBy,
)
from readiness_gate.model.report import Report
from readiness_gate.report.escape import one_line

_COULD_BE_WAIVED = frozenset({Outcome.FAILED, Outcome.PENDING})
_SHOWN = 5


class ClaimRefused(GateError):  # noqa: N818 - the fact is the name
    """The report is not of what it has to be of; nothing of it is used."""


@dataclass(frozen=True)
class Expected:
    """What a report has to be of, as GitHub tells it."""

    repository: str
    pull_request: int | None
    head_sha: str
    preview: bool = False


def require_subject(report: Report, expected: Expected) -> None:
    """Return where the report names the repository, pull request and head that GitHub names.

    Raises:
        ClaimRefused: it names others.
    """
    for what, claimed, wanted in (
        ("repository", report.repository, expected.repository),
        ("pull request", report.pull_request, expected.pull_request),
        ("head", report.head_sha, expected.head_sha),
    ):
        if claimed != wanted:
            said = one_line(str(claimed), 60)
            raise ClaimRefused(f"the report is of the {what} {said}, the run of {wanted}")
    for sha in (report.base_sha, report.tested_sha):
        if sha is not None and not _is_sha(sha):
            raise ClaimRefused(f"the report names the commit {one_line(sha, 60)}")
    if report.preview is not expected.preview:
        raise ClaimRefused("the base has a configuration since the run, or none any more")


def claimed_items(
    planned: Sequence[PlannedItem], report: Report, waivers: Mapping[str, StandingWaiver]
) -> tuple[ItemResult, ...]:
    """Return one result for each planned item of the checks half, in the plan's order.

    What the report says of the merge half is left out: another job answers that.

    Raises:
        ClaimRefused: an id is missing, surplus or there twice, or an item says of itself that
            it is waived or does not apply where the plan does not.
    """
    mine = [item for item in planned if item.half is Half.CHECKS]
    merge = {item.id for item in planned if item.half is Half.MERGE}
    claimed = [item for item in report.items if item.half is Half.CHECKS or item.id not in merge]
    _require_ids([item.id for item in mine], [item.id for item in claimed])
    by_id = {item.id: item for item in claimed}
    return tuple(_result(item, by_id[item.id], by_id, waivers) for item in mine)


def _require_ids(planned: Sequence[str], claimed: Sequence[str]) -> None:
    differences = (
        ("misses", sorted(set(planned) - set(claimed))),
        ("has more than planned", sorted(set(claimed) - set(planned))),
        ("has twice", sorted({id_ for id_ in claimed if claimed.count(id_) > 1})),
    )
    for words, ids in differences:
        if ids:
            shown = ", ".join(one_line(id_, 60) for id_ in ids[:_SHOWN])
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            raise ClaimRefused(
                f"the report {words}: {shown}{more}",
                advice="Run the workflow again: the configuration or the labels have changed.",
            )


def _result(
    plan: PlannedItem,
    claim: ItemResult,
    others: Mapping[str, ItemResult],
    waivers: Mapping[str, StandingWaiver],
) -> ItemResult:
    if plan.skipped is not None:
        return _set_aside(plan, plan.skipped, claim)
    if claim.outcome is Outcome.SKIPPED and claim.skipped_by is not SkippedBy.CHECK:
        raise _differs(plan, f"was skipped by {claim.skipped_by}, and the plan has it run")
    if plan.todo is not None and claim.outcome is not Outcome.PENDING:
        raise _differs(plan, f"is {claim.outcome}, and its binding is not finished")
    if claim.outcome is Outcome.WAIVED and plan.id not in waivers:
        raise _differs(plan, "is waived, and no waiver of it stands at the base")
    if claim.cause is not None and claim.cause not in others:
        raise _differs(plan, "has a cause that is no item")
    result = _identified(plan).model_copy(
        update={
            "outcome": claim.outcome,
            "error_class": claim.error_class,
            "cause": claim.cause,
            "skipped_by": claim.skipped_by,
            "summary": claim.summary,
            "details": claim.details,
            "remediation": claim.remediation,
            "waiting_for": claim.waiting_for,
            "evidence": claim.evidence,
            "figures": claim.figures,
            "duration_ms": max(claim.duration_ms, 0),
            "started_at": claim.started_at,
        }
    )
    if claim.outcome is Outcome.WAIVED:
        seen = claim.details.removeprefix(f"would be {Outcome.FAILED}: ")
        result = result.model_copy(update={"outcome": Outcome.FAILED, "summary": seen})
    return waived(result, waivers) if result.outcome in _COULD_BE_WAIVED else result


def _set_aside(plan: PlannedItem, skipped: tuple[SkippedBy, str], claim: ItemResult) -> ItemResult:
    by, reason = skipped
    if claim.outcome is not Outcome.SKIPPED or claim.skipped_by is not by:
        raise _differs(plan, f"is {claim.outcome}, and the plan skips it: {reason}")
    return _identified(plan).model_copy(
        update={"outcome": Outcome.SKIPPED, "skipped_by": by, "summary": reason}
    )


def _differs(plan: PlannedItem, words: str) -> ClaimRefused:
    return ClaimRefused(
        f"in the report {plan.id} {words}",
        advice="Run the workflow again: the configuration or the labels have changed.",
    )


def _identified(plan: PlannedItem) -> ItemResult:
    return ItemResult(
        id=plan.id,
        title=plan.title,
        category=plan.category,
        severity=plan.severity,
        phase=plan.phase,
        stage=plan.stage,
        half=plan.half,
        check=plan.check_id,
        outcome=Outcome.PENDING,
        blocking=plan.blocking,
    )


def own_item(
    id_: str,
    outcome: Outcome,
    *,
    title: str,
    check: str,
    summary: str,
    remediation: str,
    waiting_for: str | None = None,
) -> ItemResult:
    """Return an item that publishing itself adds to the checks half; it always blocks."""
    return ItemResult(
        id=id_,
        title=title,
        category="Publish",
        severity=Severity.CRITICAL,
        half=Half.CHECKS,
        check=check,
        outcome=outcome,
        error_class=ErrorClass.INFRASTRUCTURE if outcome is Outcome.ERROR else None,
        summary=summary,
        remediation=remediation,
        waiting_for=waiting_for,
    )


def unreported(planned: Sequence[PlannedItem], cause: ItemResult) -> tuple[ItemResult, ...]:
    """Return the planned items where a run left no usable report, all of them behind `cause`."""
    return tuple(_not_reported(item, cause) for item in planned if item.half is Half.CHECKS)


def _not_reported(plan: PlannedItem, cause: ItemResult) -> ItemResult:
    if plan.skipped is not None:
        by, reason = plan.skipped
        update = {"outcome": Outcome.SKIPPED, "skipped_by": by, "summary": reason}
        return _identified(plan).model_copy(update=update)
    pending = cause.outcome is Outcome.PENDING
    return _identified(plan).model_copy(
        update={
            "outcome": cause.outcome if pending else Outcome.ERROR,
            "error_class": None if pending else ErrorClass.PREREQUISITE,
            "cause": None if pending else cause.id,
            "summary": "nothing was reported",
            "waiting_for": cause.waiting_for,
        }
    )


def concluded(
    planned: Sequence[PlannedItem], items: Sequence[ItemResult], own: Sequence[ItemResult]
) -> Conclusion | None:
    """Return the conclusion of the checks half; `own` are the items that publishing adds."""
    ids = [item.id for item in planned if item.half is Half.CHECKS and item.planned]
    if not ids:
        return None
    return conclude([*(item.id for item in own), *ids], [*own, *items])


def _is_sha(text: str) -> bool:
    return len(text) in {40, 64} and all(sign in "0123456789abcdef" for sign in text)
