"""What the generator is told: requests, and how many of them when, in k6's words.

The process of the generator imports this: standard library only.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from math import gcd
from typing import Literal, Self

Executor = Literal["constant-vus", "ramping-vus", "constant-arrival-rate", "ramping-arrival-rate"]
BODY_CAP = 4_194_304
"""Bytes of an answer that are read; one that is longer is a failure."""


@dataclass(frozen=True)
class Request:
    """One endpoint of the mix."""

    name: str
    method: str
    url: str
    """As the gate reaches it."""
    weight: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    statuses: frozenset[int] = frozenset(range(200, 300))
    """Which answers are as they have to be."""
    server_name: str = ""
    """Name that a certificate has to carry, where it is not that of the URL."""


@dataclass(frozen=True)
class Stage:
    """A time in which the level goes in a straight line to `target`."""

    duration: float
    """Seconds."""
    target: float
    """Users, or starts per second."""


@dataclass(frozen=True)
class Plan:
    """One run of the generator."""

    executor: Executor
    requests: tuple[Request, ...]
    start: float
    """Users, or starts per second, at the beginning."""
    stages: tuple[Stage, ...]
    warm_up: float = 0.0
    """Seconds at the level of the start before anything is counted."""
    most_users: int = 1000
    """Most requests under way at the same time, where starts are told."""
    pause: float = 0.0
    """Seconds between two requests of a user."""
    timeout: float = 10.0
    """Seconds that one request may take."""
    verify: bool = True
    identities: tuple[Mapping[str, str], ...] = ()
    """Headers of those who are logged in; users take turns."""

    @property
    def is_open(self) -> bool:
        """Whether starts are told, whatever the answers do."""
        return self.executor.endswith("arrival-rate")

    @property
    def duration(self) -> float:
        """Seconds that are counted."""
        return sum(stage.duration for stage in self.stages)

    @property
    def longest(self) -> float:
        """Seconds after which even the last request has ended."""
        return self.warm_up + self.duration + self.timeout

    def as_json(self) -> bytes:
        """Return it as the generator reads it."""
        data = asdict(self)
        for one in data["requests"]:
            body = one["body"]
            one["body"] = None if body is None else base64.b64encode(body).decode()
            one["statuses"] = sorted(one["statuses"])
        return json.dumps(data).encode()

    @classmethod
    def of_json(cls, text: bytes) -> Self:
        """Return what `as_json` gave."""
        data = json.loads(text)
        data["requests"] = tuple(_request(one) for one in data["requests"])
        data["stages"] = tuple(Stage(**one) for one in data["stages"])
        data["identities"] = tuple(data["identities"])
        return cls(**data)

    def order(self) -> tuple[int, ...]:
        """Return in which order the requests take turns, by their weights, evenly spread.

        Like nginx's smooth weighted round robin: the same mix in every run, and in a short one.
        """
        shared = gcd(*(one.weight for one in self.requests))
        weights = [one.weight // shared for one in self.requests]
        total = sum(weights)
        current = [0] * len(weights)
        found = []
        for _ in range(total):
            current = [one + weight for one, weight in zip(current, weights, strict=True)]
            best = max(range(len(current)), key=current.__getitem__)
            current[best] -= total
            found.append(best)
        return tuple(found)


def _request(data: dict[str, object]) -> Request:
    body = data.pop("body")
    statuses = data.pop("statuses")
    return Request(
        **data,  # type: ignore[arg-type]
        body=base64.b64decode(body) if isinstance(body, str) else None,
        statuses=frozenset(statuses),  # type: ignore[call-overload]
    )


def legs(start: float, stages: tuple[Stage, ...]) -> tuple[tuple[float, float, float], ...]:
    """Return each stage as its level at the begin, at the end, and its seconds."""
    levels = (start, *(stage.target for stage in stages))
    return tuple(
        (begin, end, stage.duration)
        for (begin, end), stage in zip(pairwise(levels), stages, strict=True)
    )
