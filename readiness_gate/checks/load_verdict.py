"""What thresholds say over all runs, and whether the generator may be to blame."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.load.tally import Tally
from readiness_gate.load.thresholds import LoadThreshold

_MOST_LATE = 0.5
_MOST_PROCESSOR = 0.9
MOST_DROPPED = 0.01
MOST_LIMITED = 0.01


@dataclass(frozen=True)
class Figure:
    """One threshold and what every run measured for it."""

    limit: LoadThreshold
    values: tuple[float | None, ...]
    causes: tuple[str | None, ...]
    """Of each run why it does not hold, `None` where it does."""
    excused: tuple[bool, ...]
    """Of each run whether the generator may be to blame for it."""
    few: int
    """Fewest durations of a run."""

    @property
    def held(self) -> int:
        """In how many runs it holds."""
        return sum(cause is None for cause in self.causes)

    @property
    def known(self) -> tuple[float, ...]:
        """The values of the runs that measured it."""
        return tuple(value for value in self.values if value is not None)

    @property
    def median(self) -> float | None:
        """Return the median of the runs."""
        return statistics.median(self.known) if self.known else None

    @property
    def problem(self) -> str:
        """What is wrong in every run, empty where it holds in one or cannot be told."""
        if self.held or all(self.excused):
            return ""
        cause = next(c for c, e in zip(self.causes, self.excused, strict=True) if c and not e)
        return f"{self.limit.text}: {cause}"

    @property
    def doubt(self) -> str:
        """Why it cannot be told whether it holds, empty where it can."""
        runs = len(self.causes)
        if 0 < self.held < runs:
            return (
                f"{self.limit.text}: the spread of {runs} runs lies across the threshold, "
                f"{self.spread}: it holds in {self.held} of them"
            )
        if not self.known:
            return f"{self.limit.text}: nothing was measured"
        if not self.held and all(self.excused):
            return f"{self.limit.text}: {self.causes[0]}, but the load generator was late itself"
        if self.limit.is_trend and self.few < self.limit.fewest:
            return f"{self.limit.text}: {self.few} requests are too few, {self.limit.fewest} needed"
        return ""

    @property
    def spread(self) -> str:
        """From the lowest to the highest value."""
        if not self.known:
            return "nothing was measured"
        return f"{self.limit.written(min(self.known))} to {self.limit.written(max(self.known))}"


def figure(limit: LoadThreshold, tallies: Sequence[Tally]) -> Figure:
    """Return what all runs say about a threshold."""
    values = tuple(limit.measured(one) for one in tallies)
    causes = tuple(limit.limit.explain(value) for value in values)
    excused = tuple(
        cause is not None and _excused(limit, value, one)
        for cause, value, one in zip(causes, values, tallies, strict=True)
    )
    few = min(limit.counted(one).latency.count for one in tallies)
    return Figure(limit, values, causes, excused, few)


def _excused(limit: LoadThreshold, value: float | None, tally: Tally) -> bool:
    """Return whether it might hold if the generator had not been late.

    It comes late twice: when it starts a request, and when it reads the answer.
    """
    if value is None:
        # That nothing was measured is no answer; why it was not is told by who should have.
        return True
    if limit.metric == "http_reqs":
        return bool(saturated(tally))
    if limit.metric == "http_req_failed":
        return bool(saturated(tally)) and limit.counted(tally).in_vain > 0
    if not limit.is_trend:
        return False
    late = 2 * (tally.late.percentile(99) or 0.0)
    return bool(saturated(tally)) or limit.limit.explain(max(0.0, value - late)) is None


def saturated(tally: Tally) -> str:
    """Return how the generator itself was the bottleneck, empty where it was not."""
    late = tally.late.percentile(99) or 0.0
    if tally.processor_share > _MOST_PROCESSOR:
        share = f"{100 * tally.processor_share:.0f} % of a processor"
        return f"the load generator used {share}: it is the bottleneck"
    if late > _MOST_LATE:
        return f"the load generator was {late:.1f} s late: the machine is too busy for this load"
    return ""


def not_kept_up(tally: Tally) -> str:
    """Return that starts were dropped, empty where hardly any was."""
    if not tally.planned or tally.dropped <= MOST_DROPPED * tally.planned:
        return ""
    return (
        f"{tally.dropped} of {tally.planned} starts were dropped: "
        f"all {tally.most_under_way} users still waited for an answer"
    )


def limited(tally: Tally) -> str:
    """Return that a rate limiter answered instead of the service, empty where hardly ever."""
    whole = tally.whole
    if whole.refused <= MOST_LIMITED * whole.requests:
        return ""
    return (
        f"{whole.refused} of {whole.requests} requests were refused by a rate limit (429), "
        "so that the load never came"
    )
