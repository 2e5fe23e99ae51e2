"""From what ran to the items of the report: roll-ups, causes, waivers. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from readiness_gate.checklist.shares import NOT_ASKED
from readiness_gate.checks.merge.rollup import RollupOptions
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import StandingWaiver
from readiness_gate.engine.roll_up import of_checks, of_items
from readiness_gate.engine.run import Executed
from readiness_gate.engine.sums import counts, in_order, is_early, summed_up
from readiness_gate.model.item import REPRODUCE, ItemResult
from readiness_gate.model.outcome import (
    Conclusion,
    ErrorClass,
    Half,
    Need,
    Outcome,
    SkippedBy,
    Stage,
)
from readiness_gate.model.result import CheckResult, cannot_tell, not_applicable, pending


@dataclass(frozen=True)
class OtherHalf:
    """The half that this run did not compute, by the status on the head commit."""

    half: Half
    conclusion: Conclusion | None
    unusable: str = ""
    """Why its status says nothing, such as that somebody else wrote it."""


def results(
    items: Sequence[PlannedItem],
    executed: Mapping[str, Executed],
    *,
    waivers: Mapping[str, StandingWaiver],
    other_half: OtherHalf | None,
    halves: Collection[Half],
) -> tuple[ItemResult, ...]:
    """Return one result per item of the halves that this run is about, in the plan's order."""
    mine = [item for item in items if item.half in halves]
    by_check = {
        one.check.id: item.id for item in mine for one in item.checks if item.skipped is None
    }
    found: dict[str, ItemResult] = {}
    for item in mine:
        if not _sums_up(item):
            found[item.id] = waived(_result(item, executed, by_check), waivers)
    for item in _summed_first(mine):
        answer = _sum(item, items, found, halves, other_half)
        found[item.id] = waived(_record(item, Executed(answer), None), waivers)
    return tuple(found[item.id] for item in mine)


def _sums_up(item: PlannedItem) -> bool:
    return item.skipped is None and item.todo is None and summed_up(item.checks) is not None


def _result(
    item: PlannedItem, executed: Mapping[str, Executed], by_check: Mapping[str, str]
) -> ItemResult:
    if item.skipped is not None:
        by, reason = item.skipped
        return _record(item, Executed(not_applicable(reason)), by)
    if item.todo is not None:
        waiting = pending(
            "finish this binding",
            waiting_for="the maintainers",
            details=item.todo,
            remediation=item.todo,
        )
        return _record(item, Executed(waiting), None)
    parts = [(one.check.id, executed.get(one.key, _never_begun())) for one in item.checks]
    answer = of_checks([(name, part.result) for name, part in parts])
    if item.from_section and answer.unsupported:
        answer = not_applicable(answer.summary)
    cause = next((by_check.get(part.cause) for _, part in parts if part.cause), None)
    starts = [part.started_at for _, part in parts if part.started_at is not None]
    whole = Executed(
        answer,
        min(starts) if starts else None,
        sum(part.seconds for _, part in parts),
        cause if answer.error_class is ErrorClass.PREREQUISITE else None,
    )
    return _record(item, whole, None)


def _never_begun() -> Executed:
    return Executed(
        cannot_tell(ErrorClass.INFRASTRUCTURE, "not begun: the run was stopped or out of time")
    )


def _record(item: PlannedItem, whole: Executed, skipped_by: SkippedBy | None) -> ItemResult:
    answer = whole.result
    if answer.outcome is Outcome.SKIPPED and skipped_by is None:
        skipped_by = SkippedBy.CHECK
    return ItemResult(
        id=item.id,
        title=item.title,
        category=item.category,
        severity=item.severity,
        phase=item.phase,
        stage=item.stage,
        half=item.half,
        check=item.check_id,
        outcome=answer.outcome,
        error_class=answer.error_class,
        cause=whole.cause,
        skipped_by=skipped_by,
        blocking=item.blocking,
        summary=answer.summary,
        details=answer.details,
        remediation=answer.remediation or _advice(item, answer),
        reproduce=_reproduce(item, answer),
        waiting_for=answer.waiting_for,
        evidence=answer.evidence,
        figures=dict(answer.figures),
        duration_ms=round(whole.seconds * 1000),
        started_at=whole.started_at,
    )


