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


def test_what_follows_is_done_by_the_same_thread_after_the_first() -> None:
    threads, order, done = Threads(), [], threading.Event()

    def second() -> None:
        order.append(("second", threading.get_ident()))
        done.set()

    def first() -> None:
        threads.follow(second)
        order.append(("first", threading.get_ident()))

    threads.start(first)
    assert done.wait(5)
    assert [name for name, _ in order] == ["first", "second"]
    assert len({thread for _, thread in order}) == 1


def test_what_follows_a_thread_of_somebody_else_gets_one_of_its_own() -> None:
    threads, done = Threads(), threading.Event()
    threads.follow(done.set)
    assert done.wait(5)


def test_a_thread_with_more_to_do_is_given_nothing_else() -> None:
    threads, hang, done = Threads(), threading.Event(), threading.Event()
    begun = threading.Event()

    def hangs() -> None:
        begun.set()
        hang.wait(5)

    threads.start(lambda: threads.follow(hangs))
    assert begun.wait(5)
    threads.start(done.set)
    try:
        assert done.wait(2)
    finally:
        hang.set()
