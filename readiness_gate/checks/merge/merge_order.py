"""`merge-order`: the declared order is kept, and the graph has no cycle and no contradiction."""

from readiness_gate.checks.base import Check, CheckContext, CheckOptions, MergeFacts
from readiness_gate.merge.judge import Outlook, judge
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.pull_request import EdgeSource, Reference
from readiness_gate.model.result import CheckResult, cannot_tell, not_applicable

_JUDGED_HERE = ("cycle", "contradiction")


class MergeOrderOptions(CheckOptions):
    """None: the order is `merge.order` in the configuration."""


def run(context: CheckContext, _options: MergeOrderOptions) -> CheckResult:
    """Judge every edge that the declared order states; the others are `dependencies-merged`."""
    facts = context.merge
    if facts is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "GitHub's facts were not read")
    if facts.pull_request is None and facts.merge_group is None:
        return not_applicable("no pull request is judged here")
    subjects = _subjects(facts)
    if not subjects:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "the members of the merge group are not known")
    edges = [
        edge
        for edge in facts.edges
        if EdgeSource.ORDER in edge.sources and edge.waiting != edge.dependency
    ]
    problems = [one.message for one in facts.findings if one.kind in _JUDGED_HERE]
    outlook = Outlook(facts.home, _base_branch(facts), facts.facts)
    return judge(edges, outlook, problems=problems, nothing=_nothing(subjects, facts))


def _subjects(facts: MergeFacts) -> tuple[Reference, ...]:
    if facts.merge_group is not None:
        return facts.merge_group.members
    return (facts.pull_request.reference,) if facts.pull_request else ()


def _base_branch(facts: MergeFacts) -> str:
    if facts.merge_group is not None:
        return facts.merge_group.base_branch
    return facts.pull_request.base_branch if facts.pull_request else ""


def _nothing(subjects: tuple[Reference, ...], facts: MergeFacts) -> str:
    if not facts.order:
        return "not in the sequence: no order is declared"
    first = set(facts.order[0]).intersection(subjects)
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
