"""The event stream of a project, kept for the whole run: exits, memory kills, what changed.

The engine remembers few past events, and health checks fill its memory within seconds; so the
stream is followed from the start. A stream that broke is opened again from where it ended.
"""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import (
    COMPOSE_ONE_OFF,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    Engine,
    Inspection,
)

_AGAIN = 0.5
"""Seconds before a broken stream is opened again."""

Exit = tuple[int | None, bool]
"""Last exit code, and whether memory ran out."""


class BlackBox:
    """Follows the events of one project in a thread of its own."""

    def __init__(self, engine: Engine, project: str) -> None:
        """Listen to nothing yet."""
        self._engine = engine
        self._labels = [f"{COMPOSE_PROJECT}={project}", f"{COMPOSE_ONE_OFF}=False"]
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._listening = False
        self._broken = False
        self._since = time.time()
        self._exits: dict[str, Exit] = {}
        self._changed: set[str] = set()

    @property
    def listening(self) -> bool:
        """Whether every change is heard; if not, everything has to be looked at."""
        return self._listening

    @property
    def broken(self) -> bool:
        """Whether the stream ended once by itself, as it does when the engine is restarted."""
        return self._broken

    def open(self) -> None:
        """Begin to listen; repeated calls do nothing."""
        if self._thread is None:
            self._closed.clear()
            self._thread = threading.Thread(target=self._follow, name="events", daemon=True)
            self._thread.start()

    def pause(self, seconds: float) -> None:
        """Wait until something happens in the project, at most so long."""
        self._wake.wait(seconds)

    def changed(self) -> frozenset[str]:
        """Return the ids of containers that something happened to since the last call."""
        with self._lock:
            self._wake.clear()
            found, self._changed = frozenset(self._changed), set()
        return found

    def exits(self) -> Mapping[str, Exit]:
        """Return the last exit of every service that had one."""
        with self._lock:
            return dict(self._exits)

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._thread is not None:
            self._engine.stop_following()
            self._thread.join(5.0)
            self._thread = None

    def _follow(self) -> None:
        while not self._closed.is_set():
            # Why an engine does not answer is told by who asks it next.
            with suppress(StackError):
                self._engine.follow(self._labels, self._since, self._hear)
            self._broken |= self._listening and not self._closed.is_set()
            self._listening = False
            self._closed.wait(_AGAIN)

    def _hear(self, event: Inspection | None) -> bool:
        """Take in one event, `None` for "connected"; return whether to go on."""
        self._listening = True
        if event is not None:
            with self._lock:
                self._keep(event)
            self._wake.set()
        return not self._closed.is_set()

    def _keep(self, event: Inspection) -> None:
        actor = event.get("Actor") or {}
        attributes: Mapping[str, str] = actor.get("Attributes") or {}
        if event.get("timeNano"):
            self._since = max(self._since, int(event["timeNano"]) / 1e9)
        self._changed.add(str(actor.get("ID", "")))
        service = str(attributes.get(COMPOSE_SERVICE, ""))
        code, memory = self._exits.get(service, (None, False))
        if event.get("Action") == "oom":
            self._exits[service] = (code, True)
        elif event.get("Action") == "die" and str(attributes.get("exitCode", "")).isdigit():
            self._exits[service] = (int(attributes["exitCode"]), memory)
