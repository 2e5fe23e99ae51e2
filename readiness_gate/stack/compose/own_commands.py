"""Ends docker commands that are ours and nobody waits for any more (Linux)."""

import os
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

_PROC = Path("/proc")
_COMMANDS = frozenset({"docker", "docker-compose", "docker-buildx"})


def end_commands_with(variable: bytes, proc: Path = _PROC) -> int:
    """Kill docker commands whose environment holds `NAME=value` and a zero byte; return how many.

    For a gate that is interrupted while another of its threads waits for a build.
    """
    return _end(proc, "environ", lambda text: variable in text + b"\0")


def end_commands_of(project: str, proc: Path = _PROC) -> int:
    """Kill compose commands of a project that outlived a killed gate; return how many.

    The project's name is unique to one run, so that no other command can be meant.
    """

    def of_project(text: bytes) -> bool:
        return (b"-p", project.encode()) in pairwise(text.split(b"\0"))

    return _end(proc, "cmdline", of_project)


def _end(proc: Path, file: str, is_meant: Callable[[bytes], bool]) -> int:
    ended = 0
    for folder in proc.glob("[0-9]*"):
        try:
            if not _is_docker(folder) or not is_meant((folder / file).read_bytes()):
                continue
            os.kill(int(folder.name), signal.SIGKILL)
            ended += 1
        except OSError:
            # It ended by itself, or belongs to another user.
            continue
    return ended


def _is_docker(folder: Path) -> bool:
    if int(folder.name) == os.getpid():
        return False
    words = (folder / "cmdline").read_bytes().split(b"\0")
    return any(Path(os.fsdecode(word)).name in _COMMANDS for word in words[:2])
