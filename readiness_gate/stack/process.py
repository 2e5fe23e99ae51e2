"""The process driver: the target's programs on this machine, for laptops and jobs without Docker.

The target runs with its own interpreter and environment; only ports that it is configured to
use, no isolation beyond process groups. Not for the action's container, which has none of the
project's dependencies (DESIGN 1.5).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Completed, Programs, Running
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import (
    Address,
    BuiltImage,
    Leftovers,
    NotSupported,
    Published,
    ServiceHealth,
    WayBack,
)
from readiness_gate.stack.facts import FileEntry, Inspected, LogLine, Platform, Usage
from readiness_gate.stack.handed_secrets import secret_values
from readiness_gate.stack.judge import Expectation
from readiness_gate.stack.process_commands import read_beside, run_beside, tail
from readiness_gate.stack.process_disruption import ProcessDisruption
from readiness_gate.stack.process_launch import (
    LOOPBACK,
    Launch,
    ProcessSpec,
    ports_of,
    require_free_ports,
)
from readiness_gate.stack.process_reading import entry_of, lines_of, platform_of, usage_of
from readiness_gate.stack.process_state import ProcessState, abandoned
from readiness_gate.stack.process_watch import ProcessWatch
from readiness_gate.stack.progress import Tell
from readiness_gate.stack.ready import Readiness, ReadyProbe, Ways
from readiness_gate.stack.replica import Replica
from readiness_gate.stack.waiter import Waiter

_GRACE = 5.0


class ProcessStack:
    """Implements `Stack` with child processes."""

    def __init__(
        self,
        specs: Mapping[str, ProcessSpec],
        *,
        project: str,
        base_url: str | None,
        workspace: Workspace,
        programs: Programs,
        clock: Clock,
        web: Web,
        passed_on: Mapping[str, str],
        inside_action: bool = False,
        state_root: Path | None = None,
        tell: Tell | None = None,
    ) -> None:
        """Start nothing yet."""
        self._specs = dict(sorted(specs.items()))
        self._project = project
        self._base_url = base_url
        self._workspace = workspace
        self._programs = programs
        self._launch = Launch(workspace, programs, passed_on)
        self._passed_on = passed_on
        self._inside_action = inside_action
        self._state_root = state_root
        self._state = ProcessState(project, state_root)
        self._running: dict[str, Running] = {}
        probes = {
            name: ReadyProbe(
                spec.ready,
                web=web,
                clock=clock,
                ways=self._ways,
            )
            for name, spec in self._specs.items()
            if spec.ready is not None
        }
        self._watch = ProcessWatch(
            clock,
            self._start_one,
            self.logs,
            probes,
            {name: spec.restart for name, spec in self._specs.items()},
        )
        self._waiter = Waiter(
            self._watch,
            clock,
            {name: Expectation(name, one_shot=spec.one_shot) for name, spec in self._specs.items()},
            tell,
        )
        self._disruption = ProcessDisruption(
            self._running,
            clock=clock,
            command=lambda name: tuple(self._spec(name).command),
            again=self._again,
            wait=self.wait,
        )

    @property
    def project(self) -> str:
        """Return the project's name."""
        return self._project

    @property
    def services(self) -> tuple[str, ...]:
        """Return the names of the programs."""
        return tuple(self._specs)

    def prepare(self) -> None:
        """Clean up after killed runs, and look for interpreters and folders."""
        if self._inside_action:
            raise StackError(
                "stack.driver: process cannot run inside the action's container, "
                "which has none of the project's dependencies",
                advice="Use driver: compose, or run readiness-gate in a job step.",
            )
        for project in abandoned(self._state_root):
            if project != self._project:
                ProcessState(project, self._state_root).tear_down(_GRACE)
        for name, spec in self._specs.items():
            self._launch.directory(spec.directory)
            if spec.python is not None and not self._launch.interpreter(spec.python).exists():
                raise StackError(
                    f"stack.processes.{name}.python: {spec.python} is not there",
                    advice="Create the project's environment before the gate runs.",
                )

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:  # noqa: ARG002
        """Refuse: there are no images."""
        raise NotSupported("the process driver has no images")

    def start(self, services: Sequence[str] | None, timeout: float) -> None:  # noqa: ARG002
        """Start programs that do not run yet."""
        self._state.open()
        for name in self._named(services):
            self._watch.want(name)
        self._waiter.enable(self._named(services))
        self._waiter.step()

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Wait until programs are ready and stay up."""
        return self._waiter.wait(self._named(services), timeout, settle)

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
        image: str | None = None,
    ) -> Completed:
        """Run a command with the program's interpreter, variables and folder."""
        if image is not None:
            raise NotSupported("the process driver has no images")
        return run_beside(
            self._launch,
            self._programs,
            self._spec(service),
            command,
            timeout=timeout,
            environment=environment or {},
            stdin=stdin,
            directory=directory,
        )

    def execute(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        directory: str | None = None,
    ) -> Completed:
        """Do as `one_off`: beside a process is inside it."""
        return self.one_off(
            service,
            command,
            timeout=timeout,
            environment=environment,
            stdin=stdin,
            directory=directory,
        )

    def address(self, service: str, port: int) -> Address:
        """Return the port on loopback, where the program was told to listen."""
        self._spec(service)
        return Address(LOOPBACK, port)

    def ports(self, service: str) -> tuple[int, ...]:
        """Return the ports that the program's readiness names, of this machine."""
        return ports_of(self._spec(service).ready, self._base_url)

    def host(self, service: str) -> str:  # noqa: ARG002
        """Return the loopback address: processes share the machine."""
        return LOOPBACK

    def way_back(self) -> WayBack:
        """Return the loopback address."""
        return WayBack(LOOPBACK, LOOPBACK)

    def published(self) -> tuple[Published, ...]:
        """Return none: what a program listens on is there already."""
        return ()

    def environment(self, service: str) -> Mapping[str, str]:
        """Return the variables set for a program."""
        return self._launch.declared(self._spec(service))

    def image(self, service: str) -> str:
        """Refuse: there are no images."""
        raise NotSupported(f"{service} is a process and has no image")

    def build_base(self, service: str, tree: str, timeout: float) -> str:  # noqa: ARG002
        """Refuse: there are no images."""
        raise NotSupported(f"{service} is a process and has no image at the base")

    def copy_out(self, service: str, path: str) -> bytes:
        """Return a file of the workspace, relative to the program's folder."""
        return read_beside(self._launch, self._workspace, self._spec(service), service, path)

    def logs(self, service: str, lines: int = 200) -> str:
        """Return the last lines that a program printed."""
        self._spec(service)
        return tail(self._state.log(service), lines)

    def keep_file(self, path: Path) -> None:
        """Save a file, such as the SQLite database of the target, until `tear_down`.

        Raises:
            StackError: it cannot be saved, so that nothing may touch it.
        """
        whole = path if path.is_absolute() else self._workspace.root / path
        try:
            self._state.keep_file(whole, self._workspace.root)
        except OSError as error:
            raise StackError(f"{path} cannot be kept: {error}", infrastructure=True) from error

    def platform(self) -> Platform:
        """Return this machine."""
        return platform_of(self._workspace)

    def inspect(self, service: str) -> tuple[Inspected, ...]:
        """Refuse: there are no containers."""
        raise NotSupported(f"{service} is a process and no container")

    def usage(self, service: str) -> tuple[Usage, ...]:
        """Return what the program's process group uses."""
        self._spec(service)
        return (usage_of(service, self._running.get(service)),)

    def log_lines(
        self, service: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[LogLine]:
        """Yield all that the program printed.

        Raises:
            NotSupported: a time was given, and nobody noted when a line was printed.
        """
        self._spec(service)
        if since is not None or until is not None:
            raise NotSupported("the process driver does not know when a line was printed")
        return lines_of(service, self._state.log(service))

    def file_entries(
        self, service: str, path: str, *, content: bool = False
    ) -> Mapping[str, FileEntry | None]:
        """Return what is at a path of the checkout."""
        folder = self._launch.directory(self._spec(service).directory)
        return {service: entry_of(self._workspace, folder, path, content=content)}

    def secrets(self, service: str) -> Mapping[str, str]:
        """Return the passed-on variables, and those with a secret's name."""
        declared = {**self._passed_on, **self._launch.declared(self._spec(service))}
        return secret_values(declared, self._passed_on)

    def disruption(self) -> ProcessDisruption:
        """Return what ends programs and starts them again."""
        return self._disruption

    def disturbance(self) -> str:
        """Return nothing: there is no platform between the gate and the target."""
        return ""

    def tear_down(self, timeout: float) -> Leftovers:
        """End the programs with their children, put files back."""
        for running in self._running.values():
            running.stop(min(timeout, _GRACE))
        self._running.clear()
        return Leftovers(containers=self._state.tear_down(min(timeout, _GRACE)))

    def _again(self, name: str) -> None:
        self._watch.again(name)
        self._waiter.forget(name)
        self._waiter.step()

    def _start_one(self, name: str) -> Running:
        spec = self._spec(name)
        require_free_ports(name, spec.ready or Readiness(), self._url)
        argv = self._launch.arguments(spec, spec.command)
        running = self._programs.start(
            argv,
            log=self._state.log(name),
            cwd=self._launch.directory(spec.directory),
            environment=self._launch.environment(spec),
        )
        self._running[name] = running
        self._state.add_process(name, running.pid)
        return running

    def _ways(self, replica: Replica, _of: int) -> Ways:
        service = replica.service
        return Ways(
            url=self._url,
            address=lambda port: Address(LOOPBACK, port),
            log=lambda: self.logs(service, 2000),
            run=lambda command, seconds: self.execute(service, command, timeout=seconds),
        )

    def _url(self, target: str) -> str:
        if "://" in target:
            return target
        if self._base_url is None:
            raise StackError(f"ready.http: {target} needs stack.base-url, or a whole URL")
        return f"{self._base_url.rstrip('/')}/{target.lstrip('/')}"

    def _named(self, services: Sequence[str] | None) -> tuple[str, ...]:
        if services is None:
            return self.services
        for service in services:
            self._spec(service)
        return tuple(services)

    def _spec(self, service: str) -> ProcessSpec:
        if service not in self._specs:
            raise StackError(
                f"no process {service!r} under stack.processes: there are {', '.join(self._specs)}"
            )
        return self._specs[service]
