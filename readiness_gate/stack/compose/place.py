"""Where the container engine is: its address, its certificates, and whether that is elsewhere."""

import hashlib
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.reach import is_of_this_machine

LOOPBACK = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - of a machine that is reached over a network


@dataclass(frozen=True)
class EnginePlace:
    """What `DOCKER_HOST`, the chosen context or nothing at all say."""

    host: str = ""
    """Empty: the usual socket."""
    certificates: Path | None = None
    """Folder with `ca.pem`, `cert.pem` and `key.pem`, where the engine asks for them."""


def find_place(variables: Mapping[str, str], home: Path) -> EnginePlace:
    """Return the engine that the docker command would use: `DOCKER_HOST` before contexts."""
    host = variables.get("DOCKER_HOST", "").strip()
    certificates = None
    if host and variables.get("DOCKER_TLS_VERIFY"):
        certificates = Path(variables.get("DOCKER_CERT_PATH") or home / ".docker")
    if host:
        return EnginePlace(host, certificates)
    folder = home / ".docker"
    name = variables.get("DOCKER_CONTEXT") or _read(folder / "config.json").get("currentContext")
    return EnginePlace(_of_context(folder, str(name)) if name else "")


def require_spoken(host: str) -> None:
    """Refuse an address that only the docker command itself could reach.

    Raises:
        StackError: the engine is behind SSH.
    """
    if host.startswith("ssh://"):
        raise StackError(
            f"an engine behind SSH ({host}) is not reached",
            advice="Forward its socket with ssh -L, and set DOCKER_HOST=unix:///… to it.",
            infrastructure=True,
        )


def machine_of(host: str) -> str:
    """Return the name under which published ports of the engine's machine are reached."""
    name = urlsplit(host).hostname if "://" in host and not host.startswith("unix://") else None
    if name is None:
        return LOOPBACK
    try:
        address = socket.getaddrinfo(name, None)[0][4][0]
    except OSError:
        return name
    return LOOPBACK if is_of_this_machine(str(address)) else name


def publishing_address(host: str) -> str:
    """Return the address of the engine's machine to publish at: loopback, or where we reach it."""
    return LOOPBACK if machine_of(host) == LOOPBACK else _EVERYWHERE


def require_no_mounts(data: Mapping[str, object], host: str) -> None:
    """Refuse what another machine's engine would look for on its own disk.

    Raises:
        StackError: a service mounts a file or folder of the checkout.
    """
    services = data.get("services")
    for name, body in (services if isinstance(services, Mapping) else {}).items():
        for number, mount in enumerate(body.get("volumes") or ()):
            if mount.get("type") == "bind":
                raise _elsewhere(f"services.{name}.volumes[{number}]", host)
    for kind in ("secrets", "configs"):
        declared = data.get(kind)
        for name, body in (declared if isinstance(declared, Mapping) else {}).items():
            if body.get("file"):
                raise _elsewhere(f"{kind}.{name}.file", host)


def _elsewhere(where: str, host: str) -> StackError:
    return StackError(
        f"{where}: the engine at {host} is another machine and has no checkout to mount",
        advice="Run the gate where the engine is, or build the files into the image.",
        infrastructure=True,
    )


def _of_context(folder: Path, name: str) -> str:
    if name == "default":
        return ""
    digest = hashlib.sha256(name.encode()).hexdigest()
    endpoints = _read(folder / "contexts/meta" / digest / "meta.json").get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = docker.get("Host") if isinstance(docker, dict) else None
    return str(host or "")


def _read(path: Path) -> dict[str, object]:
    try:
        parsed = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
