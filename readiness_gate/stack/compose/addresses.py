"""Where the services of a project are reached, and how their declared readiness is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from readiness_gate.doors.programs import Completed
from readiness_gate.doors.web import Web
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, NotSupported
from readiness_gate.stack.compose.commands import Commands
from readiness_gate.stack.compose.model import Service
from readiness_gate.stack.compose.place import machine_of
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import Reach, container_address, published_address
from readiness_gate.stack.ready import Readiness, ReadyProbe, Ways
from readiness_gate.stack.replica import Replica
from readiness_gate.stack.urls import Addressed, reachable

_READY_LINES = 2000


def ports_of(project: ComposeProject, service: str) -> tuple[int, ...]:
    """Return the known ports of a service: its own, or else those that its image exposes."""
    declared = project.service(service).ports
    if declared:
        return declared
    image = project.engine.image(project.prepared().isolated.images[service])
    exposed = (image.get("Config") or {}).get("ExposedPorts") or {}
    ports = (str(entry).partition("/") for entry in exposed)
    return tuple(sorted(int(port) for port, _, kind in ports if kind in {"", "tcp"}))


def address(project: ComposeProject, service: str, port: int) -> Address:
    """Return the service's name, container address or published port, as `reach` says.

    Raises:
        NotSupported: nothing reaches the port from here.
    """
    mode = str(project.service(service).body.get("network_mode") or "")
    if mode.startswith("service:"):
        return address(project, mode.removeprefix("service:"), port)
    if mode:
        raise NotSupported(f"service {service} has network_mode {mode}, which is not reached")
    if project.prepared().reach is Reach.JOINED:
        return Address(service, port)
    return address_of(project, project.running(service), service, port)


def address_of(project: ComposeProject, container: str, service: str, port: int) -> Address:
    """Return where the port of one container is reached; for one of several replicas."""
    inspection = project.engine.container(container)
    if project.prepared().reach is Reach.PUBLISHED:
        return published_address(inspection, service, port, machine_of(project.host))
    return container_address(inspection, service, port)


@dataclass(frozen=True)
class _OneReplica:
    """The services of a project, of which one is only this container."""

    project: ComposeProject
    replica: Replica

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(self.project.prepared().model.services)

    def address(self, service: str, port: int) -> Address:
        own = self.replica.service
        if service != own or self.project.service(own).body.get("network_mode"):
            return address(self.project, service, port)
        return address_of(self.project, self.replica.id, service, port)


def ready_probe(
    stack: Addressed, project: ComposeProject, web: Web, service: str, readiness: Readiness
) -> ReadyProbe:
    """Return what asks the declared readiness of a service, replica by replica."""

    def ways(replica: Replica, of: int) -> Ways:
        # Alone it is asked under its name, which servers may insist on.
        reached = _OneReplica(project, replica) if of > 1 else stack

        def url(target: str) -> str:
            if "://" in target:
                return reachable(reached, target)
            base = base_of(project.service(service), project.settings.base_url)
            return reachable(reached, f"{base.rstrip('/')}/{target.lstrip('/')}")

        def run(command: Sequence[str], seconds: float) -> Completed:
            return Commands(
                project.engine,
                project.command_line,
                project.name,
                project.prepared().source.directory,
            ).execute(
                replica.id,
                service,
                command,
                timeout=seconds,
                environment={},
                stdin=b"",
                directory=None,
            )

        return Ways(
            url=url,
            address=lambda port: reached.address(service, port),
            log=lambda: project.engine.logs(replica.id, _READY_LINES),
            run=run,
        )

    return ReadyProbe(readiness, web=web, clock=project.clock, ways=ways)


def base_of(service: Service, configured: str | None) -> str:
    """Return where the path of a service's readiness starts: `base-url`, or its own first port.

    Raises:
        StackError: the service's port is not known.
    """
    if configured and urlsplit(configured).hostname == service.name:
        return configured
    if service.ports:
        return f"http://{service.name}:{service.ports[0]}"
    raise StackError(
        f"stack.services.{service.name}.ready.http: the port of the service is not known",
        advice=f"Write a whole URL, such as http://{service.name}:8000/health.",
    )
