"""Threads that are used again: to begin one for each of hundreds of checks costs more than they do.

They are daemons: Python cannot end a thread, so one that hangs is left behind when the gate ends.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Threads:
    """As many threads as there is work at the same time; idle ones wait for more."""

    def __init__(self) -> None:
        """Begin without any."""
        self._idle: list[SimpleQueue[Work]] = []
        self._own = threading.local()

    def start(self, work: Work) -> None:
        """Begin to work in a thread and return at once; the work must not raise."""
        try:
            inbox = self._idle.pop()
        except IndexError:
            inbox = SimpleQueue()
            threading.Thread(target=self._serve, args=(inbox,), daemon=True).start()
        inbox.put(work)

    def follow(self, work: Work) -> None:
        """Begin to work in this thread once what it does has returned; in another if not ours.

        To wake another thread costs more than a short piece of work.
        """
        inbox: SimpleQueue[Work] | None = getattr(self._own, "inbox", None)
        if inbox is None:
            self.start(work)
        else:
            inbox.put(work)

    def _serve(self, inbox: "SimpleQueue[Work]") -> None:
        self._own.inbox = inbox
        while True:
            inbox.get()()
            if inbox.empty():  # nobody else puts anything in before it is said to be idle
                self._idle.append(inbox)


THREADS = Threads()
"""Those of the engine."""
