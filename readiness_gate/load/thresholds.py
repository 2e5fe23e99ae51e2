"""Thresholds in k6's words: `http_req_duration: p(95)<200`, `http_req_failed: rate<0.01`.

The grammar is k6's; numbers of a trend are milliseconds where they have no unit.
"""

import re
from dataclasses import dataclass
from typing import Literal

from readiness_gate.load.tally import Counted, Tally
from readiness_gate.matchers.threshold import Threshold, Unit, threshold, written

Kind = Literal["trend", "rate", "counter"]
METRICS: dict[str, Kind] = {
    "http_req_duration": "trend",
    "http_req_failed": "rate",
    "http_reqs": "counter",
    "http_req_limited": "rate",
    "dropped_iterations": "counter",
    "data_received": "counter",
}
"""What is measured. `http_req_limited` is ours: the share of answers 429, which k6 counts among
the failed."""
_OF_ENDPOINTS = frozenset(METRICS) - {"dropped_iterations"}
_METRIC = re.compile(r"([a-z_]{1,40})(?:\{name: ?([^{}]{1,120})\})?")
_FORM = re.compile(
    r"(avg|min|max|med|count|rate|p\((\d{1,2}(?:\.\d{1,4})?|100)\))[ \t]{0,9}([<>=!].{1,60})"
)
_AGGREGATIONS: dict[Kind, frozenset[str]] = {
    "trend": frozenset({"avg", "min", "max", "med", "p"}),
    "rate": frozenset({"rate"}),
    "counter": frozenset({"count", "rate"}),
}
_SHARES = {"min": 0.0, "med": 50.0, "max": 100.0}


@dataclass(frozen=True)
class LoadThreshold:
    """One limit for one figure."""

    metric: str
    endpoint: str
    """Name of one endpoint, empty: all together."""
    aggregation: str
    percent: float | None
    """Which percentile, where it is one."""
    limit: Threshold

    @property
    def text(self) -> str:
        """As it was written, with its metric."""
        name = f"{{name:{self.endpoint}}}" if self.endpoint else ""
        return f"{self.metric}{name} {self.aggregation}{self.limit.text}"

    @property
    def is_trend(self) -> bool:
        """Whether it is about durations."""
        return METRICS[self.metric] == "trend"

    @property
    def fewest(self) -> int:
        """How many durations there have to be, or the percentile is one of them alone."""
        if self.percent is None or not 0 < self.percent < 100:
            return 1
        return round(1 / (1 - self.percent / 100))

    def measured(self, tally: Tally) -> float | None:
        """Return the figure of a run in the limit's unit, `None` where nothing was measured."""
        if self.metric == "dropped_iterations":
            return self._counter(tally, tally.dropped)
        found = self.counted(tally)
        match self.metric:
            case "http_req_duration":
                return self._trend(found)
            case "http_req_failed":
                return self._share(found.failed, found.judged)
            case "http_req_limited":
                return self._share(found.refused, found.requests)
            case "data_received":
                return self._counter(tally, found.received)
        return self._counter(tally, found.requests)

    def counted(self, tally: Tally) -> Counted:
        """Return the requests that it is about."""
        if not self.endpoint:
            return tally.whole
        return next(one for one in tally.endpoints if one.name == self.endpoint)

    def written(self, value: float | None) -> str:
        """Return a figure for readers."""
        if value is None:
            return ""
        if self.is_trend and value < 10:
            return f"{value * 1000:.1f} ms"
        return written(value, self.limit.unit)

    def _trend(self, found: Counted) -> float | None:
        if self.aggregation == "avg":
            return found.latency.mean
        percent = _SHARES[self.aggregation] if self.percent is None else self.percent
        return found.latency.percentile(percent)

    def _share(self, some: int, of_all: int) -> float | None:
        if not of_all:
            return None
        return some / of_all * (100 if self.limit.unit is Unit.PERCENT else 1)

    def _counter(self, tally: Tally, count: int) -> float | None:
        if self.aggregation == "count":
            return count
        return count / tally.seconds if tally.seconds else None


def load_threshold(metric: str, text: str) -> LoadThreshold:
    """Return what a metric's threshold says.

    Raises:
        ValueError: there is no such metric, or the text is no threshold of it.
    """
    named = _METRIC.fullmatch(metric.strip())
    if named is None or named[1] not in METRICS:
        raise ValueError(f"{metric[:60]!r} is none of {', '.join(METRICS)}")
    if named[2] and named[1] not in _OF_ENDPOINTS:
        raise ValueError(f"{named[1]} is not counted by endpoint")
    form = _FORM.fullmatch(text.strip())
    kind = METRICS[named[1]]
    if form is None:
        raise ValueError(f"{text[:60]!r} is no threshold such as p(95)<200 or rate<0.01")
    if form[1].split("(")[0] not in _AGGREGATIONS[kind]:
        known = ", ".join(sorted(_AGGREGATIONS[kind])).replace("p", "p(N)")
        raise ValueError(f"{named[1]} has {known}, and no {form[1]}")
    percent = float(form[2]) if form[2] else None
    limit = _limit(form[3].strip(), kind)
    return LoadThreshold(named[1], (named[2] or "").strip(), form[1], percent, limit)


def _limit(text: str, kind: Kind) -> Threshold:
    if kind == "trend":
        return threshold(f"{text}ms" if text[-1].isdigit() else text, Unit.DURATION)
    if kind == "rate" and text.endswith("%"):
        return threshold(text, Unit.PERCENT)
    return threshold(text, Unit.NUMBER)
