"""What the compose driver asks of a container engine, and the labels it finds things by."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from readiness_gate.errors import StackError

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


class Engine(Protocol):
    """What the gate asks of a container engine."""

    def version(self) -> str:
        """Return the engine's version."""
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

    def remove_container(self, container: str) -> None:
        """Kill and remove a container with its anonymous volumes; one that is gone is fine."""
        ...

    def networks(self, labels: Sequence[str]) -> list[Inspection]:
        """Return the networks that carry the labels."""
        ...

    def network(self, name: str) -> Inspection:
        """Return the inspection of a network with its attached containers."""
        ...

    def connect(self, network: str, container: str) -> None:
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

    def events(self, labels: Sequence[str], since: float, until: float) -> list[Inspection]:
        """Return the past `die` and `oom` events of containers between two Unix times."""
        ...

    def file(self, container: str, path: str) -> bytes:
        """Return one regular file out of a container."""
        ...

    def close(self) -> None:
        """Close the connections; the next question opens new ones."""
        ...
