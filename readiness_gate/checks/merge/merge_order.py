"""`merge-order`: the declared order is kept, and the graph has no cycle and no contradiction."""

from readiness_gate.checks.base import Check, CheckContext, CheckOptions, MergeFacts
from readiness_gate.checks.judged import base_branch, judged, subjects
from readiness_gate.merge.judge import Outlook, judge
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.pull_request import EdgeSource
from readiness_gate.model.result import CheckResult, not_applicable

_JUDGED_HERE = ("cycle", "contradiction")


class MergeOrderOptions(CheckOptions):
    """None: the order is `merge.order` in the configuration."""


def run(context: CheckContext, _options: MergeOrderOptions) -> CheckResult:
    """Judge every edge that the declared order states; the others are `dependencies-merged`."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    if not subjects(facts):
        return not_applicable("no pull request is judged here")
    edges = [
        edge
        for edge in facts.edges
        if EdgeSource.ORDER in edge.sources and edge.waiting != edge.dependency
    ]
    problems = [one.message for one in facts.findings if one.kind in _JUDGED_HERE]
    outlook = Outlook(facts.home, base_branch(facts), facts.facts)
    return judge(edges, outlook, problems=problems, nothing=_nothing(facts))


def _nothing(facts: MergeFacts) -> str:
    if not facts.order:
        return "not in the sequence: no order is declared"
    first = set(facts.order[0]).intersection(subjects(facts))
    return "first in the declared order" if first else "not in the sequence"


CHECK = Check(
    id="merge-order",
    title="The declared merge order is kept",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=MergeOrderOptions,
    run=run,
    remediation="Merge the pull requests in the declared order, or correct `merge.order`.",
)
