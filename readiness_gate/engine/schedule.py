"""Runs the nodes of a graph by threads, each in its lane.

Lanes keep what measures or disturbs apart from the rest (DESIGN 2.1): nodes of `SHARED` run
together, of `SINGLE` one at a time beside them, of `ALONE` with nothing beside. What mostly waits
for answers of a network is `WAITING`: shared, and more of it at the same time.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from graphlib import TopologicalSorter
from typing import Protocol

from readiness_gate.engine.threads import THREADS

WORKERS = 8
WAITERS = 50
"""Nodes of `WAITING` at the same time: as many as goss asks by default."""


class Lane(Enum):
    """What may run beside a node."""

    SHARED = "shared"
    WAITING = "waiting"
    SINGLE = "single"
    ALONE = "alone"


class Done(Protocol):
    """Says that a node has ended, from any thread, and once."""

    def __call__(self, error: BaseException | None = None) -> None:
        """End the node; an error ends the whole run."""
        ...


@dataclass(frozen=True)
class Node:
    """A unit of work.

    `run` may return before the work is done, or long after it was given up: the node has ended
    when `run` says so. What it has to say is its own data; it must not raise.
    """

    id: str
    after: frozenset[str]
    lane: Lane
    run: Callable[[Done], None]


def run(nodes: Mapping[str, Node], *, stopped: Callable[[], bool]) -> None:
    """Run every node once, in an order that its `after` allows, until all are done.

    Once `stopped()` is true nothing new is begun and the call returns when what runs has ended.

    Raises:
        graphlib.CycleError: the graph has a cycle.
        BaseException: what a node raised in spite of its contract, once all have ended.
    """
    sorter = TopologicalSorter({id_: node.after for id_, node in nodes.items()})
    sorter.prepare()
    waiting: dict[Lane, deque[Node]] = {lane: deque() for lane in Lane}
    running: dict[str, Node] = {}
    beside = dict.fromkeys(Lane, 0)
    finished: queue.Queue[tuple[str, BaseException | None]] = queue.Queue()
    raised: BaseException | None = None
    while sorter.is_active():
        for id_ in sorter.get_ready():
            waiting[nodes[id_].lane].append(nodes[id_])
        if not stopped() and raised is None:
            for node in _startable(waiting, beside):
                running[node.id] = node
                _start(node, finished)
        if not running:
            break
        id_, error = _next(finished)
        raised = raised or error
        beside[running.pop(id_).lane] -= 1
        sorter.done(id_)
    if raised is not None:
        raise raised


def _startable(waiting: Mapping[Lane, deque[Node]], beside: dict[Lane, int]) -> Iterator[Node]:
    """Yield what may begin now; take it out of what waits, and count it among what runs."""
    for lane, nodes in waiting.items():
        while nodes and _is_free(lane, beside):
            beside[lane] += 1
            yield nodes.popleft()


def _is_free(lane: Lane, beside: Mapping[Lane, int]) -> bool:
    together, waiters = sum(beside.values()), beside[Lane.WAITING]
    if lane is Lane.ALONE:
        return not together
    most = {
        Lane.SHARED: together - waiters < WORKERS,
        Lane.WAITING: waiters < WAITERS,
        Lane.SINGLE: not beside[Lane.SINGLE],
    }
    return not beside[Lane.ALONE] and most[lane]


def _start(node: Node, finished: "queue.Queue[tuple[str, BaseException | None]]") -> None:
    def done(error: BaseException | None = None) -> None:
        finished.put((node.id, error))

    def work() -> None:
        try:
            node.run(done)
        except BaseException as caught:
            done(caught)

    THREADS.start(work)


def _next(
    finished: "queue.Queue[tuple[str, BaseException | None]]",
) -> tuple[str, BaseException | None]:
    # A bounded wait lets the main thread receive signals (Ctrl-C, SIGTERM) while nodes run.
    while True:
        try:
            return finished.get(timeout=0.2)
        except queue.Empty:
            continue
