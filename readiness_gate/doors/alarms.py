"""Calls at a later moment, by one thread for all: a thread for each costs more than an exchange."""

import contextlib
import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

_MOST_IDLE = 1000


@dataclass(order=True)
class Alarm:
    """One call that is to be made, unless it is cancelled before."""

    due: float
    number: int
    call: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Make the call no more; one that is being made goes on."""
        self.call = None


class Alarms:
    """Calls that are made when they are due; each has to be quick."""

    def __init__(self) -> None:
        """Begin without a thread; the first alarm starts it."""
        self._condition = threading.Condition()
        self._alarms: list[Alarm] = []
        self._numbers = count()
        self._thread: threading.Thread | None = None

    def after(self, seconds: float, call: Callable[[], None]) -> Alarm:
        """Make a call in `seconds`."""
        alarm = Alarm(time.monotonic() + seconds, next(self._numbers), call)
        with self._condition:
            if len(self._alarms) > _MOST_IDLE:
                self._alarms = [one for one in self._alarms if one.call is not None]
                heapq.heapify(self._alarms)
            heapq.heappush(self._alarms, alarm)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="alarms", daemon=True)
                self._thread.start()
            elif self._alarms[0] is alarm:
                self._condition.notify()
        return alarm

    def _work(self) -> None:
        while True:
            call = self._next().call
            if call is not None:
                with contextlib.suppress(Exception):
                    call()

    def _next(self) -> Alarm:
        with self._condition:
            while not self._alarms or self._alarms[0].due > time.monotonic():
                wait = self._alarms[0].due - time.monotonic() if self._alarms else None
                self._condition.wait(None if wait is None else max(0.0, wait))
            return heapq.heappop(self._alarms)
