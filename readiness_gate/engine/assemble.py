"""From results to the report: conclusions, counts, claims and targets. Pure."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from readiness_gate import __version__
from readiness_gate.checks.base import MergeFacts
from readiness_gate.config.schema import GateConfig
from readiness_gate.engine.conclude import conclude, verdict
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.engine.policy import Policy
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Half, Outcome
from readiness_gate.model.pull_request import Edge, EdgeState
from readiness_gate.model.report import (
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
    if about.draft:
        said.append("draft: the merge half waits until it is marked as ready for review")
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
        targets=_targets(policy.loaded.config, results),
        claims=_claims(policy, results),
        timeline=tuple(sorted(timeline, key=lambda span: (span.start_ms, span.name))),
        notes=tuple(dict.fromkeys(said)),
        versions={"readiness-gate": __version__, "python": platform.python_version()},
        api=about.api,
    )


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


def _targets(config: GateConfig, results: Sequence[ItemResult]) -> tuple[TargetShare, ...]:
    shares = []
    for category, by_phase in config.targets.items():
        wanted = by_phase.get(config.phase or "")
        mine = [item for item in results if item.category.casefold() == category.casefold()]
        applicable = [item for item in mine if item.outcome is not Outcome.SKIPPED]
        if wanted is None or not applicable:
            continue
        shares.append(
            TargetShare(
                category=category,
                phase=config.phase or "",
                target=wanted,
                passed=sum(item.outcome is Outcome.PASSED for item in applicable),
                applicable=len(applicable),
            )
        )
    return tuple(shares)


def _claims(policy: Policy, results: Sequence[ItemResult]) -> tuple[Claim, ...]:
    """Return every tick that the gate could decide, beside what it found."""
    found = {item.id: item for item in results}
    claims = []
    for line in policy.checklist.lines:
        item = found.get(line.id)
        if item is None or not line.ticked or item.outcome in {Outcome.SKIPPED, Outcome.ERROR}:
            continue
        claims.append(
            Claim(
                text=line.text,
                declared="ticked",
                computed=item.outcome.value,
                agrees=item.outcome in {Outcome.PASSED, Outcome.WAIVED},
            )
        )
    return tuple(claims)
