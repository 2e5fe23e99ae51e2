"""GitHub's facts as a check sees them, in one line."""

from collections.abc import Iterable

from readiness_gate.checks.context import GraphFinding, MergeFacts
from readiness_gate.merge.rules import Rules
from readiness_gate.model.pull_request import Fact, MergeGroup, PullRequest
from tests.merge.builders import graph, ref, rules


def facts(
    *opened: PullRequest,
    at: int | None = None,
    by: Rules | None = None,
    known: Iterable[Fact] = (),
    merge_group: MergeGroup | None = None,
) -> MergeFacts:
    """What the merge half knows of pull request `at`, or of the members of a merge group."""
    found = graph(*opened, by=by or rules(), facts=known, merge_group=merge_group)
    subjects = merge_group.members if merge_group else [ref(at)] if at else []
    view = found.view(subjects)
    return MergeFacts(
        home=found.rules.home,
        pull_request=found.opened.get(ref(at)) if at and not merge_group else None,
        merge_group=merge_group,
        order=found.rules.order.groups,
        edges=view.edges,
        findings=tuple(GraphFinding(one.kind, one.message, one.members) for one in view.findings),
        parsed=view.parsed,
        warnings=view.warnings,
        facts=found.facts,
        followers=view.followers,
        further_bases=view.further_bases,
    )
