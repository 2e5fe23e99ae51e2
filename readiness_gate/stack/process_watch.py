"""The waiter's view of child processes: the same words as for containers."""

from collections.abc import Callable, Mapping, Sequence

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Running
from readiness_gate.errors import StackError
from readiness_gate.stack.ready import ReadyProbe
from readiness_gate.stack.replica import Replica

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
    ) -> None:
        """Start processes through `start`, and read their output through `logs`."""
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
        return Replica(
            id=service,
            name=service,
            service=service,
            status="running" if code is None else "exited",
            exit_code=code or 0,
            started_at=started.removesuffix("+00:00"),
        )
