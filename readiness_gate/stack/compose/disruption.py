"""Disrupts a compose project through the Engine API, and remembers how to put it back."""

import io
import re
import signal as signals
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, NotSupported, ServiceHealth
from readiness_gate.stack.compose.base import Inspection
from readiness_gate.stack.compose.faults import Faults
from readiness_gate.stack.compose.lifecycle import Lifecycle
from readiness_gate.stack.compose.place import machine_of
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import Reach, container_address, published_address
from readiness_gate.stack.compose.replacement import Replacement
from readiness_gate.stack.disruption import Ended, Fault, FirstProcess, Life, Mount, MountKind

_POLL = 0.02
_GRACE = 10.0
_AFTER_KILL = 10.0
_ASK = 10.0
_ANONYMOUS = re.compile(r"[0-9a-f]{64}")


class ComposeDisruption:
    """Implements `Disruption` for containers."""

    def __init__(self, project: ComposeProject, lifecycle: Lifecycle) -> None:
        """Do nothing yet."""
        self._project = project
        self._lifecycle = lifecycle
        self._replacement = Replacement(project, lifecycle)
        self._faults = Faults(project, self._end)
        self._signalled: dict[str, float] = {}
        self._ended: set[str] = set()

    def replicas(self, service: str) -> tuple[str, ...]:
        """Return the names of the running containers."""
        return tuple(
            name_of(one) for one in self._project.containers(service) if status_of(one) == "running"
        )

    def address(self, replica: str, port: int) -> Address:
        """Return the container's own address, or its published port."""
        inspection = self._project.engine.container(replica)
        if self._project.prepared().reach is Reach.PUBLISHED:
            return published_address(inspection, replica, port, machine_of(self._project.host))
        return container_address(inspection, replica, port)

    def first_process(self, replica: str) -> FirstProcess:
        """Return what inspection, process list and `/proc/1/status` say; the last may be silent."""
        inspection = self._project.engine.container(replica)
        settings = inspection.get("Config") or {}
        stop = str(settings.get("StopSignal") or "SIGTERM")
        grace = settings.get("StopTimeout")
        has_init = bool((inspection.get("HostConfig") or {}).get("Init"))
        try:
            count = len(self._project.engine.processes(replica))
        except StackError:
            count = 1
        return FirstProcess(
            command=(str(inspection.get("Path") or ""), *map(str, inspection.get("Args") or ())),
            signal=stop,
            grace=_GRACE if grace is None else float(grace),
            has_init=has_init,
            handles_signal=None if has_init else self._handles(replica, stop),
            children=max(0, count - 1 - has_init),
        )

    def terminate(self, replica: str) -> None:
        """Send the stop signal of the container."""
        inspection = self._project.engine.container(replica)
        stop = str((inspection.get("Config") or {}).get("StopSignal") or "SIGTERM")
        self._ended.add(replica)
        self._signalled[replica] = self._project.clock.monotonic()
        self._project.engine.signal(replica, stop)

    def ended(self, replica: str, grace: float) -> Ended:
        """Look until the container has ended; kill it when the grace is over."""
        clock, engine = self._project.clock, self._project.engine
        begun = self._signalled.get(replica, clock.monotonic())
        killed = False
        while True:
            inspection = engine.container(replica)
            elapsed = clock.monotonic() - begun
            if status_of(inspection) in {"exited", "dead"}:
                state = inspection.get("State") or {}
                return Ended(
                    exit_code=int(state.get("ExitCode") or 0),
                    seconds=elapsed,
                    killed=killed,
                    out_of_memory=bool(state.get("OOMKilled")),
                )
            if elapsed >= grace and not killed:
                engine.signal(replica, "SIGKILL")
                killed = True
            if elapsed >= grace + _AFTER_KILL:
                raise StackError(
                    f"container {replica} does not end, not even by SIGKILL", infrastructure=True
                )
            clock.sleep(_POLL)

    def start(self, replica: str) -> None:
        """Start the same container again."""
        self._project.engine.start(replica)
        self._ended.discard(replica)
        self._lifecycle.renew()

    def add(self, service: str, timeout: float) -> str:
        """Let compose create one more container and start it."""
        return self._replacement.add(service, timeout)

    def remove(self, replica: str) -> None:
        """Remove a container with its anonymous volumes."""
        self._replacement.remove(replica)
        self._ended.discard(replica)

    def fetch(self, service: str, image: str, timeout: float) -> None:
        """Pull an image as those of the compose file are pulled."""
        self._replacement.fetch(service, image, timeout)

    def recreate(self, service: str, timeout: float, image: str | None = None) -> None:
        """Let compose replace the containers of a service."""
        self._replacement.recreate(service, timeout, image)

    def down_and_up(self, timeout: float) -> None:
        """Do what `docker compose down` and `up` do, anonymous volumes gone with the first."""
        self._replacement.down_and_up(timeout)
        self._ended.clear()

    def inflict(self, fault: Fault, service: str, *, latency: float = 0.0) -> None:
        """Let a fault begin for every running container of a service."""
        names = self.replicas(service)
        if not names:
            raise StackError(f"service {service} does not run, so nothing more can happen to it")
        self._faults.inflict(fault, service, names, latency)

    def heal(self, service: str) -> None:
        """End the fault, and start what it ended."""
        self._faults.heal(service)
        self._start_ended(service)
        self._lifecycle.renew()

    def lives(self, service: str) -> tuple[Life, ...]:
        """Return start time and restarts of every container."""
        found = []
        for one in self._project.containers(service):
            state = one.get("State") or {}
            running = status_of(one) in {"running", "paused"}
            started = str(state.get("StartedAt") or "")
            found.append(Life(name_of(one), started, int(one.get("RestartCount") or 0), running))
        return tuple(found)

    def mounts(self, service: str) -> tuple[Mount, ...]:
        """Return what the engine says is mounted."""
        inspections = self._project.containers(service)
        if not inspections:
            raise StackError(f"service {service} has no container")
        found = {mount.path: mount for mount in map(_mount, inspections[0].get("Mounts") or ())}
        for path in (inspections[0].get("HostConfig") or {}).get("Tmpfs") or {}:
            found[str(path)] = Mount(MountKind.MEMORY, str(path))
        return tuple(found[path] for path in sorted(found))

    def write(self, service: str, path: str, content: bytes) -> None:
        """Unpack a small archive into the folder of the file."""
        place = PurePosixPath(path)
        member = tarfile.TarInfo(place.name)
        member.size = len(content)
        member.mode = 0o644
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.addfile(member, io.BytesIO(content))
        names = self.replicas(service)
        if not names:
            raise StackError(f"service {service} is not running")
        self._project.engine.put(names[0], str(place.parent), archive.getvalue())

    def wait(self, service: str, timeout: float) -> ServiceHealth:
        """Forget what was seen, and wait for what is there now."""
        self._lifecycle.renew()
        health = self._lifecycle.wait([service], timeout, 0.0)
        return next(one for one in health if one.service == service)

    def recover(self, timeout: float, settle: float) -> tuple[ServiceHealth, ...]:
        """End faults, put containers and images back, start what was ended, and wait."""
        self._faults.heal_all()
        self._replacement.restore(timeout)
        self._start_ended(None)
        self._lifecycle.renew()
        return self._lifecycle.wait(None, timeout, settle)

    def _end(self, replica: str) -> None:
        grace = self._project.engine.container(replica).get("Config", {}).get("StopTimeout")
        self.terminate(replica)
        self.ended(replica, _GRACE if grace is None else float(grace))

    def _start_ended(self, service: str | None) -> None:
        there = {name_of(one): one for one in self._project.watch.inspections(service)}
        for replica in sorted(self._ended & set(there)):
            if status_of(there[replica]) not in {"running", "restarting"}:
                self._project.engine.start(replica)
            self._ended.discard(replica)
        if service is None:
            self._ended.clear()

    def _handles(self, replica: str, stop: str) -> bool | None:
        """Return whether PID 1 catches its stop signal; the kernel ignores others for PID 1."""
        number = _number(stop)
        try:
            done = self._project.command_line.docker(
                ["exec", replica, "cat", "/proc/1/status"], timeout=_ASK
            )
        except StackError:
            return None
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", done.stdout, re.MULTILINE)
        if not done.succeeded or caught is None or number is None:
            return None
        return bool(int(caught[1], 16) >> (number - 1) & 1)


def name_of(inspection: Inspection) -> str:
    """Return the name of a container."""
    return str(inspection["Name"]).lstrip("/")


def status_of(inspection: Inspection) -> str:
    """Return the engine's word for the state of a container."""
    return str((inspection.get("State") or {}).get("Status") or "")


def _mount(body: Mapping[str, object]) -> Mount:
    kind = str(body.get("Type") or "")
    name, path = str(body.get("Name") or ""), str(body.get("Destination") or "")
    read_only = body.get("RW") is False
    if kind == "volume":
        anonymous = _ANONYMOUS.fullmatch(name) is not None
        return Mount(MountKind.ANONYMOUS if anonymous else MountKind.NAMED, path, name, read_only)
    if kind == "tmpfs":
        return Mount(MountKind.MEMORY, path)
    if kind == "bind":
        return Mount(MountKind.BIND, path, str(body.get("Source") or ""), read_only)
    raise NotSupported(f"{path} is a mount of the kind {kind}, which is not looked at")


def _number(name: str) -> int | None:
    if name.isdigit():
        return int(name)
    full = name if name.startswith("SIG") else f"SIG{name}"
    return int(signals.Signals[full]) if full in signals.Signals.__members__ else None
