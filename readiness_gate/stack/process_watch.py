"""The waiter's view of child processes: the same words as for containers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Running
from readiness_gate.errors import StackError
from readiness_gate.stack.ready import ReadyProbe
from readiness_gate.stack.replica import Replica

_PAUSE = 0.5
"""Seconds between an exit and the next start."""
_TAIL_LINES = 40
_TAIL_CHARACTERS = 6000


class ProcessWatch:
    """Sees one process for each wanted service."""

    def __init__(
        self,
        clock: Clock,
        start: Callable[[str], Running],
        logs: Callable[[str, int], str],
        probes: Mapping[str, ReadyProbe],
        restart: Mapping[str, str] | None = None,
    ) -> None:
        """Start processes through `start`, and read their output through `logs`.

        `restart`: `on-failure` or `always`, by service, in compose's words; others end once.
        """
        self._policies = restart or {}
        self._restarts: dict[str, int] = {}
        self._ended: dict[str, float] = {}
        self._clock = clock
        self._start = start
        self._logs = logs
        self._probes = probes
        self._wanted: set[str] = set()
        self._running: dict[str, tuple[Running, str]] = {}
        self._errors: dict[str, str] = {}

    def want(self, service: str) -> None:
        """Let the waiter see a service as created."""
        self._wanted.add(service)

    def again(self, service: str) -> None:
        """Let the waiter see a service that was ended on purpose as created, to start it anew."""
        self._running.pop(service, None)
        self._errors.pop(service, None)

    def replicas(self) -> Mapping[str, Sequence[Replica]]:
        """Return the process of every wanted service."""
        return {service: [self._replica(service)] for service in sorted(self._wanted)}

    def start(self, replica: Replica) -> None:
        """Start a process; a failure is remembered."""
        service = replica.service
        if service in self._running or service in self._errors:
            return
        try:
            running = self._start(service)
        except StackError as error:
            if error.infrastructure:
                raise
            self._errors[service] = error.message
        except OSError as error:
            self._errors[service] = f"{error.filename or service}: {error.strerror}"
        else:
            self._running[service] = (running, self._clock.now().isoformat())

    def start_error(self, replica: Replica) -> str:
        """Return why a process could not be started."""
        return self._errors.get(replica.service, "")

    def not_ready(self, service: str, replicas: Sequence[Replica]) -> str:
        """Ask the configured readiness of a process."""
        probe = self._probes.get(service)
        return probe.reason(replicas) if probe else ""

    def last_exits(
        self,
        services: Sequence[str],  # noqa: ARG002
    ) -> Mapping[str, tuple[int | None, bool]]:
        """Return nothing: a process ends once, and its code is in the replica."""
        return {}

    def pause(self, seconds: float) -> None:
        """Wait: nobody tells when a process changes."""
        self._clock.sleep(seconds)

    def log_tail(self, service: str) -> str:
        """Return the last lines of a process."""
        return self._logs(service, _TAIL_LINES)[-_TAIL_CHARACTERS:]

    def _replica(self, service: str) -> Replica:
        if service not in self._running:
            return Replica(id=service, name=service, service=service)
        running, started = self._running[service]
        code = running.poll()
        replica = Replica(
            id=service,
            name=service,
            service=service,
            status="running" if code is None else "exited",
            exit_code=_exit_code(code),
            started_at=started.removesuffix("+00:00"),
            restarts=self._restarts.get(service, 0),
            restart_policy=self._policies.get(service, "no"),
        )
        if code is None or not replica.comes_back:
            return replica
        return self._restarted(replica)

    def _restarted(self, replica: Replica) -> Replica:
        """Start a program again that ended, after a pause; it is seen as restarting until then."""
        service, now = replica.service, self._clock.monotonic()
        if now - self._ended.setdefault(service, now) >= _PAUSE:
            del self._ended[service]
            self._restarts[service] = self._restarts.get(service, 0) + 1
            self.again(service)
            self.start(replica)
        return replace(replica, status="restarting")


def _exit_code(code: int | None) -> int:
    """Return the code as a shell tells it: 128 and the signal's number for a killed program."""
    return 0 if code is None else code if code >= 0 else 128 - code
