"""Where connections of checks go that speak no HTTP: to the declared target alone (S-22)."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.target import is_own
from readiness_gate.doors.sockets import Unreachable
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed
from readiness_gate.model.written import Written


def _address(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"tcp://{text}")
    if not text.isascii() or not text.isprintable() or parts.scheme != "tcp":
        raise ValueError(f"{text[:60]!r} is no address such as tcp://db:5432")
    if parts.hostname is None or not parts.port or parts.path or parts.query or "@" in text:
        raise ValueError(f"{text[:60]!r} is no address such as tcp://db:5432")
    return f"tcp://{parts.netloc}"


TcpAddress = Annotated[
    str,
    Written(after=_address, schema={"type": "string", "examples": ["tcp://db:5432"]}),
]


@dataclass(frozen=True)
class Port:
    """One port of the target."""

    name: str
    """Host and port as people know them: `db:5432`."""
    host: str
    """As the gate reaches it."""
    port: int


def named(address: str) -> tuple[str, int]:
    """Return host and port of an address."""
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or 0


def port_of(context: CheckContext, host: str, port: int) -> Port:
    """Return where a port of a service, or of the host of `stack.base-url`, is reached.

    Raises:
        ConfigurationError: the host is not part of the target.
        StackError: the service does not run, or its port cannot be reached from here.
    """
    service = service_named(context, host)
    name = f"{host}:{port}"
    if service is not None and context.stack is not None:
        reached = context.stack.address(service, port)
        return Port(name, reached.host, reached.port)
    base = context.base_url
    if base is None or urlsplit(base).hostname != host:
        raise ConfigurationError(
            f"{host} is no service of the stack, nor the host of stack.base-url",
            advice="Connections leave only to the declared target.",
        )
    return Port(name, host, port)


def service_named(context: CheckContext, host: str) -> str | None:
    """Return the service of a name, whatever its case."""
    services = context.stack.services if context.stack is not None else ()
    return next((one for one in services if one.lower() == host.lower()), None)


def silent(context: CheckContext, what: str, error: Unreachable) -> CheckResult:
    """Return what silence means: failed of an own target, else unknown."""
    if is_own(context):
        return failed(f"{what}: {error}")
    return cannot_tell(ErrorClass.INFRASTRUCTURE, f"{what}: {error}")
