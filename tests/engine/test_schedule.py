import signal
import threading
import time
from collections.abc import Callable
from graphlib import CycleError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_gate.engine.schedule import WAITERS, WORKERS, Done, Lane, Node, run


def never() -> bool:
    return False


def ending(id_: str, after: set[str], lane: Lane, work: Callable[[], None]) -> Node:
    """Return a node that has ended when its work has."""

    def run_to_the_end(done: Done) -> None:
        work()
        done()

    return Node(id_, frozenset(after), lane, run_to_the_end)


class Recorder:
    """Notes what ran and what ran beside it."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.beside: dict[str, set[str]] = {}
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self.most = 0

    def node(self, id_: str, after: set[str], lane: Lane, seconds: float = 0.0) -> Node:
        def work() -> None:
            with self._lock:
                self._running.add(id_)
                self.most = max(self.most, len(self._running))
                for other in self._running:
                    self.beside.setdefault(other, set()).update(self._running - {other})
            time.sleep(seconds)
            with self._lock:
                self._running.discard(id_)
                self.order.append(id_)

        return ending(id_, after, lane, work)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_node_runs_once_and_after_all_before_it(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    recorder = Recorder()
    nodes = {}
    for at in range(count):
        after = data.draw(st.sets(st.integers(0, at - 1))) if at else set()
        lane = data.draw(st.sampled_from(list(Lane)))
        nodes[str(at)] = recorder.node(str(at), {str(one) for one in after}, lane)
    run(nodes, stopped=never)
    assert sorted(recorder.order) == sorted(nodes)
    for id_, node in nodes.items():
        for before in node.after:
            assert recorder.order.index(before) < recorder.order.index(id_)
        if node.lane is Lane.ALONE:
            assert not recorder.beside[id_]
        if node.lane is Lane.SINGLE:
            beside = {nodes[other].lane for other in recorder.beside[id_]}
            assert beside <= {Lane.SHARED, Lane.WAITING}


def test_shared_nodes_run_together() -> None:
    barrier = threading.Barrier(3, timeout=5)
    nodes = {
        str(at): ending(str(at), set(), Lane.SHARED, lambda: _meet(barrier)) for at in range(3)
    }
    run(nodes, stopped=never)


def _meet(barrier: threading.Barrier) -> None:
    barrier.wait()


def test_more_nodes_run_together_where_they_only_wait() -> None:
    barrier = threading.Barrier(WAITERS, timeout=5)
    nodes = {
        str(at): ending(str(at), set(), Lane.WAITING, lambda: _meet(barrier))
        for at in range(WAITERS)
    }
    run(nodes, stopped=never)


@pytest.mark.parametrize(("lane", "most"), [(Lane.SHARED, WORKERS), (Lane.WAITING, WAITERS)])
def test_there_are_never_more_than_so_many(lane: Lane, most: int) -> None:
    recorder = Recorder()
    nodes = {str(at): recorder.node(str(at), set(), lane, 0.001) for at in range(3 * most)}
    run(nodes, stopped=never)
    assert len(recorder.order) == 3 * most
    assert recorder.most <= most


def test_those_that_wait_keep_nobody_else_from_beginning() -> None:
    together = threading.Barrier(WAITERS + 1, timeout=5)
    nodes = {"first": ending("first", set(), Lane.WAITING, lambda: None)}
    nodes |= {
        str(at): ending(str(at), set(), Lane.WAITING, lambda: _meet(together))
        for at in range(WAITERS)
    }
    nodes["shared"] = ending("shared", {"first"}, Lane.SHARED, lambda: _meet(together))
    run(nodes, stopped=never)


def test_what_a_node_raises_reaches_the_caller_after_the_others_ended() -> None:
    ended: list[str] = []

    def boom() -> None:
        raise RuntimeError("boom")

    def slow() -> None:
        time.sleep(0.05)
        ended.append("slow")

    nodes = {
        "boom": ending("boom", set(), Lane.SHARED, boom),
        "slow": ending("slow", set(), Lane.SHARED, slow),
    }
    with pytest.raises(RuntimeError, match="boom"):
        run(nodes, stopped=never)
    assert ended == ["slow"]


def test_a_node_may_end_in_another_thread_after_its_own_went_on() -> None:
    order: list[str] = []

    def elsewhere(done: Done) -> None:
        def later() -> None:
            order.append("first")
            done()

        threading.Timer(0.05, later).start()

    nodes = {
        "first": Node("first", frozenset(), Lane.ALONE, elsewhere),
        "second": ending("second", {"first"}, Lane.SHARED, lambda: order.append("second")),
    }
    run(nodes, stopped=never)
    assert order == ["first", "second"]


def test_an_error_that_is_told_in_another_thread_reaches_the_caller() -> None:
    def elsewhere(done: Done) -> None:
        threading.Timer(0.05, lambda: done(RuntimeError("boom"))).start()

    with pytest.raises(RuntimeError, match="boom"):
        run({"a": Node("a", frozenset(), Lane.SHARED, elsewhere)}, stopped=never)


def test_an_interrupted_caller_lets_nothing_new_begin() -> None:
    begun: list[str] = []
    released = threading.Event()

    def first() -> None:
        begun.append("first")
        signal.raise_signal(signal.SIGUSR1)
        released.wait(5)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    nodes = {
        "first": ending("first", set(), Lane.SHARED, first),
        "second": ending("second", {"first"}, Lane.SHARED, lambda: begun.append("second")),
    }
    before = signal.signal(signal.SIGUSR1, interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(nodes, stopped=never)
    finally:
        signal.signal(signal.SIGUSR1, before)
    released.set()
    time.sleep(0.05)
    assert begun == ["first"]


def test_a_node_that_ends_twice_ends_once() -> None:
    order: list[str] = []

    def twice(done: Done) -> None:
        done()
        raise RuntimeError("behind the end")

    nodes = {"first": Node("first", frozenset(), Lane.SINGLE, twice)}
    nodes |= {
        str(at): ending(str(at), {"first"}, Lane.SINGLE, lambda: order.append("x"))
        for at in range(3)
    }
    with pytest.raises(RuntimeError, match="behind the end"):
        run(nodes, stopped=never)
    assert len(order) <= 3


def test_what_asks_whether_to_stop_and_fails_ends_the_run() -> None:
    def broken() -> bool:
        raise OSError("no clock")

    with pytest.raises(OSError, match="no clock"):
        run({"a": ending("a", set(), Lane.SHARED, lambda: None)}, stopped=broken)


def test_once_stopped_nothing_new_begins() -> None:
    begun: list[str] = []
    stop = threading.Event()

    def first() -> None:
        begun.append("first")
        stop.set()

    def second() -> None:
        begun.append("second")

    nodes = {
        "first": ending("first", set(), Lane.SHARED, first),
        "second": ending("second", {"first"}, Lane.SHARED, second),
    }
    run(nodes, stopped=stop.is_set)
    assert begun == ["first"]


def test_a_cycle_is_refused() -> None:
    def nothing() -> None:
        return

    work: Callable[[], None] = nothing
    nodes = {
        "a": ending("a", {"b"}, Lane.SHARED, work),
        "b": ending("b", {"a"}, Lane.SHARED, work),
    }
    with pytest.raises(CycleError):
        run(nodes, stopped=never)
