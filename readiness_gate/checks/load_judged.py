"""What a load test says: what is broken, what cannot be told, what holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from readiness_gate.checks.load_evidence import load_evidence, wrong
from readiness_gate.checks.load_options import LoadOptions
from readiness_gate.checks.load_verdict import Figure, figure, limited, not_kept_up, saturated
from readiness_gate.checks.usage import ReplicaUsage, Sample
from readiness_gate.checks.usage_budget import (
    by_replica,
    over_budget,
    tells_growth,
    unknown_use,
    usage_table,
)
from readiness_gate.errors import StackError
from readiness_gate.load.tally import Counted, Tally
from readiness_gate.model.evidence import Evidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_LIMITED = "Let the load through: raise the limit for its headers, or give it more logins."
_SATURATED = (
    "Ask for less, give the runner more processors, or run k6 elsewhere and read its summary with "
    "performance-report."
)
_CALMER = "Measure longer, or on a calmer machine."


@dataclass
class LoadMeasured:
    """All runs, and what the services used meanwhile."""

    tallies: list[Tally] = field(default_factory=list)
    samples: list[dict[str, Sample]] = field(default_factory=list)
    services: Sequence[str] = ()
    """Whose use is measured."""
    sampled: set[str] = field(default_factory=set)
    """Those of them that had a replica in some sample."""
    unsampled: StackError | None = None
    """Why the services' use is not known."""


def judged(options: LoadOptions, measured: LoadMeasured) -> CheckResult:
    """Return the answer, with everything that was measured."""
    tallies = measured.tallies
    replicas = by_replica(measured.samples) if measured.samples else ()
    figures = [figure(limit, tallies) for limit in options.limits]
    evidence = load_evidence(figures, tallies)
    evidence += [usage_table(replicas)] if replicas else []
    busy = _first(saturated(one) for one in tallies)
    refused = "" if _has(figures, "http_req_limited") else _first(limited(one) for one in tallies)
    broken = [problem for one in replicas for problem in over_budget(one, options)]
    broken += [] if busy else [said for tally in tallies for said in _never(tally)]
    if refused and not broken:
        return _unsure([refused], evidence, _LIMITED)
    if not busy and not _has(figures, "dropped_iterations"):
        broken += [said for one in tallies if (said := not_kept_up(one))]
    broken += [one.problem for one in figures if one.problem]
    if broken:
        more = f"; and {len(broken) - 1} more" if len(broken) > 1 else ""
        return failed(broken[0] + more, details="\n".join(broken), evidence=evidence)
    doubts = [*([busy] if busy else []), *(said for one in tallies for said in _unmeasured(one))]
    doubts += [one.doubt for one in figures if one.doubt]
    if doubts:
        return _unsure(doubts, evidence, _SATURATED if busy else _CALMER)
    unknown = _unknown(options, measured, replicas)
    if unknown:
        return cannot_tell(ErrorClass.INFRASTRUCTURE, unknown, evidence=evidence)
    held = "; ".join(f"{one.limit.text}: {one.limit.written(one.median)}" for one in figures)
    return passed(f"{_in_words(tallies)}: {held}", evidence=evidence)


def _unsure(doubts: Sequence[str], evidence: Sequence[Evidence], advice: str) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        doubts[0],
        details="\n".join(doubts),
        evidence=evidence,
        remediation=advice,
    )


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _has(figures: Sequence[Figure], metric: str) -> bool:
    """Return whether the item judges a metric itself."""
    return any(one.limit.metric == metric for one in figures)


def _never(tally: Tally) -> list[str]:
    """Return the endpoints that never answered as asserted."""
    return [
        f"{one.name}: none of {one.judged} requests was answered as asserted: {wrong(one)}"
        for one in tally.endpoints
        if one.judged and not one.expected
    ]


def _unmeasured(tally: Tally) -> list[str]:
    """Return the endpoints of which nothing is known."""
    return [_silent(one) for one in tally.endpoints if not one.expected]


def _silent(one: Counted) -> str:
    if not one.requests:
        return f"{one.name}: it was not asked once"
    return f"{one.name}: none of {one.requests} requests tells anything of it"


def _unknown(options: LoadOptions, measured: LoadMeasured, replicas: Sequence[ReplicaUsage]) -> str:
    """Return which limit of the services' use could not be judged, empty where all were."""
    limits = (options.max_memory, options.max_memory_share, options.max_cpu, options.max_growth)
    limited = any(limit is not None for limit in limits)
    wanted = measured.services if limited else options.services
    absent = [one for one in wanted if one not in measured.sampled]
    if absent and measured.unsampled is None:
        return f"the services' use was not measured: {absent[0]} has no replica"
    if not limited:
        return ""
    if measured.unsampled is not None or not replicas:
        cause = measured.unsampled.message if measured.unsampled else "there is no replica"
        return f"the services' use was not measured: {cause}"
    missing = [problem for one in replicas for problem in unknown_use(one, options)]
    if options.max_growth is not None:
        missing += [
            f"{one.name}: {len(one.samples)} samples are too few to tell growth"
            for one in replicas
            if not tells_growth(one)
        ]
    return missing[0] if missing else ""


def _in_words(tallies: Sequence[Tally]) -> str:
    requests = sum(one.whole.requests for one in tallies)
    seconds = sum(one.seconds for one in tallies)
    times = f" in {len(tallies)} runs" if len(tallies) > 1 else ""
    return f"{requests} requests{times}, {requests / seconds:.0f}/s over {seconds:g} s"
