"""A declared readiness: an HTTP path that answers, a port that accepts, a text in the log."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.web import NoAnswer, Web
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address

_TRY = 1.0
_PAUSE = 0.25


@dataclass(frozen=True)
class Readiness:
    """What must hold; all that is given."""

    http: str | None = None
    """URL, or a path below the base URL."""
    tcp: int | None = None
    log: str | None = None


class ReadyProbe:
    """Asks at most four times a second, and no more once it held for the same containers."""

    def __init__(
        self,
        readiness: Readiness,
        *,
        web: Web,
        clock: Clock,
        url: Callable[[str], str],
        address: Callable[[int], Address],
        log: Callable[[], str],
    ) -> None:
        """Probe with the given ways to resolve a path, a port and a log, each when asked."""
        self._readiness = readiness
        self._web = web
        self._clock = clock
        self._url = url
        self._address = address
        self._log = log
        self._held_for: object = None
        self._asked = float("-inf")
        self._reason = "its readiness was not asked yet"

    def reason(self, fingerprint: object) -> str:
        """Return why it is not ready, empty where it is."""
        if self._held_for == fingerprint:
            return ""
        if self._clock.monotonic() - self._asked < _PAUSE:
            return self._reason
        try:
            self._reason = self._http() or self._tcp() or self._text()
        except StackError as error:
            self._reason = error.message
        self._asked = self._clock.monotonic()
        if not self._reason:
            self._held_for = fingerprint
        return self._reason

    def _http(self) -> str:
        if self._readiness.http is None:
            return ""
        url = self._url(self._readiness.http)
        try:
            answer = self._web.request("GET", url, timeout=_TRY, verify=False)
        except (NoAnswer, ValueError) as error:
            return f"not ready: {url}: {error}"[:300]
        return "" if answer.status < 400 else f"not ready: {url} answers {answer.status}"

    def _tcp(self) -> str:
        if self._readiness.tcp is None:
            return ""
        address = self._address(self._readiness.tcp)
        try:
            with socket.create_connection((address.host, address.port), timeout=_TRY):
                return ""
        except OSError as error:
            return f"not ready: port {self._readiness.tcp}: {error.strerror or error}"

    def _text(self) -> str:
        if self._readiness.log is None or self._readiness.log in self._log():
            return ""
        return f"not ready: its log does not say {self._readiness.log[:80]!r}"
