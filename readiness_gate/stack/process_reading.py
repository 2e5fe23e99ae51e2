"""What reading checks ask of processes of this machine: usage, logs, files; by `/proc` and stat."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISLNK, S_ISREG
from typing import Literal

from readiness_gate.doors.programs import Running
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.facts import CONTENT_CAP, FileEntry, LogLine, Platform, Usage
from readiness_gate.stack.log_frames import plain_lines

_PIECE = 256 * 1024
_PROC = Path("/proc")
_RESIDENT = re.compile(rb"^(?:Pss|Rss):\s+(\d+) kB$", re.MULTILINE)


def platform_of(workspace: Workspace) -> Platform:
    """Return the machine that the programs run on."""
    uname = os.uname()
    room = os.statvfs(workspace.root)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Platform(
        system=f"{uname.sysname} {uname.release}",
        memory=pages if pages > 0 else None,
        cpus=os.cpu_count(),
        disk_free=room.f_bavail * room.f_frsize,
    )


def usage_of(service: str, running: Running | None) -> Usage:
    """Return what a program and its children of one process group use.

    Raises:
        NotSupported: this machine has no `/proc`.
    """
    if not (_PROC / "self/stat").exists():
        raise NotSupported("the process driver tells usage only where there is /proc")
    if running is None:
        return Usage(service, running=False)
    ended = running.poll()
    if ended is not None:
        return Usage(service, running=False, exit_code=ended)
    memory, cpu = 0, 0.0
    for folder in _group(running.pid):
        memory += _memory(folder)
        cpu += _cpu(folder)
    return Usage(
        service,
        running=True,
        memory=memory or None,
        cpu_seconds=cpu,
        identity=str(running.pid),
    )


def lines_of(service: str, log: Path) -> Iterator[LogLine]:
    """Yield the lines that a program printed so far; nobody noted when."""
    try:
        with log.open("rb") as stream:
            end = log.stat().st_size
            for at, text, cut in plain_lines(_pieces(stream.read, end)):
                yield LogLine(service, at, text, cut)
    except FileNotFoundError:
        return


def entry_of(workspace: Workspace, folder: Path, path: str, *, content: bool) -> FileEntry | None:
    """Return what is at a path of the checkout; relative ones start at the program's folder.

    Raises:
        StackError: the path leads out of the checkout.
    """
    where = folder / path
    try:
        relative = where.relative_to(workspace.root)
        # The link itself is looked at; what it leads to must not leave the checkout either.
        whole = workspace.path(str(relative.parent)) / relative.name
        found = whole.lstat()
        data = workspace.read(str(relative)) if content and S_ISREG(found.st_mode) else None
    except FileNotFoundError:
        return None
    except (PathRefused, ValueError, OSError) as error:
        raise StackError(f"{path} cannot be looked at: {error}") from error
    return FileEntry(
        kind=_kind(found.st_mode),
        mode=S_IMODE(found.st_mode),
        uid=found.st_uid,
        gid=found.st_gid,
        size=found.st_size,
        owner=_account("passwd", found.st_uid),
        group=_account("group", found.st_gid),
        target=str(whole.parent / whole.readlink()) if S_ISLNK(found.st_mode) else "",
        content=data if data is None or len(data) <= CONTENT_CAP else None,
    )


def _kind(mode: int) -> Literal["file", "directory", "symlink", "other"]:
    if S_ISLNK(mode):
        return "symlink"
    if S_ISDIR(mode):
        return "directory"
    return "file" if S_ISREG(mode) else "other"


def _account(kind: str, number: int) -> str:
    import grp  # noqa: PLC0415 - not on every system
    import pwd  # noqa: PLC0415

    try:
        return pwd.getpwuid(number).pw_name if kind == "passwd" else grp.getgrgid(number).gr_name
    except KeyError:
        return ""


def _pieces(read: Callable[[int], bytes], left: int) -> Iterator[bytes]:
    while left > 0:
        piece = read(min(left, _PIECE))
        if not piece:
            return
        left -= len(piece)
        yield piece


def _group(leader: int) -> Iterator[Path]:
    for folder in _PROC.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) > 2 and int(fields[2]) == leader:
            yield folder


def _memory(folder: Path) -> int:
    """Return the proportional share where it may be read: children share most of their pages."""
    for name in ("smaps_rollup", "status"):
        try:
            text = (folder / name).read_bytes()
        except OSError:
            continue
        if name == "status":
            text = text.replace(b"VmRSS:", b"Rss:")
        sizes = dict.fromkeys((b"Pss", b"Rss"), 0)
        for match in _RESIDENT.finditer(text):
            sizes[match[0][:3]] = int(match[1]) * 1024
        if sizes[b"Pss"] or sizes[b"Rss"]:
            return sizes[b"Pss"] or sizes[b"Rss"]
    return 0


def _cpu(folder: Path) -> float:
    try:
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    # Own time in both modes, and that of children that were waited for.
    return sum(int(one) for one in fields[11:15]) / os.sysconf("SC_CLK_TCK")
