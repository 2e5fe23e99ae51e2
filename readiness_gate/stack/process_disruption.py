"""Ends programs of the process driver by signals and starts them again; nothing else is there."""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Running
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, NotSupported, ServiceHealth
from readiness_gate.stack.disruption import Ended, Fault, FirstProcess, Life, Mount
from readiness_gate.stack.process_launch import LOOPBACK

_POLL = 0.02

Wait = Callable[[Sequence[str] | None, float, float], tuple[ServiceHealth, ...]]


class ProcessDisruption:
    """Implements `Disruption` as far as one process of each name allows."""

    def __init__(
        self,
        running: Mapping[str, Running],
        *,
        clock: Clock,
        command: Callable[[str], tuple[str, ...]],
        again: Callable[[str], None],
        wait: Wait,
    ) -> None:
        """Work on the driver's own processes; `again` starts one that has ended."""
        self._running = running
        self._clock = clock
        self._command = command
        self._again = again
        self._wait = wait
        self._signalled: dict[str, float] = {}

    def replicas(self, service: str) -> tuple[str, ...]:
        """Return the program itself, while it runs."""
        self._command(service)
        running = self._running.get(service)
        return (service,) if running is not None and running.poll() is None else ()

    def address(self, replica: str, port: int) -> Address:
        """Return the port on loopback."""
        self._command(replica)
        return Address(LOOPBACK, port)

    def first_process(self, replica: str) -> FirstProcess:
        """Return the program; the kernel ends one without a handler."""
        return FirstProcess(self._command(replica))

    def terminate(self, replica: str) -> None:
        """Send SIGTERM to the program and its children."""
        running = self._process(replica)
        self._signalled[replica] = self._clock.monotonic()
        running.terminate()

    def ended(self, replica: str, grace: float) -> Ended:
        """Look until it has ended; kill it when the grace is over."""
        running = self._process(replica)
        begun = self._signalled.get(replica, self._clock.monotonic())
        while (code := running.poll()) is None and self._clock.monotonic() - begun < grace:
            self._clock.sleep(_POLL)
        elapsed = self._clock.monotonic() - begun
        killed = code is None
        # Children of its group may live on, and would keep its port.
        final = running.stop(0.0)
        code = final if code is None else code
        return Ended(code if code >= 0 else 128 - code, elapsed, killed)

    def start(self, replica: str) -> None:
        """Start the program again."""
        self._signalled.pop(replica, None)
        self._again(replica)

    def add(self, service: str, timeout: float) -> str:  # noqa: ARG002
        """Refuse."""
        _refuse(f"replicas of {service}")

    def remove(self, replica: str) -> None:
        """Refuse."""
        _refuse(f"replicas of {replica}")

    def fetch(self, service: str, image: str, timeout: float) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse(f"image {image}")

    def recreate(self, service: str, timeout: float, image: str | None = None) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse(f"containers of {service}")

    def down_and_up(self, timeout: float) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse("containers")

    def inflict(self, fault: Fault, service: str, *, latency: float = 0.0) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse(f"fault {fault} for {service}")

    def heal(self, service: str) -> None:
        """Refuse."""
        _refuse(f"fault for {service}")

    def lives(self, service: str) -> tuple[Life, ...]:
        """Return the process id as what changes with every start."""
        running = self._running.get(service)
        if running is None:
            return ()
        return (Life(service, str(running.pid), 0, running.poll() is None),)

    def mounts(self, service: str) -> tuple[Mount, ...]:
        """Refuse."""
        _refuse(f"mounts of {service}")

    def write(self, service: str, path: str, content: bytes) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse(f"mounts of {service}")

    def wait(self, service: str, timeout: float) -> ServiceHealth:
        """Wait until the program is ready again."""
        health = self._wait([service], timeout, 0.0)
        return next(one for one in health if one.service == service)

    def recover(self, timeout: float, settle: float) -> tuple[ServiceHealth, ...]:
        """Start what was ended here, and wait for all."""
        for replica in sorted(self._signalled):
            self._process(replica).stop(0.0)
            self.start(replica)
        return self._wait(None, timeout, settle)

    def _process(self, replica: str) -> Running:
        if replica not in self._running:
            raise StackError(f"process {replica} does not run")
        return self._running[replica]


def _refuse(what: str) -> NoReturn:
    raise NotSupported(f"the process driver has no {what}")
