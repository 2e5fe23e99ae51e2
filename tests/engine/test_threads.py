import threading

from readiness_gate.engine.threads import Threads


def test_a_thread_is_used_again() -> None:
    threads, seen = Threads(), set()
    for _ in range(20):
        done = threading.Event()

        def work(done: threading.Event = done) -> None:
            seen.add(threading.get_ident())
            done.set()

        threads.start(work)
        assert done.wait(5)
    assert len(seen) < 10


def test_work_at_the_same_time_has_a_thread_each() -> None:
    threads, together = Threads(), threading.Barrier(6, timeout=5)
    for _ in range(5):
        threads.start(lambda: _meet(together))
    together.wait()


def test_work_that_hangs_keeps_nobody_else_waiting() -> None:
    threads, hang, done = Threads(), threading.Event(), threading.Event()
    threads.start(lambda: _wait(hang))
    threads.start(done.set)
    assert done.wait(5)
    hang.set()


def _meet(barrier: threading.Barrier) -> None:
    barrier.wait()


def _wait(event: threading.Event) -> None:
    event.wait(5)
