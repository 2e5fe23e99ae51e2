"""A declared readiness, of every replica: HTTP, a port, a command inside, a text in the log."""

import shlex
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.web import NoAnswer, Web
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address
from readiness_gate.stack.replica import Replica

_TRY = 1.0
_COMMAND = 5.0
_PAUSE = 0.25


@dataclass(frozen=True)
class Readiness:
    """What must hold; all that is given."""

    http: str | None = None
    """URL, or a path below the base URL."""
    tcp: int | None = None
    log: str | None = None
    command: Sequence[str] = ()
    """Program that ends with exit code 0 inside the service."""


@dataclass(frozen=True)
class Ways:
    """How one replica is asked, each when it is needed; all may raise `StackError`."""

    url: Callable[[str], str]
    address: Callable[[int], Address]
    log: Callable[[], str]
    run: Callable[[Sequence[str], float], Completed]
    """Command and seconds."""


class ReadyProbe:
    """Asks at most four times a second, and no more once it held for the same containers."""

    def __init__(
        self,
        readiness: Readiness,
        *,
        web: Web,
        clock: Clock,
        ways: Callable[[Replica, int], Ways],
    ) -> None:
        """Probe with the `ways` to a replica, which is one of so many."""
        self._readiness = readiness
        self._web = web
        self._clock = clock
        self._ways = ways
        self._held: dict[str, object] = {}
        self._asked = float("-inf")
        self._reason = "its readiness was not asked yet"

    def reason(self, replicas: Sequence[Replica]) -> str:
        """Return why it is not ready, empty where every replica is."""
        waiting = [one for one in replicas if self._held.get(one.id) != one.fingerprint]
        if not waiting:
            return ""
        if self._clock.monotonic() - self._asked < _PAUSE:
            return self._reason
        self._reason = ""
        for replica in waiting:
            reason = self._ask(self._ways(replica, len(replicas)))
            if not reason:
                self._held[replica.id] = replica.fingerprint
            elif not self._reason:
                several = f"replica {replica.number} of {len(replicas)}: "
                self._reason = f"{several}{reason}" if len(replicas) > 1 else reason
        self._asked = self._clock.monotonic()
        return self._reason

    def _ask(self, ways: Ways) -> str:
        try:
            return self._http(ways) or self._tcp(ways) or self._text(ways) or self._command(ways)
        except StackError as error:
            return error.message

    def _http(self, ways: Ways) -> str:
        if self._readiness.http is None:
            return ""
        url = ways.url(self._readiness.http)
        try:
            answer = self._web.request("GET", url, timeout=_TRY, verify=False)
        except (NoAnswer, ValueError) as error:
            return f"not ready: {url}: {error}"[:300]
        return "" if answer.status < 400 else f"not ready: {url} answers {answer.status}"

    def _tcp(self, ways: Ways) -> str:
        if self._readiness.tcp is None:
            return ""
        address = ways.address(self._readiness.tcp)
        try:
            with socket.create_connection((address.host, address.port), timeout=_TRY):
                return ""
        except OSError as error:
            return f"not ready: port {self._readiness.tcp}: {error.strerror or error}"

    def _text(self, ways: Ways) -> str:
        if self._readiness.log is None or self._readiness.log in ways.log():
            return ""
        return f"not ready: its log does not say {self._readiness.log[:80]!r}"

    def _command(self, ways: Ways) -> str:
        if not self._readiness.command:
            return ""
        done = ways.run(self._readiness.command, _COMMAND)
        if done.succeeded:
            return ""
        what = shlex.join(self._readiness.command)[:80]
        if done.timed_out:
            return f"not ready: {what} did not end within {_COMMAND:g} s"
        last = " ".join(done.output.split())[-120:]
        return f"not ready: {what} ends with exit code {done.exit_code}" + (
            f": {last}" if last else ""
        )
