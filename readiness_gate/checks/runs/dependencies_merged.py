"""What `dependencies-merged` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence

from readiness_gate.checks.context import CheckContext, MergeFacts
from readiness_gate.checks.judged import base_branch, judged, subjects
from readiness_gate.checks.merge.dependencies_merged import DependenciesMergedOptions
from readiness_gate.merge.judge import Outlook, judge
from readiness_gate.model.pull_request import Edge, EdgeSource
from readiness_gate.model.result import CheckResult, not_applicable


def run(context: CheckContext, _options: DependenciesMergedOptions) -> CheckResult:
    """Judge every edge but those of the declared order, which `merge-order` judges."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    if not subjects(facts):
        return not_applicable("no pull request is judged here")
    edges = [edge for edge in facts.edges if EdgeSource.ORDER not in edge.sources]
    return judge(
        [edge for edge in edges if edge.waiting != edge.dependency],
        Outlook(facts.home, base_branch(facts), facts.facts, _notes(facts)),
        problems=[*_self_references(edges, facts), *_too_many(facts), *_cycles(facts)],
        nothing=_nothing(facts),
    )


def _self_references(edges: Sequence[Edge], facts: MergeFacts) -> list[str]:
    found = [one.message for one in facts.findings if one.kind == "self-reference"]
    if found:
        return found
    own = [edge.waiting.short(facts.home) for edge in edges if edge.waiting == edge.dependency]
    return [f"{name} waits for itself" for name in own]


def _too_many(facts: MergeFacts) -> list[str]:
    return [one.message for one in facts.findings if one.kind == "too-many-references"]


def _cycles(facts: MergeFacts) -> list[str]:
    # Where an order is declared, `merge-order` judges the graph.
    return [one.message for one in facts.findings if one.kind == "cycle" and not facts.order]


def _notes(facts: MergeFacts) -> tuple[str, ...]:
    read = f"read from the body: {', '.join(facts.parsed)}" if facts.parsed else ""
    return (*([read] if read else []), *(f"warning: {line}" for line in facts.warnings))


def _nothing(facts: MergeFacts) -> str:
    ordered = any(EdgeSource.ORDER in edge.sources for edge in facts.edges)
    text = "names no dependency" + (" beside the declared order" if ordered else "")
    unread = len(facts.warnings)
    if unread:
        text += f"; {unread} {'line looks' if unread == 1 else 'lines look'} like one (see details)"
    return text
