"""The one clock, so that deadlines and time stamps can be told in tests."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the gate sees it."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow; for durations and deadlines."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the system's monotonic clock in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        time.sleep(seconds)


class Deadline:
    """A moment on the monotonic clock after which nothing new is begun."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Start counting `seconds` from now."""
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def remaining(self, at_most: float | None = None) -> float:
        """Return the seconds that are left, never below zero, bounded by `at_most`."""
        left = max(0.0, self._end - self._clock.monotonic())
        return left if at_most is None else min(left, at_most)

    @property
    def passed(self) -> bool:
        """Whether the moment has come."""
        return self.remaining() <= 0.0
