"""In which order open pull requests can merge: topological, deterministic. Pure."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from readiness_gate.merge.edges import satisfied
from readiness_gate.model.pull_request import Edge, Reference


@dataclass(frozen=True)
class Order:
    """The plan for a set of open pull requests."""

    order: tuple[Reference, ...]
    """Every one that can be ordered; declared position first, then number."""
    next: tuple[Reference, ...]
    """What can merge now, in parallel: it waits for nothing."""
    critical_path: tuple[Reference, ...]
    """The longest chain of pull requests that have to merge one after another."""
    excluded: tuple[Reference, ...]
    """Members of cycles, which have no place in any order."""
    waves: tuple[tuple[Reference, ...], ...] = ()
    """The order in steps: those of one step wait only for earlier ones, so merge in parallel."""


def arrange(
    nodes: Iterable[Reference],
    edges: Iterable[Edge],
    *,
    declared: Sequence[Collection[Reference]] = (),
    drafts: Collection[Reference] = (),
) -> Order:
    """Return the order of `nodes` (open pull requests) under `edges`.

    Satisfied edges order nothing. An edge that is not satisfied keeps a pull request out of
    `next`, also where it points at something that is no node (an issue, another repository, a
    closed pull request). Drafts are ordered but are never next. Linear but for the heap.
    """
    known = set(nodes)
    waits: dict[Reference, set[Reference]] = {node: set() for node in known}
    held = set(drafts)
    for edge in edges:
        if edge.waiting in known and not satisfied(edge.state):
            held.add(edge.waiting)
            if edge.dependency in known:
                waits[edge.waiting].add(edge.dependency)
    cyclic = {member for knot in knots(waits) for member in knot}
    positions = {node: place for place, group in enumerate(declared) for node in group}
    order = _topological(waits, cyclic, positions)
    depths = _depths(order, waits)
    return Order(
        order=order,
        next=tuple(node for node in order if node not in held),
        critical_path=_longest_chain(order, waits, depths),
        excluded=tuple(sorted(cyclic)),
        waves=_waves(order, depths),
    )


def knots(waits: Mapping[Reference, Collection[Reference]]) -> list[list[Reference]]:
    """Return the groups of nodes that wait for each other in a circle, each sorted.

    Tarjan's strongly connected components, iterative, so that no chain is too long. A node that
    waits for itself is a group of one.
    """
    index: dict[Reference, int] = {}
    low: dict[Reference, int] = {}
    stack: list[Reference] = []
    on_stack: set[Reference] = set()
    found: list[list[Reference]] = []
    for root in sorted(waits):
        if root in index:
            continue
        work = [(root, iter(sorted(waits[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for target in following:
                if target not in waits:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(waits[target]))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    knot = _unwind(stack, on_stack, node)
                    if len(knot) > 1 or node in waits[node]:
                        found.append(sorted(knot))
    return sorted(found)


def _unwind(stack: list[Reference], on_stack: set[Reference], root: Reference) -> list[Reference]:
    knot: list[Reference] = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        knot.append(node)
        if node == root:
            return knot


def _topological(
    waits: Mapping[Reference, Collection[Reference]],
    cyclic: Collection[Reference],
    positions: Mapping[Reference, int],
) -> tuple[Reference, ...]:
    def key(node: Reference) -> tuple[int, int, str]:
        return positions.get(node, len(positions) + 1), node.number, node.repository

    followers: dict[Reference, list[Reference]] = defaultdict(list)
    missing: dict[Reference, int] = {}
    for node, targets in waits.items():
        if node in cyclic:
            continue
        ordering = [target for target in targets if target not in cyclic]
        missing[node] = len(ordering)
        for target in ordering:
            followers[target].append(node)
    ready = [(key(node), node) for node, count in missing.items() if not count]
    heapq.heapify(ready)
    order: list[Reference] = []
    while ready:
        _, node = heapq.heappop(ready)
        order.append(node)
        for follower in followers[node]:
            missing[follower] -= 1
            if not missing[follower]:
                heapq.heappush(ready, (key(follower), follower))
    return tuple(order)


def _depths(
    order: Sequence[Reference], waits: Mapping[Reference, Collection[Reference]]
) -> dict[Reference, int]:
    """Return how many have to merge one after another up to each, itself included."""
    depths: dict[Reference, int] = {}
    for node in order:
        below = (depths[target] for target in waits[node] if target in depths)
        depths[node] = max(below, default=0) + 1
    return depths


def _longest_chain(
    order: Sequence[Reference],
    waits: Mapping[Reference, Collection[Reference]],
    depths: Mapping[Reference, int],
) -> tuple[Reference, ...]:
    if not order:
        return ()
    deepest = max(depths.values())
    chain = [next(node for node in order if depths[node] == deepest)]
    while depths[chain[-1]] > 1:
        wanted = depths[chain[-1]] - 1
        chain.append(min(one for one in waits[chain[-1]] if depths.get(one) == wanted))
    return tuple(reversed(chain))


def _waves(
    order: Sequence[Reference], depths: Mapping[Reference, int]
) -> tuple[tuple[Reference, ...], ...]:
    waves: list[list[Reference]] = [[] for _ in range(max(depths.values(), default=0))]
    for node in order:
        waves[depths[node] - 1].append(node)
    return tuple(tuple(wave) for wave in waves)
