"""From results to the report: conclusions, counts, claims and targets. Pure."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from readiness_gate import __version__
from readiness_gate.checklist import shares
from readiness_gate.checklist.claims import Found, claims
from readiness_gate.checklist.shares import Categories
from readiness_gate.checks.context import MergeFacts
from readiness_gate.engine.conclude import conclude, verdict
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import Policy
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Verdict
from readiness_gate.model.pull_request import Edge, EdgeState
from readiness_gate.model.report import (
    DRAFT,
    ApiUsage,
    Claim,
    Conclusions,
    MergeReport,
    Report,
    ReportEdge,
    ReportMover,
    ReportNode,
    Span,
    TargetShare,
)

_NAMED = 20


@dataclass(frozen=True)
class Circumstance:
    """What the run was about."""

    repository: str | None
    pull_request: int | None
    head_sha: str | None
    base_sha: str | None
    tested_sha: str | None
    draft: bool
    started_at: datetime
    finished_at: datetime
    api: ApiUsage


def conclusions(
    items: Sequence[PlannedItem],
    results: Sequence[ItemResult],
    halves: frozenset[Half],
    *,
    draft: bool,
) -> Conclusions:
    """Return the conclusion of each half that this run computed."""
    found: dict[Half, Conclusion | None] = {}
    for half in halves:
        planned = [item.id for item in items if item.half is half and item.planned]
        found[half] = conclude(planned, [item for item in results if item.half is half])
    merge = found.get(Half.MERGE)
    if draft and merge is Conclusion.SUCCESS:
        merge = Conclusion.PENDING
    return Conclusions(merge=merge, checks=found.get(Half.CHECKS))


def assemble(
    policy: Policy,
    results: Sequence[ItemResult],
    decided: Conclusions,
    facts: MergeFacts | None,
    timeline: Sequence[Span],
    about: Circumstance,
    notes: Sequence[str],
) -> Report:
    """Return the report of one run."""
    said = [*policy.notes, *notes]
    told = _claims(policy, results, decided)
    if policy.loaded.config.enforce == "ticked":
        said += _to_tick(told)
    if about.draft:
        said.append(DRAFT)
    return Report(
        verdict=verdict(decided.merge, decided.checks),
        conclusions=decided,
        repository=about.repository,
        pull_request=about.pull_request,
        head_sha=about.head_sha,
        base_sha=about.base_sha,
        tested_sha=about.tested_sha,
        config_digest=policy.loaded.digest,
        preview=policy.preview,
        started_at=about.started_at,
        finished_at=about.finished_at,
        items=tuple(results),
        merge=_merge(facts),
        targets=_targets(policy, results),
        claims=told,
        timeline=tuple(sorted(timeline, key=lambda span: (span.start_ms, span.name))),
        notes=tuple(dict.fromkeys(said)),
        versions={"readiness-gate": __version__, "python": platform.python_version()},
        api=about.api,
    )


def _to_tick(told: Sequence[Claim]) -> Iterator[str]:
    """Yield what is proven and does not block yet, since nobody ticked it."""
    names = [one.item for one in told if one.declared == "not ticked" and one.item is not None]
    if names:
        more = f" and {len(names) - _NAMED} more" if names[_NAMED:] else ""
        yield f"passes: tick it, and it is enforced: {', '.join(names[:_NAMED])}{more}"


def _merge(facts: MergeFacts | None) -> MergeReport:
    if facts is None:
        return MergeReport()
    near = facts.around
    return MergeReport(
        order=tuple(str(one) for group in facts.order for one in group),
        edges=tuple(_edge(edge) for edge in facts.edges),
        cycles=tuple(
            tuple(str(one) for one in finding.members)
            for finding in facts.findings
            if finding.kind == "cycle"
        ),
        parsed=facts.parsed,
        warnings=facts.warnings,
        nodes=tuple(ReportNode(name=str(one), state=state) for one, state in near.states),
        around=tuple(_edge(edge) for edge in near.edges),
        omitted=near.omitted,
        blocks=tuple(str(one) for one in near.blocks),
        movers=tuple(
            ReportMover(name=str(one.reference), who=one.who, what=one.what) for one in near.movers
        ),
        landing=facts.landing,
    )


def _edge(edge: Edge) -> ReportEdge:
    return ReportEdge(
        waiting=str(edge.waiting),
        dependency=str(edge.dependency),
        sources=tuple(sorted(edge.sources)),
        state=EdgeState(edge.state),
    )


def _targets(policy: Policy, results: Sequence[ItemResult]) -> tuple[TargetShare, ...]:
    """Return the shares that are aimed at: the configuration's, else those of the matrix.

    The matrix is told for the phase that is enforced alone.
    """
    config = policy.loaded.config
    phases = _phases(policy)
    categories = Categories(results, {line.id: line for line in policy.checklist.lines})
    shown = []
    for category, phase, target in _aims(policy, config.phase or (phases[0] if phases else "")):
        mine = categories.under(category)
        seen = shares.tally(shares.up_to(mine, phase, phases))
        if seen.counted:
            shown.append(
                TargetShare(
                    category=category,
                    phase=phase,
                    target=target,
                    passed=seen.passed,
                    applicable=seen.counted,
                    open=seen.open,
                    waived=seen.waived,
                    met=seen.met(target),
                )
            )
    return tuple(shown)


def _aims(policy: Policy, now: str) -> Iterator[tuple[str, str, int]]:
    """Yield category, phase and percentage of what is aimed at; phases in their order."""
    config, phases = policy.loaded.config, _phases(policy)
    for category, by_phase in config.targets.items():
        for phase in sorted(by_phase, key=lambda one: phases.index(one) if one in phases else -1):
            if phase in phases:
                yield category, phase, by_phase[phase]
    if config.targets:
        return
    for document in policy.checklist.documents:
        for row in (row for matrix in document.matrices for row in matrix.rows):
            for share in row.shares:
                if share.phase == now and not row.overall and share.percent:
                    yield row.category, share.phase, round(share.percent)


def _phases(policy: Policy) -> Sequence[str]:
    return policy.loaded.config.phases or policy.checklist.phases


def _claims(
    policy: Policy, results: Sequence[ItemResult], decided: Conclusions
) -> tuple[Claim, ...]:
    found = Found(
        results=results,
        lines={line.id: line for line in policy.checklist.lines},
        phases=_phases(policy),
        phase=policy.loaded.config.phase,
        ready=verdict(decided.merge, decided.checks) is Verdict.READY,
    )
    return claims(policy.checklist.documents, found)
