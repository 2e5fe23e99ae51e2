"""A clock that tests hold still; sleeping moves it and takes no time."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Starts at a fixed moment, or at `start`."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        self._passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._passed += seconds
