"""Durations counted in log-linear buckets, as HdrHistogram does.

A bucket is at most one part in 128 wide, so that a percentile is off by less than 0.8 percent and
never too small. There are at most about 3,600 buckets, however many durations are recorded.
"""

import math
from collections.abc import Mapping
from typing import Self

_BITS = 7
_BUCKETS = 1 << _BITS
_LONGEST = (1 << 34) - 1
"""Microseconds, above four hours: what takes longer is counted there."""


class Histogram:
    """How often which duration came; durations are seconds."""

    __slots__ = ("_counts", "count", "longest", "shortest", "total")

    def __init__(self) -> None:
        """Begin empty."""
        self._counts: dict[int, int] = {}
        self.count = 0
        self.total = 0.0
        self.shortest = math.inf
        self.longest = 0.0

    def record(self, seconds: float, times: int = 1) -> None:
        """Count a duration."""
        bucket = _bucket(seconds)
        self._counts[bucket] = self._counts.get(bucket, 0) + times
        self.count += times
        self.total += seconds * times
        self.shortest = min(self.shortest, seconds)
        self.longest = max(self.longest, seconds)

    def add(self, other: "Histogram") -> None:
        """Count all that another one counted."""
        for bucket, times in other.counts:
            self._counts[bucket] = self._counts.get(bucket, 0) + times
        self.count += other.count
        self.total += other.total
        self.shortest = min(self.shortest, other.shortest)
        self.longest = max(self.longest, other.longest)

    @property
    def counts(self) -> tuple[tuple[int, int], ...]:
        """Return every bucket that is in use, and how often."""
        return tuple(sorted(self._counts.items()))

    @property
    def mean(self) -> float | None:
        """Return the mean, `None` where nothing was recorded."""
        return self.total / self.count if self.count else None

    def percentile(self, percent: float) -> float | None:
        """Return the duration that `percent` of all do not exceed, `None` without any."""
        if not self.count:
            return None
        if percent <= 0:
            return self.shortest
        wanted = min(self.count, math.ceil(percent / 100 * self.count - 1e-9))
        seen = 0
        for bucket, times in self.counts:
            seen += times
            if seen >= wanted:
                return max(self.shortest, min(_top(bucket), self.longest))
        return self.longest

    def at_most(self, seconds: float) -> int:
        """Return how many durations are not longer, to the width of a bucket."""
        return sum(times for bucket, times in self._counts.items() if _top(bucket) <= seconds)

    def as_data(self) -> dict[str, object]:
        """Return it as JSON data."""
        return {
            "counts": [list(pair) for pair in self.counts],
            "total": round(self.total, 6),
            "shortest": self.shortest if self.count else None,
            "longest": self.longest,
        }

    @classmethod
    def of_data(cls, data: Mapping[str, object]) -> Self:
        """Return what `as_data` gave.

        Raises:
            ValueError: it has another form.
        """
        found = cls()
        try:
            for bucket, times in data["counts"]:  # type: ignore[attr-defined]
                found._counts[int(bucket)] = int(times)
            found.count = sum(found._counts.values())
            found.total = float(data["total"])  # type: ignore[arg-type]
            found.longest = float(data["longest"])  # type: ignore[arg-type]
            if found.count:
                found.shortest = float(data["shortest"])  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"no histogram: {error}") from error
        return found


def _bucket(seconds: float) -> int:
    value = min(_LONGEST, max(0, int(seconds * 1_000_000)))
    shift = max(0, value.bit_length() - _BITS - 1)
    return (shift << _BITS) + (value >> shift)


def _top(bucket: int) -> float:
    """Return the longest duration of a bucket."""
    if bucket < 2 * _BUCKETS:
        return (bucket + 1) / 1_000_000
    shift = (bucket >> _BITS) - 1
    return (((bucket & (_BUCKETS - 1)) + _BUCKETS + 1) << shift) / 1_000_000
