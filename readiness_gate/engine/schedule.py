"""Runs the nodes of a graph by threads, each in its lane.

Lanes keep what measures or disturbs apart from the rest (DESIGN 2.1): nodes of `SHARED` run
together, of `SINGLE` one at a time beside them, of `ALONE` with nothing beside. What mostly waits
for answers of a network is `WAITING`: shared, and more of it at the same time.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
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
    when `run` says so, which is the last that it does: the next node may begin in its thread. What
    it has to say is its own data; it must not raise.
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
    state = _Run(nodes, stopped)
    try:
        state.go_on()
        # A bounded wait lets the main thread receive signals (Ctrl-C, SIGTERM) while nodes run.
        while not state.over.wait(0.2):
            pass
    finally:
        state.close()
    if state.raised is not None:
        raise state.raised


class _Run:
    """What waits and what runs; whoever ends a node begins the next ones."""

    def __init__(self, nodes: Mapping[str, Node], stopped: Callable[[], bool]) -> None:
        self.over = threading.Event()
        self.raised: BaseException | None = None
        self._nodes = nodes
        self._stopped = stopped
        self._closed = False
        self._sorter = TopologicalSorter({id_: node.after for id_, node in nodes.items()})
        self._sorter.prepare()
        self._waiting: dict[Lane, deque[Node]] = {lane: deque() for lane in Lane}
        self._beside = dict.fromkeys(Lane, 0)
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self._closed = True

    def go_on(self, ended: Node | None = None, error: BaseException | None = None) -> None:
        """Begin what may begin now; the first of it in this thread."""
        with self._lock:
            self.raised = self.raised or error
            try:
                found = self._next(ended)
            except BaseException as caught:
                self.raised, found = self.raised or caught, []
            if not self._running:
                self.over.set()
        for number, node in enumerate(found):
            try:
                (THREADS.start if number else THREADS.follow)(partial(self._do, node))
            except RuntimeError as caught:  # no thread is to be had
                self.go_on(node, caught)

    def _next(self, ended: Node | None) -> list[Node]:
        if ended is not None and ended.id in self._running:
            self._running.discard(ended.id)
            self._beside[ended.lane] -= 1
            self._sorter.done(ended.id)
        for id_ in self._sorter.get_ready():
            self._waiting[self._nodes[id_].lane].append(self._nodes[id_])
        if self._closed or self.raised is not None or self._stopped():
            return []
        found = list(_startable(self._waiting, self._beside))
        self._running.update(node.id for node in found)
        return found

    def _do(self, node: Node) -> None:
        try:
            node.run(partial(self.go_on, node))
        except BaseException as caught:
            self.go_on(node, caught)


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
