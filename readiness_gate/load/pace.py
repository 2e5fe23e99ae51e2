"""When requests start, and how many users there are: pure arithmetic over stages."""

import math
from collections.abc import Iterator

from readiness_gate.load.plan import Stage, legs


def starts(start: float, stages: tuple[Stage, ...]) -> Iterator[float]:
    """Yield the second of every start, ascending; the rate goes in straight lines.

    The first one is at the begin, and `n` starts lie where the integral of the rate reaches `n`.
    """
    offset, done = 0.0, 0.0
    number = 0
    for begin, end, seconds in legs(start, stages):
        share = (begin + end) / 2 * seconds
        while number < done + share - 1e-9:
            yield offset + _when(number - done, begin, end, seconds)
            number += 1
        offset, done = offset + seconds, done + share


def _when(wanted: float, begin: float, end: float, seconds: float) -> float:
    """Return the second at which a rate from `begin` to `end` has made `wanted` starts."""
    if wanted <= 0:
        return 0.0
    slope = (end - begin) / seconds
    root = math.sqrt(max(0.0, begin * begin + 2 * slope * wanted))
    # The other form of the solution loses no digits where the slope is nearly nothing.
    return min(seconds, 2 * wanted / (begin + root))


def users_at(start: float, stages: tuple[Stage, ...], second: float) -> int:
    """Return how many users there are at a second; none once the stages are over."""
    for begin, end, seconds in legs(start, stages):
        if second < seconds:
            return round(begin + (end - begin) * second / seconds)
        second -= seconds
    return 0


def most_users(start: float, stages: tuple[Stage, ...]) -> int:
    """Return the most users of any moment."""
    return round(max(start, *(stage.target for stage in stages)))
