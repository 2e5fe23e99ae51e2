"""What carries a compose project: engine, compose, disk and memory, before anything is built."""

import os
import re
from collections.abc import Mapping
from typing import Any

from readiness_gate.doors.programs import Programs
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import Engine, Inspection
from readiness_gate.stack.compose.command_line import CommandLine
from readiness_gate.stack.compose.failures import TAIL
from readiness_gate.stack.compose.own_container import find_own_container
from readiness_gate.stack.facts import Platform

_TIMEOUT = 30.0
# Without the plugin `docker` takes compose for a word of its own, and prints its own help.
_NO_PLUGIN = (
    "is not a docker command",
    "unknown command: docker compose",
    "unknown flag: --short",
    "Run 'docker --help'",
    "Run 'docker COMMAND --help'",
)
_MISMATCH = re.compile(
    r"client version \S+ is too (?:old|new)\. (?:Minimum|Maximum) supported API version is [\d.]+"
)


def platform_of(engine: Engine, command_line: CommandLine, programs: Programs) -> Platform:
    """Return the engine, the programs and the room that there is.

    Raises:
        StackError: `infrastructure`; one clear cause and the way out of it.
    """
    about, machine = engine.about(), engine.machine()
    client = _client(command_line)
    compose = _compose(command_line, programs)
    free, unknown = _disk_free(engine, machine)
    return Platform(
        engine=str(about.get("Version") or ""),
        api=str(about.get("ApiVersion") or ""),
        compose=compose,
        buildx=_buildx(command_line),
        system=str(machine.get("OperatingSystem") or ""),
        memory=_positive(machine.get("MemTotal")),
        cpus=_positive(machine.get("NCPU")),
        disk_free=free,
        disk_unknown=unknown,
        warnings=tuple(str(one) for one in machine.get("Warnings") or () if one),
        notes={
            "docker command": client,
            "storage driver": str(machine.get("Driver") or ""),
            "control groups": f"v{machine.get('CgroupVersion') or '1'}",
        },
    )


def _client(command_line: CommandLine) -> str:
    done = command_line.docker(
        ["version", "--format", "{{.Client.Version}} {{.Server.Version}}"], timeout=_TIMEOUT
    )
    if done.timed_out:
        raise StackError("docker version did not end in time", infrastructure=True)
    mismatch = _MISMATCH.search(done.stderr)
    if mismatch:
        raise StackError(
            f"the docker command and the engine do not understand each other: {mismatch[0]}",
            advice="Update the older of the two.",
            infrastructure=True,
            log=done.output[-TAIL:],
        )
    if not done.succeeded:
        lines = done.output.splitlines() or [f"exit code {done.exit_code}"]
        raise StackError(
            f"the docker command cannot talk to the engine: {lines[-1][:300]}",
            infrastructure=True,
            log=done.output[-TAIL:],
        )
    return done.stdout.partition(" ")[0].strip()


def _compose(command_line: CommandLine, programs: Programs) -> str:
    done = command_line.docker(["compose", "version", "--short"], timeout=_TIMEOUT)
    if done.timed_out:
        raise StackError("docker compose version did not end in time", infrastructure=True)
    if done.succeeded and done.stdout.strip():
        return done.stdout.strip().removeprefix("v")
    if done.succeeded or any(mark in done.output for mark in _NO_PLUGIN):
        old = _first_generation(programs)
        found = f"only docker-compose {old}" if old else "no compose plugin"
        raise StackError(
            f"docker has {found}; Docker Compose v2 is needed",
            advice="Install the package docker-compose-plugin.",
            infrastructure=True,
        )
    raise StackError(
        f"docker compose does not run: {done.output.strip()[-300:]}",
        infrastructure=True,
        log=done.output[-TAIL:],
    )


def _first_generation(programs: Programs) -> str:
    """Return the version of a `docker-compose` command, empty where there is none."""
    try:
        done = programs.run(["docker-compose", "version", "--short"], timeout=_TIMEOUT)
    except OSError:
        return ""
    return (done.stdout.strip().splitlines() or ["v1"])[0] if done.succeeded else "v1"


def _buildx(command_line: CommandLine) -> str:
    done = command_line.docker(["buildx", "version"], timeout=_TIMEOUT)
    words = done.stdout.split()
    return words[1].removeprefix("v") if done.succeeded and len(words) > 1 else ""


def _disk_free(engine: Engine, machine: Inspection) -> tuple[int | None, str]:
    """Return the free bytes of the file system of the images, or why they are not known."""
    if find_own_container(engine) is not None:
        # The container's own layers lie where all images do.
        return _free("/")
    root = str(machine.get("DockerRootDir") or "")
    if not _is_here(machine):
        return None, "the engine runs on another machine"
    return _free(root) if root else (None, "the engine does not say where it keeps images")


def _is_here(machine: Mapping[str, Any]) -> bool:
    uname = os.uname()
    return machine.get("Name") == uname.nodename and machine.get("KernelVersion") == uname.release


def _free(path: str) -> tuple[int | None, str]:
    try:
        found = os.statvfs(path)
    except OSError as error:
        return None, f"{path}: {error.strerror}"
    return found.f_bavail * found.f_frsize, ""


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
