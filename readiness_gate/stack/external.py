"""The external driver: a system that somebody else runs; the gate knows its address and looks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn
from urllib.parse import urlsplit

from readiness_gate.doors.programs import Completed
from readiness_gate.stack.base import (
    Address,
    BuiltImage,
    Leftovers,
    NotSupported,
    Published,
    ServiceHealth,
    WayBack,
)
from readiness_gate.stack.disruption import Disruption
from readiness_gate.stack.facts import FileEntry, Inspected, LogLine, Platform, Usage


class ExternalStack:
    """Implements `Stack` with refusals: nothing is built, started, entered or removed."""

    def __init__(
        self, *, project: str, base_url: str, endpoints: Mapping[str, str] | None = None
    ) -> None:
        """Remember the addresses; `endpoints` are base URLs by the name of the service."""
        self._project = project
        self.base_url = base_url
        self._endpoints = dict(endpoints or {})

    @property
    def project(self) -> str:
        """Return the project's name; nothing carries it."""
        return self._project

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services that have an endpoint; no other is known by name."""
        return tuple(self._endpoints)

    def prepare(self) -> None:
        """Do nothing."""

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:  # noqa: ARG002
        """Refuse."""
        _refuse("images")

    def start(self, services: Sequence[str] | None, timeout: float) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse("anything to start")

    def wait(
        self,
        services: Sequence[str] | None,  # noqa: ARG002
        timeout: float,  # noqa: ARG002
        settle: float,  # noqa: ARG002
    ) -> tuple[ServiceHealth, ...]:
        """Refuse."""
        _refuse("services to wait for")

    def one_off(
        self,
        service: str,  # noqa: ARG002
        command: Sequence[str],  # noqa: ARG002
        *,
        timeout: float,  # noqa: ARG002
        environment: Mapping[str, str] | None = None,  # noqa: ARG002
        stdin: bytes = b"",  # noqa: ARG002
        directory: str | None = None,  # noqa: ARG002
        image: str | None = None,  # noqa: ARG002
    ) -> Completed:
        """Refuse."""
        _refuse("commands")

    def execute(
        self,
        service: str,  # noqa: ARG002
        command: Sequence[str],  # noqa: ARG002
        *,
        timeout: float,  # noqa: ARG002
        environment: Mapping[str, str] | None = None,  # noqa: ARG002
        stdin: bytes = b"",  # noqa: ARG002
        directory: str | None = None,  # noqa: ARG002
    ) -> Completed:
        """Refuse."""
        _refuse("commands")

    def address(self, service: str, port: int) -> Address:  # noqa: ARG002
        """Return where the endpoint of a service is, whatever port it had at home; else refuse."""
        if service not in self._endpoints:
            _refuse("services by name")
        parts = urlsplit(self._endpoints[service])
        default = 443 if parts.scheme == "https" else 80
        return Address(parts.hostname or "", parts.port or default)

    def ports(self, service: str) -> tuple[int, ...]:  # noqa: ARG002
        """Return none."""
        return ()

    def host(self, service: str) -> str:
        """Return the name as it is."""
        return service

    def way_back(self) -> WayBack:
        """Refuse: somebody else's system sends nothing to the gate."""
        _refuse("way back to the gate")

    def published(self) -> tuple[Published, ...]:
        """Return none."""
        return ()

    def environment(self, service: str) -> Mapping[str, str]:  # noqa: ARG002
        """Refuse."""
        _refuse("variables")

    def image(self, service: str) -> str:  # noqa: ARG002
        """Refuse."""
        _refuse("images")

    def build_base(self, service: str, tree: str, timeout: float) -> str:  # noqa: ARG002
        """Refuse."""
        _refuse("images")

    def copy_out(self, service: str, path: str) -> bytes:  # noqa: ARG002
        """Refuse."""
        _refuse("files")

    def logs(self, service: str, lines: int = 200) -> str:  # noqa: ARG002
        """Refuse."""
        _refuse("logs")

    def platform(self) -> Platform:
        """Refuse."""
        _refuse("machine of its own to look at")

    def inspect(self, service: str) -> tuple[Inspected, ...]:  # noqa: ARG002
        """Refuse."""
        _refuse("containers")

    def usage(self, service: str) -> tuple[Usage, ...]:  # noqa: ARG002
        """Refuse."""
        _refuse("statistics")

    def log_lines(
        self,
        service: str,  # noqa: ARG002
        *,
        since: float | None = None,  # noqa: ARG002
        until: float | None = None,  # noqa: ARG002
    ) -> Iterator[LogLine]:
        """Refuse."""
        _refuse("logs")

    def file_entries(
        self,
        service: str,  # noqa: ARG002
        path: str,  # noqa: ARG002
        *,
        content: bool = False,  # noqa: ARG002
    ) -> Mapping[str, FileEntry | None]:
        """Refuse."""
        _refuse("files")

    def secrets(self, service: str) -> Mapping[str, str]:  # noqa: ARG002
        """Refuse."""
        _refuse("variables")

    def disruption(self) -> Disruption:
        """Refuse: somebody else's system is only read."""
        _refuse("services to disturb")

    def disturbance(self) -> str:
        """Return nothing: there is no platform between the gate and the target."""
        return ""

    def tear_down(self, timeout: float) -> Leftovers:  # noqa: ARG002
        """Remove nothing: nothing is ours."""
        return Leftovers()


def _refuse(what: str) -> NoReturn:
    raise NotSupported(f"the external driver has no {what}: it only looks at base-url")
