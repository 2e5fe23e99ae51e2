"""The waiter's eyes and hands on a compose project: all through the Engine API."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

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
from readiness_gate.stack.compose.black_box import BlackBox, Exit
from readiness_gate.stack.compose.limits import as_declared
from readiness_gate.stack.ready import ReadyProbe
from readiness_gate.stack.replica import Replica, replica_of

_HOOK = "com.docker.compose.hook"
_TAIL_LINES = 40
_TAIL_CHARACTERS = 6000
_AT_ONCE = 32
_FRESH = 5.0
"""Seconds after which a container is asked again though nothing was heard of it.

The list of all, which costs one call, tells state and health of each at every look.
"""


@dataclass(frozen=True)
class _Seen:
    says: tuple[str, str]
    at: float
    inspection: Inspection


class ComposeWatch:
    """Sees the containers of one project and starts the created ones, several at once."""

    def __init__(self, engine: Engine, project: str) -> None:
        """Watch a project from now on."""
        self._engine = engine
        self._labels = [f"{COMPOSE_PROJECT}={project}", f"{COMPOSE_ONE_OFF}=False"]
        self._black_box = BlackBox(engine, project)
        self._seen: dict[str, _Seen] = {}
        self._late: set[str] = set()
        self._pool: ThreadPoolExecutor | None = None
        self._starts: dict[str, Future[None]] = {}
        self.probes: Mapping[str, ReadyProbe] = {}

    def inspections(self, service: str | None = None) -> list[Inspection]:
        """Return the containers of a service, or of all, by number; one-offs left out."""
        labels = list(self._labels)
        if service is not None:
            labels.append(f"{COMPOSE_SERVICE}={service}")
        found = []
        for listed in self._engine.containers(labels):
            if _HOOK not in (listed.get("Labels") or {}):
                try:
                    found.append(as_declared(self._engine.container(str(listed["Id"]))))
                except NotThere:
                    continue
        return sorted(found, key=_number)

    def replicas(self) -> Mapping[str, Sequence[Replica]]:
        """Return the containers of every service; asks again only for what may have changed."""
        self._black_box.open()
        heard, changed = self._black_box.listening, self._black_box.changed()
        now = time.monotonic()
        seen: dict[str, _Seen] = {}
        for listed in self._engine.containers(self._labels):
            if _HOOK in (listed.get("Labels") or {}):
                continue
            key, says = str(listed["Id"]), _says(listed)
            known = self._seen.get(key)
            fresh = known is not None and known.says == says and now - known.at < _FRESH
            if known is not None and self._is_starting(key):
                # The engine answers about a container only once it has started it.
                self._late.add(key)
            elif known is None or not heard or key in changed | self._late or not fresh:
                self._late.discard(key)
                try:
                    known = _Seen(says, now, self._engine.container(key))
                except NotThere:
                    continue
            seen[key] = known
        self._seen = seen
        found: dict[str, list[Replica]] = {}
        for inspection in sorted((one.inspection for one in seen.values()), key=_number):
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

    def _is_starting(self, container: str) -> bool:
        future = self._starts.get(container)
        return future is not None and not future.done()

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
        return probe.reason(replicas) if probe else ""

    def last_exits(self, services: Sequence[str]) -> Mapping[str, Exit]:
        """Return the last exit code and whether memory ran out, out of the event stream."""
        exits = self._black_box.exits()
        return {service: exits[service] for service in services if service in exits}

    def disturbance(self) -> str:
        """Return what befell the engine itself since the start, empty where nothing did.

        A stream of events may break alone; containers that it started anew, or lost, tell more.
        """
        if not self._black_box.broken:
            return ""
        before = {key: _life(one.inspection) for key, one in self._seen.items()}
        try:
            now = {str(one["Id"]): _life(one) for one in self.inspections()}
        except StackError as error:
            return error.message
        if all(now.get(key) == life for key, life in before.items()):
            return ""
        return "the container engine was restarted while the gate ran, and ended its containers"

    def pause(self, seconds: float) -> None:
        """Wait until something happens to a container, at most so long."""
        self._black_box.pause(seconds)

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
        """Begin no more starts, wait for those that are under way, and listen no more."""
        self._black_box.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _life(inspection: Inspection) -> tuple[str, str]:
    state = inspection.get("State") or {}
    return str(state.get("Status", "")), str(state.get("StartedAt", ""))


def _says(listed: Inspection) -> tuple[str, str]:
    """Return state and health as the list tells them, without the time that only grows."""
    _, bracket, health = str(listed.get("Status", "")).rpartition("(")
    return str(listed.get("State", "")), health if bracket else ""


def _number(inspection: Inspection) -> int:
    number = str((inspection["Config"].get("Labels") or {}).get(COMPOSE_NUMBER, "1"))
    return int(number) if number.isdigit() else 1
