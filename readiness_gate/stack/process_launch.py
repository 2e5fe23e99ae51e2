"""How a program of the target is called: interpreter, search path, folder, free ports."""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from readiness_gate.doors.programs import Programs
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.ready import Readiness

LOOPBACK = "127.0.0.1"
_PYTHONS = frozenset({"python", "python3"})


@dataclass(frozen=True)
class ProcessSpec:
    """One program of `stack.processes`."""

    command: Sequence[str]
    python: str | None = None
    directory: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Readiness | None = None
    one_shot: bool = False
    restart: str = "no"
    """`no`, `on-failure` or `always`, as compose means them."""


class Launch:
    """Knows what every program of the target is called with."""

    def __init__(
        self, workspace: Workspace, programs: Programs, passed_on: Mapping[str, str]
    ) -> None:
        """Call programs in `workspace`, with the variables that the step passes on."""
        self._workspace = workspace
        self._programs = programs
        self._passed_on = passed_on
        self._search_path: str | None = None

    def arguments(self, spec: ProcessSpec, command: Sequence[str]) -> list[str]:
        """Return the command with `python` and `python3` replaced by the configured one."""
        first = command[0]
        if spec.python is not None and first in _PYTHONS:
            first = str(self.interpreter(spec.python))
        return [first, *command[1:]]

    def declared(self, spec: ProcessSpec) -> dict[str, str]:
        """Return the variables that the configuration sets."""
        return {**self._passed_on, **spec.environment}

    def environment(self, spec: ProcessSpec) -> dict[str, str]:
        """Return the variables, with the interpreter's folder first in the search path."""
        variables = self.declared(spec)
        if spec.python is not None and "PATH" not in variables:
            folder = self.interpreter(spec.python).parent
            variables["PATH"] = f"{folder}:{self._path()}"
        return variables

    def interpreter(self, python: str) -> Path:
        """Return the path of an interpreter, relative ones from the workspace."""
        # Never resolved: the link's place is what makes it the environment's interpreter.
        return self._workspace.root / python

    def directory(self, directory: str | None) -> Path:
        """Return the folder to run in.

        Raises:
            StackError: it is not in the checkout.
        """
        if directory in {None, "", "."}:
            return self._workspace.root
        try:
            path = self._workspace.path(str(directory))
        except PathRefused as error:
            raise StackError(f"directory: {error}") from error
        if not path.is_dir():
            raise StackError(f"the folder {directory} is not in the checkout")
        return path

    def _path(self) -> str:
        """Return the search path that the door gives to programs."""
        if self._search_path is None:
            done = self._programs.run(["env"], timeout=10.0)
            lines = [line for line in done.stdout.splitlines() if line.startswith("PATH=")]
            self._search_path = lines[0].removeprefix("PATH=") if lines else "/usr/bin:/bin"
        return self._search_path


def ports_of(ready: Readiness | None, base_url: str | None) -> tuple[int, ...]:
    """Return the ports that a readiness names, that of `tcp` first."""
    if ready is None:
        return ()
    found = [] if ready.tcp is None else [ready.tcp]
    if ready.http is not None:
        parts = urlsplit(ready.http if "://" in ready.http else base_url or "")
        if parts.hostname:
            found.append(parts.port or (443 if parts.scheme == "https" else 80))
    return tuple(dict.fromkeys(found))


def require_free_ports(name: str, ready: Readiness, url: Callable[[str], str]) -> None:
    """Refuse a taken port: the readiness of somebody else's server would pass for ours.

    Raises:
        StackError: something listens already; the machine's fault.
    """
    ports = {ready.tcp}
    if ready.http is not None:
        parts = urlsplit(url(ready.http))
        if parts.hostname in {LOOPBACK, "localhost", "::1"}:
            ports.add(parts.port)
    for port in sorted(port for port in ports if port is not None):
        try:
            socket.create_connection((LOOPBACK, port), timeout=0.5).close()
        except OSError:
            continue
        raise StackError(
            f"port {port} of {name} is taken by another program",
            advice=f"End what listens on {LOOPBACK}:{port}.",
            infrastructure=True,
        )
