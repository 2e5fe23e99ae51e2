"""What the compose driver asks of a container engine, and the labels it finds things by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from tarfile import TarInfo
from typing import Any, Protocol

from readiness_gate.errors import StackError
from readiness_gate.stack.log_frames import Line

DEFAULT_HOST = "unix:///var/run/docker.sock"
COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_ONE_OFF = "com.docker.compose.oneoff"
COMPOSE_NUMBER = "com.docker.compose.container-number"
LOG_CAP = 256 * 1024
LINE_CAP = 5_000
FILE_CAP = 64 * 1024 * 1024

Inspection = Mapping[str, Any]
"""An answer of the Engine API, as JSON."""


class NotThere(StackError):  # noqa: N818
    """The engine knows no such container, image, network or file."""


@dataclass(frozen=True)
class ArchiveEntry:
    """The first entry of the archive of a path."""

    member: TarInfo
    target: str = ""
    """Where a link leads within the container, as the engine resolved it."""
    content: bytes | None = None


class Engine(Protocol):
    """What the gate asks of a container engine."""

    def version(self) -> str:
        """Return the engine's version."""
        ...

    def about(self) -> Inspection:
        """Return the engine's answer to `GET /version` (`Version`, `ApiVersion`, `Os`)."""
        ...

    def machine(self) -> Inspection:
        """Return the engine's answer to `GET /info` (`MemTotal`, `NCPU`, `DockerRootDir`)."""
        ...

    def containers(self, labels: Sequence[str]) -> list[Inspection]:
        """Return short descriptions (`Id`, `Names`, `Labels`, `State`) of all that match."""
        ...

    def container(self, name: str) -> Inspection:
        """Return the inspection of a container."""
        ...

    def start(self, container: str) -> None:
        """Start a created container."""
        ...

    def signal(self, container: str, name: str) -> None:
        """Send a signal to the first process of a container; one that has ended is fine."""
        ...

    def pause(self, container: str) -> None:
        """Freeze all processes of a container; frozen already is fine."""
        ...

    def unpause(self, container: str) -> None:
        """Let a frozen container go on; going on already is fine."""
        ...

    def processes(self, container: str) -> list[str]:
        """Return the command lines of a running container's processes."""
        ...

    def reconnect(
        self, network: str, container: str, *, aliases: Sequence[str], address: str = ""
    ) -> None:
        """Attach a container to a network under names, and at a fixed address where one is given.

        Attached already is fine.
        """
        ...

    def put(self, container: str, folder: str, archive: bytes) -> None:
        """Unpack a tar archive into a folder of a container."""
        ...

    def remove_container(self, container: str) -> None:
        """Kill and remove a container with its anonymous volumes; one that is gone is fine."""
        ...

    def networks(self, labels: Sequence[str]) -> list[Inspection]:
        """Return the networks that carry the labels."""
        ...

    def network(self, name: str) -> Inspection:
        """Return the inspection of a network with its attached containers."""
        ...

    def connect(self, network: str, container: str, aliases: Sequence[str] = ()) -> None:
        """Attach a container to a network; attached already is fine."""
        ...

    def disconnect(self, network: str, container: str) -> None:
        """Detach a container from a network; detached already is fine."""
        ...

    def remove_network(self, network: str) -> None:
        """Remove a network; one that is gone is fine."""
        ...

    def volumes(self, labels: Sequence[str]) -> list[str]:
        """Return the names of the volumes that carry the labels."""
        ...

    def labelled_volumes(self, labels: Sequence[str]) -> list[Inspection]:
        """Return the volumes that carry the labels (`Name`, `Labels`)."""
        ...

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Create an empty volume; one that is there already is fine."""
        ...

    def remove_volume(self, name: str) -> None:
        """Remove a volume; one that is gone is fine."""
        ...

    def image(self, name: str) -> Inspection:
        """Return the inspection of an image."""
        ...

    def images(self, labels: Sequence[str]) -> list[Inspection]:
        """Return short descriptions (`Id`, `RepoTags`) of images that carry the labels."""
        ...

    def remove_image(self, name: str) -> None:
        """Remove a tag or an image; one that is gone is fine."""
        ...

    def logs(self, container: str, lines: int) -> str:
        """Return the last lines of both streams, at most `LINE_CAP` and `LOG_CAP` bytes."""
        ...

    def follow(
        self, labels: Sequence[str], since: float, hear: Callable[[Inspection | None], bool]
    ) -> None:
        """Hand every event of containers since a Unix time to `hear`, first `None`: connected.

        Returns when `hear` answers `False`, `stop_following` was called or the stream ended.
        """
        ...

    def stop_following(self) -> None:
        """End `follow` in another thread."""
        ...

    def file(self, container: str, path: str) -> bytes:
        """Return one regular file out of a container."""
        ...

    def log_lines(
        self, container: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[Line]:
        """Yield the lines of both streams up to their present end, read as they are asked for."""
        ...

    def statistics(self, container: str) -> Inspection:
        """Return the engine's statistics of this moment (`memory_stats`, `cpu_stats`)."""
        ...

    def entry(self, container: str, path: str, *, content_cap: int) -> ArchiveEntry:
        """Return what is at a path, a file with its content where it is not over the cap."""
        ...

    def layers(self, image: str) -> Sequence[int]:
        """Return the bytes of each layer of an image, unpacked."""
        ...

    def close(self) -> None:
        """Close the connections; the next question opens new ones."""
        ...
