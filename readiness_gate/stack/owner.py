"""Who this process is to others on the machine, and whether an owner still lives (Linux)."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from readiness_gate.stack.project import Owner

_PROC = Path("/proc")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that no later one can be taken for."""

    boot: str
    namespace: str
    pid: int
    started: str

    @property
    def owner(self) -> Owner:
        """Return it as an owner."""
        return Owner("process", f"{self.boot}/{self.namespace}/{self.pid}/{self.started}")


def identity_of(pid: int, proc: Path = _PROC) -> ProcessIdentity | None:
    """Return the identity of a living process, `None` where there is none.

    Elsewhere than on Linux boot, namespace and start time are unknown (`-`).
    """
    if not (proc / "self").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass
        return ProcessIdentity("-", "-", pid, "-")
    try:
        stat = (proc / str(pid) / "stat").read_text()
        boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (proc / "self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return None
    # The command name in parentheses may hold blanks; field 22 is the start time in clock ticks.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else ProcessIdentity(boot, namespace, pid, fields[19])


def own_identity() -> ProcessIdentity:
    """Return the identity of this process."""
    return identity_of(os.getpid()) or ProcessIdentity("-", "-", os.getpid(), "-")


def is_gone(
    owner: Owner | None,
    deadline: datetime | None,
    *,
    now: datetime,
    container_runs: Callable[[str], bool],
    living: Callable[[int], ProcessIdentity | None] = identity_of,
) -> bool:
    """Return whether the owner of a project is gone, so that its remains may be removed.

    A process of another boot or another pid namespace cannot be seen from here: only its deadline
    counts. Without an owner that can be read nothing is ever removed before its deadline.
    """
    expired = deadline is not None and deadline < now
    if owner is None:
        return expired
    if owner.kind == "container":
        return not container_runs(owner.name)
    parts = owner.name.split("/")
    here = living(os.getpid())
    if len(parts) != 4 or here is None or (parts[0], parts[1]) != (here.boot, here.namespace):
        return expired
    if not parts[2].isdigit():
        return expired
    alive = living(int(parts[2]))
    return alive is None or alive.started != parts[3]
