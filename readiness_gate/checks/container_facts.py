"""What a container's description says, in plain values.

Limits and ports are told as the project declares them: the gate itself takes host ports away, and
may bound what the project left open.
"""

from collections.abc import Mapping
from typing import Any

from readiness_gate.stack.facts import Inspected

_DEFAULT = """
AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID
SETPCAP SETUID SYS_CHROOT
"""
DEFAULT_CAPABILITIES = frozenset(_DEFAULT.split())
"""What Docker gives a container that asks for nothing (moby's `DefaultCapabilities`)."""
_MORE = """
AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND BPF CHECKPOINT_RESTORE DAC_READ_SEARCH IPC_LOCK IPC_OWNER
LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE NET_ADMIN NET_BROADCAST PERFMON SYS_ADMIN SYS_BOOT
SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG
WAKE_ALARM
"""
EVERY_CAPABILITY = DEFAULT_CAPABILITIES | frozenset(_MORE.split())
"""All that Linux knows (capabilities(7)); a privileged container has them."""


def starts_as_root(user: str) -> bool:
    """Return whether a configured user (`app`, `1000:1000`, empty) is root."""
    name = user.partition(":")[0].strip()
    return name == "root" or not name.strip("0")


def capabilities(one: Inspected) -> list[str]:
    """Return the capabilities of the container, sorted, without `CAP_`."""
    host = one.engine.get("HostConfig") or {}
    if host.get("Privileged"):
        return sorted(EVERY_CAPABILITY)
    added = {_bare(name) for name in host.get("CapAdd") or ()}
    dropped = {_bare(name) for name in host.get("CapDrop") or ()}
    if "ALL" in added:
        return sorted(EVERY_CAPABILITY - dropped)
    given = frozenset() if "ALL" in dropped else DEFAULT_CAPABILITIES - dropped
    return sorted(given | added)


def new_privileges(one: Inspected) -> bool:
    """Return whether programs may gain privileges."""
    options = (one.engine.get("HostConfig") or {}).get("SecurityOpt") or ()
    plain = {str(option).replace("=", ":") for option in options}
    return not plain & {"no-new-privileges", "no-new-privileges:true"}


def memory(one: Inspected) -> int | None:
    """Return the declared limit of memory in bytes."""
    if not _limits(one).get("memory") and not one.declared.get("mem_limit"):
        return None
    return int((one.engine.get("HostConfig") or {}).get("Memory") or 0) or None


def cpus(one: Inspected) -> float | None:
    """Return the declared limit of processors."""
    names = ("cpus", "cpu_quota", "cpu_count")
    if not _limits(one).get("cpus") and not any(one.declared.get(name) for name in names):
        return None
    host = one.engine.get("HostConfig") or {}
    if host.get("NanoCpus"):
        return int(host["NanoCpus"]) / 1e9
    quota, period = int(host.get("CpuQuota") or 0), int(host.get("CpuPeriod") or 0) or 100_000
    return quota / period if quota > 0 else None


def pids(one: Inspected) -> int | None:
    """Return the declared limit of processes."""
    if not _limits(one).get("pids") and not one.declared.get("pids_limit"):
        return None
    limit = int((one.engine.get("HostConfig") or {}).get("PidsLimit") or 0)
    return limit if limit > 0 else None


def restart(one: Inspected) -> str:
    """Return the restart policy, `no` where there is none."""
    policy = (one.engine.get("HostConfig") or {}).get("RestartPolicy") or {}
    return str(policy.get("Name") or "no")


def has_health_check(one: Inspected) -> bool:
    """Return whether there is a health check, the image's or the service's own."""
    check = (one.engine.get("Config") or {}).get("Healthcheck") or {}
    test: list[str] = list(check.get("Test") or ())
    return bool(test) and test[0] != "NONE"


def mounts(one: Inspected) -> dict[str, str]:
    """Return what is mounted by path: `volume`, `anonymous volume`, `bind (ro)`, `tmpfs`."""
    found = {
        str(mount.get("Destination")): _kind(mount, one) for mount in one.engine.get("Mounts") or ()
    }
    tmpfs: Mapping[str, str] = (one.engine.get("HostConfig") or {}).get("Tmpfs") or {}
    for path, options in tmpfs.items():
        found.setdefault(path, "tmpfs (ro)" if "ro" in options.split(",") else "tmpfs")
    return dict(sorted(found.items()))


def bind_sources(one: Inspected) -> list[str]:
    """Return the folders of the host that are mounted."""
    entries = one.engine.get("Mounts") or ()
    return sorted(str(mount.get("Source")) for mount in entries if mount.get("Type") == "bind")


def published(one: Inspected) -> list[str]:
    """Return the ports that the project publishes, such as `127.0.0.1:8080:8000/tcp`."""
    return sorted(_published(port) for port in one.declared.get("ports") or ())


def exposed(one: Inspected) -> list[str]:
    """Return the exposed ports, such as `8000/tcp`."""
    return sorted((one.engine.get("Config") or {}).get("ExposedPorts") or {})


def _published(port: Any) -> str:
    if not isinstance(port, Mapping):
        return str(port)
    parts = [port.get("host_ip"), port.get("published"), port.get("target")]
    return f"{':'.join(str(one) for one in parts if one)}/{port.get('protocol') or 'tcp'}"


def _kind(mount: Mapping[str, Any], one: Inspected) -> str:
    kind = str(mount.get("Type") or "")
    if kind == "volume" and not _is_named(str(mount.get("Destination")), one):
        kind = "anonymous volume"
    return kind if mount.get("RW", True) else f"{kind} (ro)"


def _is_named(path: str, one: Inspected) -> bool:
    """Return whether the project gave the volume at a path a name, so that it outlives it."""
    return any(
        isinstance(volume, Mapping) and volume.get("target") == path and volume.get("source")
        for volume in one.declared.get("volumes") or ()
    )


def _limits(one: Inspected) -> Mapping[str, Any]:
    resources = (one.declared.get("deploy") or {}).get("resources") or {}
    limits: Mapping[str, Any] = resources.get("limits") or {}
    return limits


def _bare(name: object) -> str:
    return str(name).upper().removeprefix("CAP_")
