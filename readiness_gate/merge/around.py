"""What stands around a pull request in the graph: both ends, and who can act (DESIGN 1.3). Pure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from readiness_gate.merge.edges import satisfied
from readiness_gate.merge.picture import states_of
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Edge, EdgeState, Issue, PullRequest, Reference

NODES = 60
"""Nodes of a picture; nearer ones go first, since a larger picture cannot be read."""
EDGES = 120
REACHED = 200
"""Nodes that are walked in each direction: a sweep draws a picture for every pull request."""
_MOVERS = 5


@dataclass(frozen=True)
class Mover:
    """Somebody who can act now: `who` does `what` with `reference`."""

    reference: Reference
    who: str
    """A login, or empty where GitHub names nobody."""
    what: Literal["finish", "merge", "complete"]
    """`finish` the draft, `merge` it, `complete` the issue."""


@dataclass(frozen=True)
class Around:
    """The part of the graph that reaches a pull request, or is reached by it."""

    states: tuple[tuple[Reference, EdgeState], ...] = ()
    edges: tuple[Edge, ...] = ()
    omitted: int = 0
    """Nodes that were left out, as far as they were looked at."""
    blocks: tuple[Reference, ...] = ()
    """Open pull requests that wait for it directly."""
    children: tuple[Reference, ...] = ()
    """Those that are based on its branch."""
    movers: tuple[Mover, ...] = ()
    """Who can act now on what it waits for, nearest first."""


def around(graph: Graph, subjects: Sequence[Reference]) -> Around:
    """Return what stands around `subjects`: one pull request, or the members of a merge group."""
    own = [one for one in graph.rules.all_canonical(subjects) if one in graph.opened]
    if not own:
        return Around()
    below = _distances(own, lambda one: [edge.dependency for edge in graph.stated.get(one, ())])
    above = _distances(own, lambda one: graph.waiting_for.get(one, ()))
    distance = {**above, **below}
    near = sorted(distance, key=lambda one: (distance[one], one))
    kept = set(near[:NODES])
    edges = tuple(
        edge
        for one in sorted(kept)
        for edge in graph.stated.get(one, ())
        if edge.dependency in kept
    )
    drafts = {one: graph.opened[one].draft for one in kept if one in graph.opened}
    blocked = {one for subject in own for one in graph.dependants(subject)}
    return Around(
        states=tuple(sorted(states_of(drafts, edges).items())),
        edges=edges[:EDGES],
        omitted=len(near) - len(kept),
        blocks=tuple(sorted(blocked - set(own))),
        children=tuple(dict.fromkeys(one for subject in own for one in graph.children(subject))),
        movers=tuple(islice(_movers(graph, (one for one in below if one not in own)), _MOVERS)),
    )


def _distances(
    start: Iterable[Reference], following: Callable[[Reference], Iterable[Reference]]
) -> dict[Reference, int]:
    """Return what is reached, nearest first, with its distance."""
    found = dict.fromkeys(start, 0)
    todo = deque(found)
    while todo:
        node = todo.popleft()
        for one in following(node):
            if one not in found and len(found) < REACHED:
                found[one] = found[node] + 1
                todo.append(one)
    return found


def _movers(graph: Graph, below: Iterable[Reference]) -> Iterator[Mover]:
    """Yield who can act on what is waited for; what waits itself is nobody's move yet."""
    for one in below:
        fact = graph.facts.get(one)
        if isinstance(fact, Issue):
            if fact.state == "open":
                yield Mover(one, "", "complete")
        elif isinstance(fact, PullRequest) and fact.state == "open":
            if fact.draft:
                yield Mover(one, fact.author, "finish")
            elif all(satisfied(edge.state) for edge in graph.stated.get(one, ())):
                yield Mover(one, fact.author, "merge")
