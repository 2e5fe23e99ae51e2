"""What the engine and the checks ask of a running system, whatever drives it.

Drivers: `compose`, `process`, `external`. Every method may raise `StackError`.
What a driver cannot do raises `NotSupported`: `error/configuration` for an item that was asked
for, `skipped` for one that a section brought (DESIGN 1.5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.stack.facts import FileEntry, Inspected, LogLine, Platform, Usage

if TYPE_CHECKING:
    from readiness_gate.stack.disruption import Disruption


class NotSupported(StackError):  # noqa: N818
    """The driver has no such thing, for example images under the process driver."""


class NotAtTheBase(StackError):  # noqa: N818
    """The model of the base tip has no such service: it is new."""


@dataclass(frozen=True)
class BuiltImage:
    """An image that was built or pulled for a service."""

    service: str
    name: str
    built: bool
    size: int
    """Bytes; `measure` says of what."""
    seconds: float
    began: float | None = None
    """When, on the monotonic clock; `None`: not measured."""
    measure: str = "unpacked layers"
    """`unpacked layers`, which is the same on every store, or `the engine's own figure`."""
    bases: tuple[str, ...] = ()
    """Images that the Dockerfile starts from or copies from; empty where it is not known."""


@dataclass(frozen=True)
class ServiceHealth:
    """What the waiter saw of one service, over all its replicas."""

    service: str
    healthy: bool
    state: str
    """One word of the engine's or ours: `healthy`, `running`, `completed`, `exited`,
    `unhealthy`, `restarting`, `starting`, `missing`."""
    cause: str = ""
    """One clear reason where it is not healthy."""
    exit_code: int | None = None
    restarts: int = 0
    out_of_memory: bool = False
    has_health_check: bool = False
    one_shot: bool = False
    log_tail: str = ""
    seconds: float = 0.0
    """From the start of the service to the moment it was seen healthy, or was last looked at."""
    began: float | None = None
    """When it started, on the monotonic clock; `None`: it never did."""


@dataclass(frozen=True)
class Address:
    """Where the gate reaches a service's port from where it runs."""

    host: str
    port: int


SINK_HOST = "readiness-gate-sink"
"""The name under which containers of the target reach the gate, known before anything starts."""


@dataclass(frozen=True)
class WayBack:
    """How programs of the target reach the gate, for what they send out."""

    listen: str
    """Address to listen at, where the gate runs."""
    host: str
    """Name or address as the target's programs know it."""


@dataclass(frozen=True)
class Published:
    """A port of a service that the project publishes on its machine, TCP only.

    The gate publishes none of them; suites written for `localhost` get them forwarded.
    """

    port: int
    service: str
    target: int


@dataclass(frozen=True)
class Leftovers:
    """What is still there after teardown; all empty is what must be."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return bool(self.containers or self.networks or self.volumes or self.images)


class Stack(Protocol):
    """One isolated copy of the target."""

    @property
    def project(self) -> str:
        """Derivable name under which everything of this run is labelled."""
        ...

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services, sorted."""
        ...

    def prepare(self) -> None:
        """Normalise the model, apply the policy; starts nothing.

        Raises:
            StackError: the model is invalid, a variable is unset, or the policy refuses it.
        """
        ...

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:
        """Build and pull every image.

        Raises:
            StackError: naming the service; `infrastructure` where the registry is at fault.
        """
        ...

    def start(self, services: Sequence[str] | None, timeout: float) -> None:
        """Create and start services (`None`: all that the profiles enable), without waiting."""
        ...

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Return the health of services once all are healthy, one is lost, or time is up.

        `settle` seconds of unchanged restart counts and start times belong to "healthy".
        Never raises for an unhealthy service: that is the answer.
        """
        ...

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
        image: str | None = None,
    ) -> Completed:
        """Run a command in a new, removed-afterwards container of a service, entrypoint off.

        `image` replaces the service's image, for the one of the base tip.
        """
        ...

    def execute(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
    ) -> Completed:
        """Run a command inside the running service."""
        ...

    def address(self, service: str, port: int) -> Address:
        """Return where the port of a service (its own, not a published one) is reached."""
        ...

    def ports(self, service: str) -> tuple[int, ...]:
        """Return the service's own ports that are known, the first of them its main one."""
        ...

    def host(self, service: str) -> str:
        """Return the name under which programs inside the target reach a service."""
        ...

    def way_back(self) -> WayBack:
        """Return how programs inside the target reach the gate.

        Raises:
            NotSupported: they do not.
        """
        ...

    def published(self) -> tuple[Published, ...]:
        """Return the ports that the project would publish outside of the gate, by number."""
        ...

    def environment(self, service: str) -> Mapping[str, str]:
        """Return the service's declared environment, image defaults under the model's values."""
        ...

    def image(self, service: str) -> str:
        """Return the image of a service as the model names it (`postgres:17`)."""
        ...

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        """Build the service's image from the folder `tree` (the base tip); return its name.

        Raises:
            NotAtTheBase: the base tip's model, which was read, has no such service.
        """
        ...

    def copy_out(self, service: str, path: str) -> bytes:
        """Return one file out of a running service (JUnit and coverage reports)."""
        ...

    def logs(self, service: str, lines: int = 200) -> str:
        """Return the tail of the service's log, all replicas."""
        ...

    def platform(self) -> Platform:
        """Return what carries the stack; asks before anything is prepared, and starts nothing.

        Raises:
            StackError: `infrastructure` where the platform cannot carry it, else the pull
                request's fault, such as a variable without a value.
        """
        ...

    def inspect(self, service: str) -> tuple[Inspected, ...]:
        """Return every container of a service, also one that ended; empty where there is none."""
        ...

    def usage(self, service: str) -> tuple[Usage, ...]:
        """Return what each replica of a service uses now."""
        ...

    def log_lines(
        self, service: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[LogLine]:
        """Yield the lines of a service's log between two Unix times, one replica after another.

        Reads while it is iterated, so that a log of any length costs no memory; ends at its
        present end.
        """
        ...

    def file_entries(
        self, service: str, path: str, *, content: bool = False
    ) -> Mapping[str, FileEntry | None]:
        """Return what is at an absolute path, by running replica; `None` where there is nothing.

        No program of the service is used, so that images without a shell can be read too.

        Raises:
            StackError: no replica runs, or the engine does not show this place.
        """
        ...

    def secrets(self, service: str) -> Mapping[str, str]:
        """Return values handed to a service that nobody may read, by the name they have there.

        A value that the gate cannot know is empty.
        """
        ...

    def disruption(self) -> "Disruption":
        """Return what operates the replicas, for checks of the class *disrupt*; one per stack."""
        ...

    def disturbance(self) -> str:
        """Return what befell the platform under the target since it started; empty: nothing.

        Asked after a check failed: what the platform did is not the pull request's fault.
        """
        ...

    def tear_down(self, timeout: float) -> Leftovers:
        """Remove everything of this project, idempotently; return what could not be removed."""
        ...
