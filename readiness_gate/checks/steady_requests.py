"""Requests that go on while a check disturbs the stack, counted by when they began and ended.

A few threads, each with one request after another through the one door to the target. They are
bounded in number, so that a ledger of any disturbance fits in memory; it is no load generator.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from readiness_gate.checks.exchange import cause_of
from readiness_gate.checks.target import Endpoint
from readiness_gate.doors.clock import Clock
from readiness_gate.doors.web import Answer, NoAnswer, Web
from readiness_gate.errors import StackError

MOST = 50_000
"""Requests of one source; more are not begun."""
_SLACK = 5.0
_LOOK = 0.01


@dataclass(frozen=True)
class Sent:
    """One request that has ended."""

    begun: float
    """Monotonic seconds."""
    ended: float
    status: int | None = None
    """`None` where no answer came."""
    problem: str = ""
    """Why it is lost; empty where the answer is as it has to be."""
    place: str = ""
    """Which replica it went to, where that was chosen."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.begun


@dataclass(frozen=True)
class Place:
    """Where a request goes."""

    url: str
    name: str = ""
    """Replica, where one is chosen."""


@dataclass(frozen=True)
class Wish:
    """What is sent, and which answer is as it has to be."""

    place: Callable[[], Place | None]
    """Returns where the next request goes, `None` where nobody is there to take it."""
    judge: Callable[[Answer], str]
    """Returns what is wrong with an answer, empty where nothing is."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout: float = 10.0
    verify: bool = True
    """Whether a TLS certificate has to be a good one."""


class SteadyRequests:
    """Sends requests from `with` to its end; usable once."""

    def __init__(
        self, web: Web, clock: Clock, wish: Wish, *, clients: int = 1, pause: float = 0.05
    ) -> None:
        """Prepare `clients` threads, each with `pause` seconds between two requests."""
        self._web = web
        self._clock = clock
        self._wish = wish
        self._pause = pause
        self._lock = threading.Condition()
        self._sent: list[Sent] = []
        self._waiting: list[float] = []
        self._begun = 0
        self._held = False
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._client, name=f"requests {number}", daemon=True)
            for number in range(clients)
        ]

    def __enter__(self) -> "SteadyRequests":
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Begin no more requests, and wait for those under way."""
        self.end()

    def end(self) -> None:
        """Begin no more requests, and wait for those under way."""
        self._over.set()
        self.release()
        until = self._clock.monotonic() + self._wish.timeout + _SLACK
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))

    def hold(self) -> float:
        """Begin no more requests for now; return the moment since which none was begun."""
        with self._lock:
            self._held = True
            return self._clock.monotonic()

    def release(self) -> None:
        """Go on."""
        with self._lock:
            self._held = False
            self._lock.notify_all()

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What has ended so far, in the order of the ends."""
        with self._lock:
            return tuple(self._sent)

    @property
    def begun(self) -> int:
        """How many requests were begun."""
        with self._lock:
            return self._begun

    @property
    def exhausted(self) -> bool:
        """Whether no more requests may be begun, so that what came later was not seen."""
        return self.begun >= MOST

    def wait_for(self, enough: Callable[[tuple[Sent, ...]], bool], timeout: float) -> bool:
        """Return whether the ledger became enough within `timeout` seconds."""
        with self._lock:
            return self._lock.wait_for(lambda: enough(tuple(self._sent)), timeout)

    def wait_until_busy(self, timeout: float, *, already: float = 0.0) -> bool:
        """Return whether every client was waiting for an answer within `timeout` seconds.

        `already`: for how many seconds each of them has to have waited at that moment.
        """
        until = self._clock.monotonic() + timeout

        def busy(now: float) -> bool:
            waiting = [begun for begun in self._waiting if now - begun >= already]
            return len(waiting) >= len(self._threads)

        with self._lock:
            while not busy(now := self._clock.monotonic()):
                if now >= until:
                    return False
                self._lock.wait(min(_LOOK, until - now))
            return True

    def _client(self) -> None:
        while (begun := self._may_begin()) is not None:
            sent = self._one(begun)
            with self._lock:
                self._waiting.remove(begun)
                self._sent.append(sent)
                self._lock.notify_all()
            self._over.wait(self._pause)

    def _may_begin(self) -> float | None:
        """Return the moment at which a request begins; under the lock, so that `hold` is exact."""
        with self._lock:
            self._lock.wait_for(lambda: not self._held or self._over.is_set())
            if self._over.is_set() or self._begun >= MOST:
                return None
            self._begun += 1
            begun = self._clock.monotonic()
            self._waiting.append(begun)
            self._lock.notify_all()
            return begun

    def _one(self, begun: float) -> Sent:
        wish = self._wish
        place: Place | None = None
        status: int | None = None
        try:
            place = wish.place()
            if place is None:
                problem = "no replica was there to take it"
            else:
                answer = self._web.request(
                    wish.method,
                    place.url,
                    timeout=wish.timeout,
                    headers=wish.headers,
                    body=wish.body,
                    verify=wish.verify,
                )
                status = answer.status
                problem = wish.judge(answer)
        except NoAnswer as error:
            there = Endpoint(place.url, place.url) if place else Endpoint("", "")
            problem = cause_of(error, wish.method, there, wish.timeout)
        except (StackError, ValueError) as error:
            problem = str(error)[:300]
        ended = self._clock.monotonic()
        return Sent(begun, ended, status, problem, place.name if place else "")
