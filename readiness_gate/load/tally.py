"""What a run of the generator counted; bounded, however many requests there were."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from readiness_gate.load.histogram import Histogram

_PROBLEMS = 20
REFUSED = 429
"""Too many requests (RFC 6585): the limiter answered, not the service."""

IN_VAIN = "no whole answer in time"
"""The problem of a request that waited for as long as it might."""


@dataclass
class Counted:
    """Requests of one endpoint that were counted."""

    name: str
    latency: Histogram = field(default_factory=Histogram)
    """From the intended start: answers as they have to be, and requests that waited in vain."""
    unexpected: dict[int, int] = field(default_factory=dict)
    """Statuses that are not as they have to be."""
    problems: dict[str, int] = field(default_factory=dict)
    """Why no answer came, or none that was read to its end."""
    expected: int = 0
    """Answers as they have to be."""
    received: int = 0
    """Bytes of bodies."""

    @property
    def refused(self) -> int:
        """Answers of a rate limiter, where those are not what is expected."""
        return self.unexpected.get(REFUSED, 0)

    @property
    def in_vain(self) -> int:
        """Requests that waited for as long as they might."""
        return self.problems.get(IN_VAIN, 0)

    @property
    def requests(self) -> int:
        """All that ended."""
        return self.expected + sum(self.unexpected.values()) + sum(self.problems.values())

    @property
    def judged(self) -> int:
        """All that ended, without those that a rate limiter refused."""
        return self.requests - self.refused

    @property
    def failed(self) -> int:
        """Those of the judged that are not as they have to be."""
        return self.judged - self.expected

    def problem(self, text: str) -> None:
        """Count a request without a whole answer; the number of different texts is bounded."""
        if text not in self.problems and len(self.problems) >= _PROBLEMS:
            text = "other problems"
        self.problems[text] = self.problems.get(text, 0) + 1


@dataclass
class Tally:
    """Everything of one run."""

    endpoints: tuple[Counted, ...]
    seconds: float = 0.0
    """How long it was counted."""
    planned: int | None = None
    """Starts that were to be made, `None` where users decide."""
    dropped: int = 0
    """Starts that were not made, since all users waited."""
    late: Histogram = field(default_factory=Histogram)
    """By how much starts and timers came late: the generator's own fault."""
    processor: float = 0.0
    """Seconds of processor time of the generator while it counted."""
    peak_memory: int = 0
    """Bytes."""
    most_under_way: int = 0
    unended: int = 0
    """Requests that had not even ended when the generator stopped."""

    @property
    def whole(self) -> Counted:
        """All endpoints as one."""
        found = Counted("")
        for one in self.endpoints:
            found.latency.add(one.latency)
            found.expected += one.expected
            found.received += one.received
            for status, times in one.unexpected.items():
                found.unexpected[status] = found.unexpected.get(status, 0) + times
            for text, times in one.problems.items():
                found.problems[text] = found.problems.get(text, 0) + times
        return found

    @property
    def processor_share(self) -> float:
        """Share of one processor that the generator used."""
        return self.processor / self.seconds if self.seconds else 0.0

    def as_json(self) -> str:
        """Return it as the gate reads it."""
        return json.dumps({
            **{name: getattr(self, name) for name in _PLAIN},
            "late": self.late.as_data(),
            "endpoints": [
                {
                    "name": one.name,
                    "latency": one.latency.as_data(),
                    "unexpected": sorted(one.unexpected.items()),
                    "problems": one.problems,
                    "expected": one.expected,
                    "received": one.received,
                }
                for one in self.endpoints
            ],
        })  # fmt: skip

    @classmethod
    def of_json(cls, text: str) -> Self:
        """Return what `as_json` gave.

        Raises:
            ValueError: it has another form.
        """
        try:
            data = json.loads(text)
            return cls(
                endpoints=tuple(_counted(one) for one in data["endpoints"]),
                late=Histogram.of_data(data["late"]),
                **{name: data[name] for name in _PLAIN},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no tally: {error}") from error


_PLAIN = (
    "seconds",
    "planned",
    "dropped",
    "processor",
    "peak_memory",
    "most_under_way",
    "unended",
)


def _counted(data: Mapping[str, Any]) -> Counted:
    return Counted(
        data["name"],
        Histogram.of_data(data["latency"]),
        {int(status): int(times) for status, times in data["unexpected"]},
        {str(text): int(times) for text, times in data["problems"].items()},
        int(data["expected"]),
        int(data["received"]),
    )
