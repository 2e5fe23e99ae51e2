"""Where the services of a project are reached, and how their declared readiness is asked."""

from urllib.parse import urlsplit

from readiness_gate.doors.web import Web
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, NotSupported, Stack
from readiness_gate.stack.compose.model import Service
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import Reach, container_address, published_address
from readiness_gate.stack.ready import Readiness, ReadyProbe
from readiness_gate.stack.urls import reachable

_READY_LINES = 2000


def address(project: ComposeProject, service: str, port: int) -> Address:
    """Return the service's name, container address or published port, as `reach` says.

    Raises:
        NotSupported: nothing reaches the port from here.
    """
    prepared = project.prepared()
    mode = str(project.service(service).body.get("network_mode") or "")
    if mode.startswith("service:"):
        return address(project, mode.removeprefix("service:"), port)
    if mode:
        raise NotSupported(f"service {service} has network_mode {mode}, which is not reached")
    if prepared.reach is Reach.JOINED:
        return Address(service, port)
    inspection = project.engine.container(project.running(service))
    if prepared.reach is Reach.DIRECT:
        return container_address(inspection, service, port)
    return published_address(inspection, service, port, project.host)


def ready_probe(
    stack: Stack, project: ComposeProject, web: Web, service: str, readiness: Readiness
) -> ReadyProbe:
    """Return what asks the declared readiness of a service."""

    def url(target: str) -> str:
        if "://" in target:
            return reachable(stack, target)
        base = base_of(project.service(service), project.settings.base_url)
        return reachable(stack, f"{base.rstrip('/')}/{target.lstrip('/')}")

    return ReadyProbe(
        readiness,
        web=web,
        clock=project.clock,
        url=url,
        address=lambda port: stack.address(service, port),
        log=lambda: project.watch.logs(service, _READY_LINES),
    )


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
