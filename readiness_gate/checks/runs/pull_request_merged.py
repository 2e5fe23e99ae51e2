"""What `pull-request-merged` does when it runs; what it promises stands beside its options."""

from readiness_gate.checks.context import CheckContext, MergeFacts
from readiness_gate.checks.judged import base_branch, judged, subjects
from readiness_gate.checks.merge.pull_request_merged import PullRequestMergedOptions
from readiness_gate.merge.edges import state
from readiness_gate.merge.judge import Outlook, judge
from readiness_gate.model.pull_request import Edge, EdgeSource, Fact, PullRequest, Reference
from readiness_gate.model.result import CheckResult, not_applicable


def run(context: CheckContext, options: PullRequestMergedOptions) -> CheckResult:
    """Judge its state; not asked of a pull request that comes before it or is it."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    target, fact = _target(facts, options)
    own = _own(facts)
    if own is not None and (reason := _not_asked(own, target, facts)):
        return not_applicable(reason)
    seen = state(
        fact,
        reference=target,
        base_branch=_base_branch(facts, fact),
        further_bases=facts.further_bases,
        # The configuration names it here, which lists it.
        listed_repositories=(target.repository,),
        home=facts.home,
        merge_group=facts.merge_group,
        waiting=own,
    )
    edge = Edge(own or Reference(facts.home, 0), target, frozenset({EdgeSource.DEPENDS_ON}), seen)
    found = judge(
        [edge],
        Outlook(facts.home, _base_branch(facts, fact), {target: fact} if fact else {}),
        nothing="",
    )
    return CheckResult(
        found.outcome, found.summary, error_class=found.error_class,
        remediation=found.remediation, waiting_for=found.waiting_for,
    )  # fmt: skip


def _target(facts: MergeFacts, options: PullRequestMergedOptions) -> tuple[Reference, Fact | None]:
    wanted = Reference(options.repository or facts.home, options.number)
    for reference, fact in facts.facts.items():
        same = reference.repository.casefold() == wanted.repository.casefold()
        if same and reference.number == wanted.number:
            return reference, fact
    return wanted, None


def _own(facts: MergeFacts) -> Reference | None:
    return next(reversed(subjects(facts)), None)


def _base_branch(facts: MergeFacts, fact: Fact | None) -> str:
    if subjects(facts):
        return base_branch(facts)
    # Outside a pull request there is no "our base": merged is merged.
    return fact.base_branch if isinstance(fact, PullRequest) else ""


def _not_asked(own: Reference, target: Reference, facts: MergeFacts) -> str | None:
    if own == target:
        return "it is this one"
    positions = {one: place for place, group in enumerate(facts.order) for one in group}
    if own in positions and target in positions:
        if positions[own] == positions[target]:
            return "it may merge before or after this one"
        if positions[own] < positions[target]:
            return "comes after this one"
    return "comes after this one" if target in facts.followers else None
