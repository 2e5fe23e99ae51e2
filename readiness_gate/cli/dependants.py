"""Re-evaluates the merge half of what an event can have changed (DESIGN 1.1)."""

from collections.abc import Collection

from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.subject import policy_of_branch
from readiness_gate.cli.sweep import ReEvaluated, evaluate_all
from readiness_gate.errors import GateError, NoConfiguration
from readiness_gate.forge.base import Standing
from readiness_gate.forge.events import Event
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import PullRequest, Reference

_PARENTS = 20
"""Pull requests whose comment is looked at because one that waits for them changed."""


def re_evaluate(gate: Gate, event: Event) -> ReEvaluated:
    """Re-evaluate the open pull requests that wait for the event's own one.

    Directly or through others: a circle that went through it is gone for all of its members.
    What it waits for itself gets its comment, which says who is behind it, but no new verdict.
    """
    if gate.forge is None or gate.graphs is None or event.pull_request is None:
        return ReEvaluated((), ())
    try:
        changed = gate.forge.pull_request(event.pull_request)
        policy = policy_of_branch(changed.base_branch, gate.settings, gate.doors, gate.forge)
        graph = gate.graphs.graph(policy.loaded.config, also=[changed])
        listed = gate.graphs.listed().standing
    except NoConfiguration:
        return ReEvaluated((), ())  # nothing is declared on this base: a first adoption
    except GateError as error:
        gate.console.problem(f"dependants of #{event.pull_request}: {error.message}", error.advice)
        return ReEvaluated((), (f"dependants of #{event.pull_request}: {error.message}",))
    waiting = graph.behind(changed.reference)
    before = _before(graph, changed)
    own = graph.rules.canonical(changed.reference)
    others = [one for one in listed if graph.rules.canonical(one.pull_request.reference) != own]
    chosen = _with_twins(others, {*waiting, *before}, graph)
    refresh = {one.number for one in before if one not in waiting}
    return evaluate_all(gate, chosen, refresh=refresh)


def _before(graph: Graph, changed: PullRequest) -> tuple[Reference, ...]:
    edges = graph.stated.get(graph.rules.canonical(changed.reference), ())
    return tuple(edge.dependency for edge in edges if edge.dependency in graph.opened)[:_PARENTS]


def _with_twins(
    listed: Collection[Standing], wanted: Collection[Reference], graph: Graph
) -> list[Standing]:
    """Return those that are wanted, and those that have a head, and so a status, with them."""
    found = {
        one.pull_request.head_sha
        for one in listed
        if graph.rules.canonical(one.pull_request.reference) in wanted
    }
    return [one for one in listed if one.pull_request.head_sha in found]
