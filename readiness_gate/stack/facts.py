"""What reading checks learn of a running stack, in the engine's own words where it has some."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

LINE_LIMIT = 256 * 1024
"""Characters of a line of a log that are kept; of longer ones the rest is dropped."""
CONTENT_CAP = 8 * 1024 * 1024
"""Bytes of a file's content that are read."""


@dataclass(frozen=True)
class Inspected:
    """One container of a service."""

    replica: str
    """Its name."""
    engine: Mapping[str, Any]
    """The answer of the engine to `GET /containers/{id}/json`."""
    declared: Mapping[str, Any]
    """The service in the normalised compose model, before the gate took it from its surroundings:
    host ports and names are the project's own."""


@dataclass(frozen=True)
class Usage:
    """What one replica uses at one moment, since it was started."""

    replica: str
    running: bool
    memory: int | None = None
    """Bytes without the page cache that can be given back; `None`: not told."""
    memory_limit: int | None = None
    cpu_seconds: float | None = None
    """Processor time of all its processes so far; `None`: not told."""
    restarts: int = 0
    out_of_memory: bool = False
    """Whether memory ran out for any process of it."""
    exit_code: int | None = None
    identity: str = ""
    """Changes when the replica is replaced or started again."""


class LogLine(NamedTuple):
    """One line of a log; a plain tuple, since there may be millions."""

    replica: str
    at: float
    """Unix time at which the engine heard it; 0 where nobody noted it."""
    text: str
    cut: bool = False
    """Whether the line was longer than `LINE_LIMIT`."""


@dataclass(frozen=True)
class FileEntry:
    """A file or folder inside a service."""

    kind: Literal["file", "directory", "symlink", "other"]
    mode: int
    """Permission bits, with set-user, set-group and sticky."""
    uid: int
    gid: int
    size: int
    owner: str = ""
    """Name of the user, empty where the service's own list of users has none."""
    group: str = ""
    target: str = ""
    """Where a link leads, as an absolute path."""
    content: bytes | None = None
    """Of a regular file, where it was asked for; `None` also where it is over `CONTENT_CAP`."""


@dataclass(frozen=True)
class Platform:
    """The machine and the programs that carry a stack, as far as they are known."""

    engine: str = ""
    """Version of the container engine, empty where none is needed."""
    api: str = ""
    """Version of the Engine API that the engine speaks."""
    compose: str = ""
    buildx: str = ""
    system: str = ""
    """Name of the operating system."""
    memory: int | None = None
    """Bytes that the machine has."""
    cpus: int | None = None
    disk_free: int | None = None
    """Bytes that are free where images and containers are kept."""
    disk_unknown: str = ""
    """Why the free space is not known."""
    warnings: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    """Further facts for the reader, by name."""
