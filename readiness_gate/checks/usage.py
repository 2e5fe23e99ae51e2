"""What the samples of one replica say: highest and mean memory, processor time, growth."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from readiness_gate.stack.facts import Usage

_WARM_UP = 0.25
"""Share of the time that does not count for the growth."""


@dataclass(frozen=True)
class Sample:
    """One measurement and its monotonic second."""

    at: float
    usage: Usage


@dataclass(frozen=True)
class ReplicaUsage:
    """All samples of one replica, in order; at least one."""

    name: str
    samples: tuple[Sample, ...]
    gone: bool = False
    """Whether it was not there any more at the end."""

    @property
    def seconds(self) -> float:
        """How long it was looked at."""
        return self.samples[-1].at - self.samples[0].at

    @property
    def out_of_memory(self) -> bool:
        """Whether memory ran out for any of its processes."""
        return any(one.usage.out_of_memory for one in self.samples)

    @property
    def ended(self) -> int | None:
        """Return its exit code where it did not run at some moment."""
        codes = [one.usage.exit_code for one in self.samples if not one.usage.running]
        return next((code if code is not None else -1 for code in codes), None)

    @property
    def started_again(self) -> bool:
        """Whether it was replaced or started again."""
        return len({one.usage.identity for one in self.samples if one.usage.running}) > 1

    @property
    def memory_is_known(self) -> bool:
        """Whether every sample tells the memory."""
        return all(one.usage.memory is not None for one in self.samples)

    @cached_property
    def _memory(self) -> Sequence[int]:
        return [one.usage.memory for one in self.samples if one.usage.memory is not None]

    @property
    def peak_memory(self) -> int | None:
        """Return the most bytes of any sample."""
        return max(self._memory, default=None)

    @property
    def mean_memory(self) -> float | None:
        """Return the mean of the samples, in bytes."""
        return sum(self._memory) / len(self._memory) if self._memory else None

    @property
    def memory_limit(self) -> int | None:
        """Return the limit of its memory, `None` without one."""
        return next((s.usage.memory_limit for s in self.samples if s.usage.memory_limit), None)

    @property
    def cpu_percent(self) -> float | None:
        """Return the processor time between first and last sample, 100 for one whole processor."""
        known = [
            (one.at, one.usage.cpu_seconds)
            for one in self.samples
            if one.usage.cpu_seconds is not None
        ]
        if len(known) < 2 or known[-1][0] <= known[0][0]:
            return None
        # Time of a process that ended and was not waited for is lost: it never counts backwards.
        used = sum(max(0.0, later[1] - earlier[1]) for earlier, later in pairwise(known))
        return 100 * used / (known[-1][0] - known[0][0])

    @property
    def settled(self) -> tuple[Sample, ...]:
        """Return the samples after the first quarter of the time."""
        begin = self.samples[0].at + _WARM_UP * self.seconds
        return tuple(one for one in self.samples if one.at >= begin)

    @property
    def settled_seconds(self) -> float:
        """How long the settled samples last."""
        return self.settled[-1].at - self.settled[0].at

    @property
    def growth_per_minute(self) -> float | None:
        """Return the slope of the settled samples' memory by least squares, in bytes a minute."""
        points = [(one.at, one.usage.memory) for one in self.settled if one.usage.memory]
        if len(points) < 2:
            return None
        mean_at = sum(at for at, _ in points) / len(points)
        mean = sum(memory for _, memory in points) / len(points)
        spread = sum((at - mean_at) ** 2 for at, _ in points)
        if not spread:
            return None
        return 60 * sum((at - mean_at) * (memory - mean) for at, memory in points) / spread


def megabytes(size: float) -> str:
    """Return a size in decimal megabytes, below ten with one digit after the point."""
    number = size / 1_000_000
    return f"{number:.0f} MB" if abs(number) >= 10 else f"{number:.1f} MB"
