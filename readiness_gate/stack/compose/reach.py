"""How the gate gets at a service's port from where it runs (notes on stacks 2.3).

In a container with a network of its own: join the project's networks, then service names work.
On the engine's machine itself, or in a container that shares its network: container addresses.
Anywhere else (a virtual machine around the engine, a remote one): ports published at random, on
loopback where the engine's machine is this one.
"""

import ipaddress
import socket
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from readiness_gate.errors import StackError
from readiness_gate.stack.base import SINK_HOST, Address, NotSupported
from readiness_gate.stack.compose.base import COMPOSE_PROJECT, Engine
from readiness_gate.stack.compose.own_container import OwnContainer


class Reach(StrEnum):
    """The three ways to a service."""

    JOINED = "joined"
    DIRECT = "direct"
    PUBLISHED = "published"


def find_reach(engine: Engine, own: OwnContainer | None, host: str) -> Reach:
    """Return the way that works from here; asks for nothing to be running yet."""
    if own is not None and not own.uses_host_network:
        return Reach.JOINED
    if not host.startswith("unix://"):
        return Reach.PUBLISHED
    return Reach.DIRECT if is_of_this_machine(bridge_gateway(engine)) else Reach.PUBLISHED


def join_networks(engine: Engine, own: OwnContainer, project: str) -> tuple[str, ...]:
    """Attach the gate's container to every network of the project; return their ids."""
    networks = tuple(str(n["Id"]) for n in engine.networks([f"{COMPOSE_PROJECT}={project}"]))
    for network in networks:
        engine.connect(network, own.id, (SINK_HOST,))
    return networks


def leave_networks(engine: Engine, own: OwnContainer, project: str) -> None:
    """Detach the gate's container again, or the networks could not be removed."""
    for network in engine.networks([f"{COMPOSE_PROJECT}={project}"]):
        engine.disconnect(str(network["Id"]), own.id)


def container_address(inspection: Mapping[str, Any], service: str, port: int) -> Address:
    """Return the address of a container in one of its networks.

    Raises:
        StackError: it has none, because it does not run or has no network.
    """
    settings = inspection.get("NetworkSettings") or {}
    networks = settings.get("Networks") or {}
    for name in sorted(networks):
        address = str((networks[name] or {}).get("IPAddress") or "")
        if address:
            return Address(address, port)
    raise StackError(f"service {service} has no network address: is it running?")


def published_address(
    inspection: Mapping[str, Any], service: str, port: int, machine: str
) -> Address:
    """Return where a port of a container is published.

    Raises:
        NotSupported: the port is not published, and nothing else reaches it from here.
    """
    ports = (inspection.get("NetworkSettings") or {}).get("Ports") or {}
    for binding in ports.get(f"{port}/tcp") or ():
        if binding.get("HostPort"):
            return Address(machine, int(binding["HostPort"]))
    raise NotSupported(
        f"port {port} of service {service} cannot be reached from this machine",
        advice=f"List {port} under ports or expose of the service.",
    )


def bridge_gateway(engine: Engine) -> str:
    """Return the engine's machine in its usual network, empty where there is none."""
    try:
        settings = engine.network("bridge").get("IPAM") or {}
    except StackError:
        return ""
    for pool in settings.get("Config") or ():
        if pool.get("Gateway"):
            return str(pool["Gateway"])
        if pool.get("Subnet"):
            # Engine 20.10 leaves the gateway out; it is the first address.
            return str(next(ipaddress.ip_network(str(pool["Subnet"])).hosts(), ""))
    return ""


def is_of_this_machine(address: str) -> bool:
    """Return whether an address belongs to this machine; asks the kernel, sends nothing."""
    if not address:
        return False
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
