"""The waiter's eyes and hands on a compose project: all through the Engine API."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import (
    COMPOSE_NUMBER,
    COMPOSE_ONE_OFF,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    Engine,
    Inspection,
    NotThere,
)
from readiness_gate.stack.ready import ReadyProbe
from readiness_gate.stack.replica import Replica, replica_of

_HOOK = "com.docker.compose.hook"
_TAIL_LINES = 40
_TAIL_CHARACTERS = 6000
_AT_ONCE = 4


class ComposeWatch:
    """Sees the containers of one project and starts the created ones, several at once."""

    def __init__(self, engine: Engine, project: str) -> None:
        """Watch a project from now on."""
        self._engine = engine
        self._project = project
        self._since = time.time()
        self._pool: ThreadPoolExecutor | None = None
        self._starts: dict[str, Future[None]] = {}
        self.probes: Mapping[str, ReadyProbe] = {}

    def inspections(self, service: str | None = None) -> list[Inspection]:
        """Return the containers of a service, or of all, by number; one-offs left out."""
        labels = [f"{COMPOSE_PROJECT}={self._project}", f"{COMPOSE_ONE_OFF}=False"]
        if service is not None:
            labels.append(f"{COMPOSE_SERVICE}={service}")
        found = []
        for listed in self._engine.containers(labels):
            if _HOOK not in (listed.get("Labels") or {}):
                try:
                    found.append(self._engine.container(str(listed["Id"])))
                except NotThere:
                    continue
        return sorted(found, key=_number)

    def replicas(self) -> Mapping[str, Sequence[Replica]]:
        """Return the containers of every service."""
        found: dict[str, list[Replica]] = {}
        for inspection in self.inspections():
            service = str(inspection["Config"]["Labels"].get(COMPOSE_SERVICE, ""))
            replica = replica_of(inspection, service=service, number=_number(inspection))
            found.setdefault(service, []).append(replica)
        return found

    def start(self, replica: Replica) -> None:
        """Begin to start a container."""
        if replica.id not in self._starts:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_AT_ONCE)
            self._starts[replica.id] = self._pool.submit(self._engine.start, replica.id)

    def start_error(self, replica: Replica) -> str:
        """Return the engine's refusal to start a container.

        Raises:
            StackError: the engine itself failed, which is nobody's container's fault.
        """
        future = self._starts.get(replica.id)
        error = future.exception() if future is not None and future.done() else None
        if error is None:
            return ""
        if isinstance(error, StackError) and not isinstance(error, NotThere):
            if error.infrastructure and "OCI runtime" not in error.message:
                raise error
            return error.message[:500]
        return str(error)[:500]

    def not_ready(self, service: str, replicas: Sequence[Replica]) -> str:
        """Ask the configured readiness of a service."""
        probe = self.probes.get(service)
        return probe.reason(tuple(r.fingerprint for r in replicas)) if probe else ""

    def last_exits(self, services: Sequence[str]) -> Mapping[str, tuple[int | None, bool]]:
        """Return the last exit code and whether memory ran out, out of the event stream."""
        labels = [f"{COMPOSE_PROJECT}={self._project}", f"{COMPOSE_ONE_OFF}=False"]
        exits: dict[str, tuple[int | None, bool]] = {}
        for event in self._engine.events(labels, self._since, time.time() + 1):
            attributes = (event.get("Actor") or {}).get("Attributes") or {}
            service = str(attributes.get(COMPOSE_SERVICE, ""))
            code, memory = exits.get(service, (None, False))
            if event.get("Action") == "oom":
                memory = True
            elif str(attributes.get("exitCode", "")).isdigit():
                code = int(attributes["exitCode"])
            exits[service] = (code, memory)
        return {service: exits[service] for service in services if service in exits}

    def log_tail(self, service: str) -> str:
        """Return the last lines of a service, for its finding."""
        try:
            return self.logs(service, _TAIL_LINES)[-_TAIL_CHARACTERS:]
        except StackError:
            return ""

    def logs(self, service: str, lines: int) -> str:
        """Return the tail of every replica's log, each under its name where there are several."""
        inspections = self.inspections(service)
        parts = []
        for inspection in inspections:
            name = str(inspection["Name"]).lstrip("/")
            text = self._engine.logs(str(inspection["Id"]), lines)
            parts.append(f"{name}:\n{text}" if len(inspections) > 1 else text)
        return "\n".join(parts)

    def finish(self) -> None:
        """Begin no more starts, and wait for those that are under way."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _number(inspection: Inspection) -> int:
    number = str((inspection["Config"].get("Labels") or {}).get(COMPOSE_NUMBER, "1"))
    return int(number) if number.isdigit() else 1
