"""The gate's name inside the services' containers, where the gate is not a container itself."""

from typing import Any

from readiness_gate.stack.base import SINK_HOST

_ENTRY = f"{SINK_HOST}=host-gateway"


def know_the_machine(body: dict[str, Any]) -> None:
    """Let a service of the model find the gate on the engine's machine.

    A service that shares somebody else's network shares its names, too.
    """
    if body.get("network_mode"):
        return
    given = body.get("extra_hosts") or []
    if isinstance(given, dict):
        given = [f"{name}={address}" for name, address in given.items()]
    body["extra_hosts"] = [*given, _ENTRY]
