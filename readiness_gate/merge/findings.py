"""What is wrong with a graph itself: cycles, contradictions, references to oneself."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from readiness_gate.merge.edges import satisfied
from readiness_gate.merge.order import knots
from readiness_gate.merge.rules import Rules
from readiness_gate.model.pull_request import Edge, EdgeSource, EdgeState, Reference

_PATHS = 20
"""Cycles that are named by their path in one knot; more of them say nothing new to a reader."""

_SAYS = {
    EdgeSource.ORDER: "the declared order",
    EdgeSource.DEPENDS_ON: "`depends-on` in the configuration",
    EdgeSource.BODY: "its body",
    EdgeSource.BASE: "its base branch",
    EdgeSource.STACK: "GitHub's stack",
}


@dataclass(frozen=True)
class Finding:
    """Whom it concerns, and what it is.

    `kind` is `cycle`, `contradiction`, `self-reference`, `missing` or `too-many-references`.
    """

    kind: str
    message: str
    members: tuple[Reference, ...]


def findings(edges: Collection[Edge], rules: Rules) -> tuple[Finding, ...]:
    """Return what is wrong; edges that are satisfied block nobody and are not looked at."""
    waiting = [edge for edge in edges if not satisfied(edge.state)]
    against = [edge for edge in waiting if _contradicts(edge, rules)]
    return (
        *(_self_reference(edge, rules) for edge in waiting if edge.waiting == edge.dependency),
        *(_contradiction(edge, rules) for edge in against),
        *(_missing(edge, rules) for edge in waiting if edge.state is EdgeState.MISSING),
        *_cycles([edge for edge in waiting if edge not in set(against)], rules),
    )


def _contradicts(edge: Edge, rules: Rules) -> bool:
    first, second = rules.order.position(edge.waiting), rules.order.position(edge.dependency)
    return first is not None and second is not None and first < second


def _self_reference(edge: Edge, rules: Rules) -> Finding:
    name = edge.waiting.short(rules.home)
    return Finding(
        "self-reference", f"{name} waits for itself, says {_sources(edge)}", (edge.waiting,)
    )


def _contradiction(edge: Edge, rules: Rules) -> Finding:
    first, second = edge.waiting.short(rules.home), edge.dependency.short(rules.home)
    return Finding(
        "contradiction",
        f"the declared order puts {first} before {second}, "
        f"but {first} waits for {second}, says {_sources(edge)}",
        (edge.waiting, edge.dependency),
    )


def _missing(edge: Edge, rules: Rules) -> Finding:
    own, name = edge.waiting.short(rules.home), edge.dependency.short(rules.home)
    message = f"{own} waits for {name}, which does not exist, says {_sources(edge)}"
    return Finding("missing", message, (edge.waiting,))


def _sources(edge: Edge) -> str:
    return " and ".join(_SAYS[source] for source in EdgeSource if source in edge.sources)


def _cycles(edges: Iterable[Edge], rules: Rules) -> Iterator[Finding]:
    stated = {(edge.waiting, edge.dependency): edge for edge in edges}
    waits: dict[Reference, set[Reference]] = {}
    for waiting, dependency in stated:
        if waiting != dependency:
            waits.setdefault(waiting, set()).add(dependency)
    for knot in knots(waits):
        named: set[Reference] = set()
        paths = 0
        for member in knot:
            if member in named or paths == _PATHS:
                continue
            path = _shortest_cycle(member, waits, set(knot))
            paths += 1
            named.update(path)
            yield _cycle(path, stated, rules)
        rest = tuple(member for member in knot if member not in named)
        if rest:
            text = f"{len(knot)} pull requests wait for each other in circles"
            yield Finding("cycle", text, rest)


def _shortest_cycle(
    start: Reference, waits: Mapping[Reference, set[Reference]], knot: set[Reference]
) -> list[Reference]:
    before: dict[Reference, Reference] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in sorted(waits[node] & knot):
            if target == start:
                path = [node]
                while path[-1] != start:
                    path.append(before[path[-1]])
                return path[::-1]
            if target not in before:
                before[target] = node
                queue.append(target)
    return [start]


def _cycle(
    path: list[Reference], stated: Mapping[tuple[Reference, Reference], Edge], rules: Rules
) -> Finding:
    names = " → ".join(member.short(rules.home) for member in (*path, path[0]))
    steps = "; ".join(
        f"{waiting.short(rules.home)} waits for {dependency.short(rules.home)}, "
        f"says {_sources(stated[waiting, dependency])}"
        for waiting, dependency in zip(path, (*path[1:], path[0]), strict=True)
    )
    return Finding("cycle", f"{names} ({steps})", tuple(path))
