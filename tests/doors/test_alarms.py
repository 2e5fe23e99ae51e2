import threading
import time

from readiness_gate.doors.alarms import Alarms


def test_a_call_is_made_when_it_is_due_and_not_before() -> None:
    called = threading.Event()
    begun = time.monotonic()
    Alarms().after(0.05, called.set)
    assert called.wait(5)
    assert time.monotonic() - begun >= 0.05


def test_a_later_alarm_does_not_keep_a_sooner_one_waiting() -> None:
    alarms, done = Alarms(), threading.Event()
    order: list[str] = []

    def second() -> None:
        order.append("second")
        done.set()

    alarms.after(60.0, lambda: order.append("never"))
    alarms.after(0.05, second)
    alarms.after(0.01, lambda: order.append("first"))
    assert done.wait(5)
    assert order == ["first", "second"]


def test_a_cancelled_call_is_not_made() -> None:
    alarms, called, done = Alarms(), threading.Event(), threading.Event()
    alarms.after(0.01, called.set).cancel()
    alarms.after(0.03, done.set)
    assert done.wait(5)
    assert not called.is_set()


def test_a_call_that_raises_costs_no_other_one() -> None:
    alarms, done = Alarms(), threading.Event()

    def broken() -> None:
        raise RuntimeError("broken")

    alarms.after(0.0, broken)
    alarms.after(0.01, done.set)
    assert done.wait(5)


def test_what_was_cancelled_is_not_kept() -> None:
    alarms = Alarms()
    for _ in range(5000):
        alarms.after(3600.0, lambda: None).cancel()
    assert len(alarms._alarms) <= 1002
