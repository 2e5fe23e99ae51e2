"""Runs the nodes of a graph by threads, each in its lane.

Lanes keep what measures or disturbs apart from the rest (DESIGN 2.1): nodes of `SHARED` run
together, of `SINGLE` one at a time beside them, of `ALONE` with nothing beside.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from graphlib import TopologicalSorter

WORKERS = 8


class Lane(Enum):
    """What may run beside a node."""

    SHARED = "shared"
    SINGLE = "single"
    ALONE = "alone"


@dataclass(frozen=True)
class Node:
    """A unit of work. `run` must not raise: what it has to say is its own data."""

    id: str
    after: frozenset[str]
    lane: Lane
    run: Callable[[], None]


def run(nodes: Mapping[str, Node], *, stopped: Callable[[], bool]) -> None:
    """Run every node once, in an order that its `after` allows, until all are done.

    Once `stopped()` is true nothing new is begun and the call returns when what runs has ended.

    Raises:
        graphlib.CycleError: the graph has a cycle.
        BaseException: what a node raised in spite of its contract, once all have ended.
    """
    sorter = TopologicalSorter({id_: node.after for id_, node in nodes.items()})
    sorter.prepare()
    waiting: list[Node] = []
    running: dict[str, Node] = {}
    finished: queue.Queue[tuple[str, BaseException | None]] = queue.Queue()
    raised: BaseException | None = None
    while sorter.is_active():
        waiting.extend(nodes[id_] for id_ in sorter.get_ready())
        if not stopped() and raised is None:
            for node in _startable(waiting, running):
                waiting.remove(node)
                running[node.id] = node
                _start(node, finished)
        if not running:
            break
        id_, error = _next(finished)
        raised = raised or error
        del running[id_]
        sorter.done(id_)
    if raised is not None:
        raise raised


def _startable(waiting: list[Node], running: Mapping[str, Node]) -> list[Node]:
    chosen: list[Node] = []
    beside = list(running.values())
    for node in sorted(waiting, key=lambda node: node.lane is not Lane.SHARED):
        lanes = {other.lane for other in beside}
        free = {
            Lane.SHARED: Lane.ALONE not in lanes and len(beside) < WORKERS,
            Lane.SINGLE: not lanes & {Lane.SINGLE, Lane.ALONE},
            Lane.ALONE: not beside,
        }[node.lane]
        if free:
            chosen.append(node)
            beside.append(node)
    return chosen


def _start(node: Node, finished: "queue.Queue[tuple[str, BaseException | None]]") -> None:
    def work() -> None:
        error: BaseException | None = None
        try:
            node.run()
        except BaseException as caught:
            error = caught
        finished.put((node.id, error))

    threading.Thread(target=work, name=node.id, daemon=True).start()


def _next(
    finished: "queue.Queue[tuple[str, BaseException | None]]",
) -> tuple[str, BaseException | None]:
    # A bounded wait lets the main thread receive signals (Ctrl-C, SIGTERM) while nodes run.
    while True:
        try:
            return finished.get(timeout=0.2)
        except queue.Empty:
            continue
