"""Limits for services that declare none, so that one of them cannot take the machine (S-04).

They are ours, not the project's: what a container is inspected for shows without them.
"""

from collections.abc import Mapping
from typing import Any

from readiness_gate.stack.compose.base import Inspection

LIMITS_LABEL = "readiness-gate.limits"
PROCESSES = 4096
SHARE = 0.75
"""Of the engine's memory."""
_LEAST = 256 * 1024 * 1024


def memory_for(machine: Mapping[str, Any]) -> int:
    """Return the bytes that a service may have, out of the engine's `info`; 0: no limit."""
    total = int(machine.get("MemTotal") or 0)
    return max(_LEAST, int(total * SHARE)) if total else 0


def limit(body: dict[str, Any], *, memory: int) -> None:
    """Write limits into a service that declares none, and name them in a label."""
    resources = (body.get("deploy") or {}).get("resources") or {}
    limits, reserved = resources.get("limits") or {}, resources.get("reservations") or {}
    ours = []
    # A number below zero is "as many as there are".
    if not any(int(number or 0) > 0 for number in (body.get("pids_limit"), limits.get("pids"))):
        body["pids_limit"] = PROCESSES
        ours.append("pids")
    declared = (body.get(key) for key in ("mem_limit", "mem_reservation", "memswap_limit"))
    if memory and not (any(declared) or limits.get("memory") or reserved.get("memory")):
        body["mem_limit"] = str(memory)
        ours.append("memory")
    labels = {key: value for key, value in body.get("labels", {}).items() if key != LIMITS_LABEL}
    body["labels"] = {**labels, **({LIMITS_LABEL: " ".join(ours)} if ours else {})}


def as_declared(inspection: Inspection) -> Inspection:
    """Return the inspection of a container without the limits that the gate set."""
    labels = (inspection.get("Config") or {}).get("Labels") or {}
    ours = str(labels.get(LIMITS_LABEL, "")).split()
    if not ours:
        return inspection
    host = dict(inspection.get("HostConfig") or {})
    if "pids" in ours:
        host["PidsLimit"] = None
    if "memory" in ours:
        host |= {"Memory": 0, "MemorySwap": 0}
    return {**inspection, "HostConfig": host}
