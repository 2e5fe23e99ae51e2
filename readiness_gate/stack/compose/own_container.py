"""Am I in a container, and which mounts and networks do I have? Asked of the engine, not guessed.

GitHub's runner starts the action on the default bridge with the workspace mounted at
`/github/workspace`; act lets it share the network of the job's container (notes on stacks 2.1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import Engine, NotThere

_MOUNTINFO = Path("/proc/self/mountinfo")
_CONTAINER = re.compile(r"/containers/([0-9a-f]{64})/")
# The engine mounts these out of its own folder of the container, whose name is the id.
_MARKS = frozenset({"/etc/hostname", "/etc/hosts", "/etc/resolv.conf"})


@dataclass(frozen=True)
class OwnContainer:
    """The container that this process runs in, or whose network it shares."""

    id: str
    mounts: tuple[Mapping[str, Any], ...]
    network_mode: str
    networks: tuple[str, ...]

    @property
    def uses_host_network(self) -> bool:
        """Whether it has the network of the machine and can join no other."""
        return self.network_mode == "host"


def container_id(mountinfo: str) -> str | None:
    """Return the id out of `/proc/self/mountinfo`, `None` outside a container.

    On the host the same folders are mount *points*; only a mount of one file onto `/etc/hostname`
    and its like tells a container.
    """
    for line in mountinfo.splitlines():
        fields = line.split()
        if len(fields) > 4 and fields[4] in _MARKS and (match := _CONTAINER.search(fields[3])):
            return match[1]
    return None


def find_own_container(engine: Engine, mountinfo: Path = _MOUNTINFO) -> OwnContainer | None:
    """Return this process's container, `None` where it runs on the host or on another engine."""
    try:
        found = container_id(mountinfo.read_text())
    except OSError:
        return None
    if found is None:
        return None
    try:
        inspection = engine.container(found)
        mode = str(inspection["HostConfig"].get("NetworkMode", ""))
        if mode.startswith("container:"):
            owner = engine.container(mode.removeprefix("container:"))
            inspection = {**owner, "Mounts": inspection["Mounts"]}
            mode = str(owner["HostConfig"].get("NetworkMode", ""))
    except NotThere:
        return None
    networks = (inspection.get("NetworkSettings") or {}).get("Networks") or {}
    return OwnContainer(
        id=str(inspection["Id"]),
        mounts=tuple(inspection.get("Mounts") or ()),
        network_mode=mode,
        networks=tuple(sorted(networks)),
    )


def host_path(own: OwnContainer, path: Path) -> Path:
    """Return the path under which the engine's machine knows `path` of this container.

    Raises:
        StackError: the path is in a named volume, or in nothing that is mounted.
    """
    here = PurePosixPath(path)
    covering = [m for m in own.mounts if here.is_relative_to(str(m.get("Destination", "")))]
    if not covering:
        raise StackError(
            f"{path} is not mounted into the gate's container",
            advice="Mount the workspace into the container, as GitHub's runner does.",
        )
    mount = max(covering, key=lambda m: len(str(m["Destination"])))
    if mount.get("Type") != "bind":
        raise StackError(
            f"the workspace {path} is a {mount.get('Type')}, so the stack's bind mounts "
            "cannot be found by the engine",
            advice="Run act with --bind.",
        )
    return Path(str(mount["Source"])) / here.relative_to(str(mount["Destination"]))
