"""URLs of items name services (`http://backend:8000`); these are where the gate finds them."""

from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from readiness_gate.stack.base import Address


class Addressed(Protocol):
    """What knows services and where their ports are reached; a `Stack` does."""

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services."""
        ...

    def address(self, service: str, port: int) -> Address:
        """Return where the port of a service is reached."""
        ...


def reachable(stack: Addressed, url: str) -> str:
    """Return `url` with the name of a service replaced by where the gate reaches it.

    A host that is no service of the stack stays as it is. The port defaults to the scheme's.

    Raises:
        StackError: the service does not run, or its port cannot be reached from here.
    """
    parts = urlsplit(url)
    if parts.hostname is None or parts.hostname not in {s.lower() for s in stack.services}:
        return url
    service = next(s for s in stack.services if s.lower() == parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = stack.address(service, port)
    host = f"[{address.host}]" if ":" in address.host else address.host
    user = parts.netloc.rpartition("@")[0]
    netloc = f"{user}@{host}:{address.port}" if user else f"{host}:{address.port}"
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))
