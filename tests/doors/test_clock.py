"""Deadlines on a clock that the test moves."""

from datetime import UTC, datetime, timedelta

from readiness_gate.doors.clock import Deadline, SystemClock


class HandClock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_a_deadline_runs_down_and_never_below_zero() -> None:
    clock = HandClock()
    deadline = Deadline(clock, 10)
    assert (deadline.remaining(), deadline.remaining(3), deadline.passed) == (10, 3, False)
    clock.sleep(8)
    assert (deadline.remaining(), deadline.remaining(3)) == (2, 2)
    clock.sleep(8)
    assert (deadline.remaining(), deadline.passed) == (0, True)


def test_the_system_clock_is_aware_and_grows() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    before = clock.monotonic()
    clock.sleep(0.001)
    assert clock.monotonic() > before