def _reproduce(item: PlannedItem, answer: CheckResult) -> str:
    """Return the command for a laptop; what GitHub alone knows is looked at there."""
    if item.half is not Half.CHECKS or answer.outcome not in {Outcome.FAILED, Outcome.ERROR}:
        return ""
    if answer.error_class is ErrorClass.PREREQUISITE:
        return ""
    words = ["readiness-gate run --half checks --only", item.id]
    if item.stage is not Stage.PRE_MERGE:
        words += ["--stage", item.stage.value]
    if any({Need.STACK, Need.DATABASE} & one.needs for one in item.checks):
        words.append("--keep")
    command = " ".join(words)
    return command if re.fullmatch(REPRODUCE, command) else ""


def _advice(item: PlannedItem, answer: CheckResult) -> str:
    if answer.error_class is ErrorClass.PREREQUISITE:
        return ""  # The check said nothing: what has to be repaired is its cause.
    if answer.outcome in {Outcome.FAILED, Outcome.ERROR, Outcome.PENDING}:
        return item.checks[0].check.remediation
    return ""


def waived(item: ItemResult, waivers: Mapping[str, StandingWaiver]) -> ItemResult:
    """Return the item, set aside where it failed or waits and a waiver names it.

    One whose last day is over sets nothing aside: the item says that it had one.
    """
    waiver = waivers.get(item.id)
    if waiver is None or item.outcome not in {Outcome.FAILED, Outcome.PENDING}:
        return item
    if waiver.ended:
        ended = f"its waiver by {waiver.approved_by} expired on {waiver.expires}"
        if item.summary.endswith(ended):  # a report that is published says so already
            return item
        return item.model_copy(update={"summary": f"{item.summary}; {ended}"})
    link = f" ({waiver.link})" if waiver.link else ""
    return item.model_copy(
        update={
            "outcome": Outcome.WAIVED,
            "summary": f"waived until {waiver.expires} by {waiver.approved_by}: "
            f"{waiver.reason}{link}",
            "details": f"would be {item.outcome}: {item.summary}",
            "remediation": "",
            "waiting_for": None,
        }
    )


def _summed_first(items: Sequence[PlannedItem]) -> list[PlannedItem]:
    """Return the items that sum up others, each after those that it names."""
    sums = {item.id: item for item in items if _sums_up(item)}
    return [sums[id_] for id_ in in_order({id_: _options(one) for id_, one in sums.items()})]


def _options(item: PlannedItem) -> RollupOptions:
    return summed_up(item.checks) or RollupOptions()


def _sum(
    item: PlannedItem,
    items: Sequence[PlannedItem],
    found: Mapping[str, ItemResult],
    halves: Collection[Half],
    other_half: OtherHalf | None,
) -> CheckResult:
    of_any_stage = [one for one in items if counts(one, item)]
    selected = [one for one in of_any_stage if not is_early(one, item)]
    # Items of the half that did not run are known by its status alone; without one, they wait.
    beyond = any(one.half not in halves and one.planned for one in selected)
    # That status says nothing about what the other half was not asked for.
    unasked = {
        one.id: _result(one, {}, {})
        for one in selected
        if one.half not in halves and one.skipped is not None and one.skipped[0] in NOT_ASKED
    }
    known = {**found, **unasked}
    answer = of_items(
        [known[one.id] for one in selected if one.id in known],
        other_half=other_half.conclusion if other_half is not None else None,
        other_half_counts=beyond,
        unusable=other_half.unusable if other_half is not None else "",
        at_least=_options(item).at_least,
    )
    early = len(of_any_stage) - len(selected)
    told = f"{answer.summary}; {early} of later stages not due yet" if early else answer.summary
    return replace(answer, summary=told)


def unnecessary(
    items: Sequence[ItemResult], waivers: Mapping[str, StandingWaiver]
) -> tuple[str, ...]:
    """Return a note for every waiver whose item passes without it."""
    passed = {item.id for item in items if item.outcome is Outcome.PASSED}
    return tuple(f"the waiver for {id_} is no longer needed" for id_ in waivers if id_ in passed)
