"""What `merge-order` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence
from dataclasses import replace

from readiness_gate.checks.context import CheckContext, MergeFacts
from readiness_gate.checks.judged import base_branch, judged, subjects
from readiness_gate.checks.merge.merge_order import MergeOrderOptions
from readiness_gate.merge.edges import state
from readiness_gate.merge.judge import Outlook, judge
from readiness_gate.merge.kept import kept
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.pull_request import Edge, EdgeSource, PullRequest, Reference
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed

_JUDGED_HERE = ("cycle", "contradiction")


def run(context: CheckContext, options: MergeOrderOptions) -> CheckResult:
    """Judge every edge that the declared order states; the others are `dependencies-merged`."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    if options.complete:
        return _complete(facts)
    if not subjects(facts):
        return not_applicable("no pull request is judged here")
    edges = [
        edge
        for edge in facts.edges
        if EdgeSource.ORDER in edge.sources and edge.waiting != edge.dependency
    ]
    problems = [one.message for one in facts.findings if one.kind in _JUDGED_HERE]
    outlook = Outlook(facts.home, base_branch(facts), facts.facts)
    return _with_migrations(
        judge(edges, outlook, problems=problems, nothing=_nothing(facts)), facts
    )


def _with_migrations(result: CheckResult, facts: MergeFacts) -> CheckResult:
    """Return the result with what the order does to migrations; that decides nothing here."""
    lines = [line for line in (result.details, *facts.migrations) if line]
    return replace(result, details="\n".join(lines)) if facts.migrations else result


def _nothing(facts: MergeFacts) -> str:
    if not facts.order:
        return "not in the sequence: no order is declared"
    first = set(facts.order[0]).intersection(subjects(facts))
    return "first in the declared order" if first else "not in the sequence"


def _complete(facts: MergeFacts) -> CheckResult:
    """Judge the whole sequence, or what comes before the pull request at hand."""
    if not facts.order:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "no order is declared",
            remediation="Write `merge.order` in the configuration, or leave `complete` out.",
        )
    groups = _before(facts)
    if not groups:
        return passed("first in the declared order")
    outlook = Outlook(facts.home, base_branch(facts), facts.facts)
    edges = [_to(one, facts) for group in groups for one in group]
    unmerged = judge(edges, outlook, nothing="")
    if unmerged.outcome is not Outcome.PASSED:
        return unmerged if subjects(facts) else replace(unmerged, details="", evidence=())
    found = kept(groups, facts.facts, home=facts.home)
    evidence = TableEvidence(
        title="Moments of merging",
        columns=("pull request", "merged at"),
        rows=tuple((one.short(facts.home), f"{at:%Y-%m-%d %H:%M:%S}") for one, at in found.merged),
    )
    if found.broken:
        return failed(
            "; ".join(found.broken[:3]),
            details="\n".join(found.broken),
            evidence=(evidence,),
            remediation="A merge cannot be moved: look at what it broke, and waive this item.",
        )
    if found.untimed:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"GitHub does not say when {found.untimed[0].short(facts.home)} merged",
            evidence=(evidence,),
        )
    return passed(f"{len(found.merged)} merged in the declared order", evidence=(evidence,))


def _before(facts: MergeFacts) -> Sequence[Sequence[Reference]]:
    own = set(subjects(facts))
    for place, group in enumerate(facts.order):
        if own.intersection(group):
            return facts.order[:place]
    return facts.order


def _to(one: Reference, facts: MergeFacts) -> Edge:
    """Return the edge to a member of the order, as it is seen from its own base."""
    fact = facts.facts.get(one)
    own = next(iter(subjects(facts)), None)
    base = base_branch(facts) or (fact.base_branch if isinstance(fact, PullRequest) else "")
    found = state(
        fact,
        reference=one,
        base_branch=base,
        further_bases=facts.further_bases,
        listed_repositories=(),
        home=facts.home,
        merge_group=facts.merge_group,
        waiting=own,
    )
    return Edge(own or Reference(facts.home, 0), one, frozenset({EdgeSource.ORDER}), found)
