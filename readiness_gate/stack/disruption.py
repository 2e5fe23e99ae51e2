"""What checks of the class *disrupt* do to a stack: end, replace, freeze and cut off its parts.

Nothing here is undone by itself: `recover` puts everything back, whatever was done, and says
whether the stack is healthy again. Every method may raise `StackError`, and `NotSupported` where
the driver has no such thing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from readiness_gate.stack.base import Address, ServiceHealth


class Fault(StrEnum):
    """What happens to a dependency, in the words of compose, toxiproxy and pumba."""

    PAUSE = "pause"
    """It is frozen: connections stay, nothing answers."""
    STOP = "stop"
    """It is gone, and so is its name."""
    DISCONNECT = "disconnect"
    """It runs, and no network leads to it."""
    LATENCY = "latency"
    """It is frozen again and again, so that answers come late."""


class MountKind(StrEnum):
    """Where the data of a path lives."""

    NAMED = "named"
    ANONYMOUS = "anonymous"
    BIND = "bind"
    MEMORY = "tmpfs"


@dataclass(frozen=True)
class Mount:
    """One mount of a service's container."""

    kind: MountKind
    path: str
    source: str = ""
    """Name of the volume, or folder of the engine's machine."""
    read_only: bool = False


@dataclass(frozen=True)
class FirstProcess:
    """The process that a stop signal is sent to."""

    command: tuple[str, ...]
    signal: str = "SIGTERM"
    """What ends it, as image and compose file say."""
    grace: float = 10.0
    """Seconds before it is killed, as the compose file says."""
    has_init: bool = False
    """Whether a small init stands before it and passes signals on."""
    handles_signal: bool | None = None
    """Whether it has a handler for SIGTERM, `None` where nothing tells."""
    children: int = 0
    """Further processes beside it."""


@dataclass(frozen=True)
class Ended:
    """How a replica ended after its stop signal."""

    exit_code: int
    """As a shell counts: 128 + the number where a signal ended it."""
    seconds: float
    """From the signal to the end."""
    killed: bool = False
    """Whether it had to be killed when the grace was over."""
    out_of_memory: bool = False


@dataclass(frozen=True)
class Life:
    """One life of a replica; it changes with every restart and replacement."""

    replica: str
    started_at: str
    restarts: int
    running: bool


class Disruption(Protocol):
    """Operates the replicas of one stack."""

    def replicas(self, service: str) -> tuple[str, ...]:
        """Return the names of the running replicas, by number."""
        ...

    def address(self, replica: str, port: int) -> Address:
        """Return where one replica's port is reached, beside all others of its service."""
        ...

    def first_process(self, replica: str) -> FirstProcess:
        """Return what a stop signal would meet."""
        ...

    def terminate(self, replica: str) -> None:
        """Send the stop signal and return at once; no restart policy answers to it."""
        ...

    def ended(self, replica: str, grace: float) -> Ended:
        """Wait for the end of a terminated replica, and kill it after `grace` seconds."""
        ...

    def start(self, replica: str) -> None:
        """Start an ended replica again."""
        ...

    def add(self, service: str, timeout: float) -> str:
        """Create and start one more replica; return its name."""
        ...

    def remove(self, replica: str) -> None:
        """Remove a replica, which has ended."""
        ...

    def fetch(self, service: str, image: str, timeout: float) -> None:
        """Pull an image that is to replace the service's, unless it is there."""
        ...

    def recreate(self, service: str, timeout: float, image: str | None = None) -> None:
        """Replace all replicas of a service at once, as `docker compose up --force-recreate`.

        `image` replaces the service's image until the next call without one.
        """
        ...

    def down_and_up(self, timeout: float) -> None:
        """Remove every container and network, keep the named volumes, and start again."""
        ...

    def inflict(self, fault: Fault, service: str, *, latency: float = 0.0) -> None:
        """Let a fault begin; returns when the engine shows it."""
        ...

    def heal(self, service: str) -> None:
        """End the fault of a service."""
        ...

    def lives(self, service: str) -> tuple[Life, ...]:
        """Return the present life of every replica, ended ones too."""
        ...

    def mounts(self, service: str) -> tuple[Mount, ...]:
        """Return the mounts of the first replica, by path."""
        ...

    def write(self, service: str, path: str, content: bytes) -> None:
        """Write a file into the first replica, into the mount that covers the path."""
        ...

    def wait(self, service: str, timeout: float) -> ServiceHealth:
        """Wait until every replica of a service is healthy, whichever they are by now."""
        ...

    def recover(self, timeout: float, settle: float) -> tuple[ServiceHealth, ...]:
        """Undo what was done, and return the health of all services."""
        ...
