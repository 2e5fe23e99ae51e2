"""The compose driver: one isolated copy of a compose project.

Only the shape is here; each meaning is a module beside it: `lifecycle`, `executing`, `addresses`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Completed, Programs
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import (
    Address,
    BuiltImage,
    Leftovers,
    Published,
    ServiceHealth,
    WayBack,
)
from readiness_gate.stack.compose.addresses import address, ports_of, ready_probe
from readiness_gate.stack.compose.base import DEFAULT_HOST, Engine
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.disruption import ComposeDisruption
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.executing import Executing
from readiness_gate.stack.compose.layer_cache import LayerCache
from readiness_gate.stack.compose.lifecycle import Lifecycle
from readiness_gate.stack.compose.platform import platform_of
from readiness_gate.stack.compose.preparation import ComposeSettings, Preparation
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import leave_networks
from readiness_gate.stack.compose.reading import Reading
from readiness_gate.stack.compose.teardown import tear_down
from readiness_gate.stack.compose.watch import ComposeWatch
from readiness_gate.stack.compose.way_back import way_back
from readiness_gate.stack.facts import FileEntry, Inspected, LogLine, Platform, Usage
from readiness_gate.stack.progress import Tell


class ComposeStack:
    """Implements `Stack` with the compose CLI and the Engine API."""

    def __init__(
        self,
        settings: ComposeSettings,
        *,
        project: str,
        workspace: Workspace,
        scratch: Path,
        programs: Programs,
        clock: Clock,
        web: Web,
        access: DockerAccess,
        deadline: datetime,
        passed_on: Mapping[str, str],
        engine: Engine | None = None,
        tell: Tell | None = None,
        keep: bool = False,
        cache: LayerCache | None = None,
    ) -> None:
        """Touch nothing yet; `scratch` is a private folder that the caller removes."""
        asked = DockerEngine(access.host, access.certificates) if engine is None else engine
        host = access.host or DEFAULT_HOST
        command_line = CommandLine(
            programs,
            access,
            project=project,
            scratch=scratch,
            passed_on=passed_on,
            remote_files="remote-file" in settings.allow,
        )
        self._web = web
        self._programs = programs
        self._of = ComposeProject(
            name=project,
            settings=settings,
            workspace=workspace,
            scratch=scratch,
            host=host,
            clock=clock,
            engine=asked,
            command_line=command_line,
            preparation=Preparation(
                settings=settings,
                project=project,
                scratch=scratch,
                engine=asked,
                command_line=command_line,
                deadline=deadline,
                host=host,
                keep=keep,
            ),
            watch=ComposeWatch(asked, project),
            cache=cache,
            tell=tell,
        )
        self._lifecycle = Lifecycle(self._of)
        self._executing = Executing(self._of, self._lifecycle)
        self._reading = Reading(self._of, passed_on)
        self._disruption = ComposeDisruption(self._of, self._lifecycle)

    @property
    def project(self) -> str:
        """Return the project's name."""
        return self._of.name

    @property
    def services(self) -> tuple[str, ...]:
        """Return the enabled services; empty before `prepare`."""
        return () if self._of.found is None else tuple(self._of.found.model.services)

    def prepare(self) -> None:
        """Read, judge and rewrite the model; ask the engine where we are."""
        prepared = self._of.prepared()
        self._of.watch.probes = {
            name: ready_probe(self, self._of, self._web, name, readiness)
            for name, readiness in self._of.settings.ready.items()
            if name in prepared.model.services
        }

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:
        """Build and pull every image of the enabled services, side by side."""
        self._ready()
        return self._lifecycle.build(timeout)

    def start(self, services: Sequence[str] | None, timeout: float) -> None:
        """Create all containers at the first call; start those whose conditions hold."""
        self._ready()
        self._lifecycle.start(services, timeout)

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Wait by the Engine API, and start on the way what others were waited for."""
        self._ready()
        return self._lifecycle.wait(services, timeout, settle)

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
        """Run a command in a new container of a service, also of one that no profile enables."""
        self._ready()
        return self._executing.one_off(
            service,
            command,
            timeout=timeout,
            environment=environment or {},
            stdin=stdin,
            directory=directory,
            image=image,
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
        """Run a command in the first running replica."""
        self._ready()
        return self._executing.execute(
            service,
            command,
            timeout=timeout,
            environment=environment or {},
            stdin=stdin,
            directory=directory,
        )

    def address(self, service: str, port: int) -> Address:
        """Return the service's name, container address or published port, as `reach` says."""
        self._ready()
        return address(self._of, service, port)

    def ports(self, service: str) -> tuple[int, ...]:
        """Return what the project publishes or exposes, else what the image exposes."""
        self._ready()
        return ports_of(self._of, service)

    def host(self, service: str) -> str:
        """Return its name, which the engine resolves."""
        return service

    def way_back(self) -> WayBack:
        """Return where the gate listens, and the name under which containers know it."""
        self._ready()
        return way_back(self._of)

    def published(self) -> tuple[Published, ...]:
        """Return the ports with a number of the machine, of the enabled services."""
        self._ready()
        return self._of.prepared().model.published

    def environment(self, service: str) -> Mapping[str, str]:
        """Return the image's variables under the model's."""
        declared = self._of.service(service).environment
        image = self._of.engine.image(self._of.prepared().isolated.images[service])
        pairs = (entry.partition("=") for entry in (image.get("Config") or {}).get("Env") or ())
        return {**{name: value for name, _, value in pairs}, **declared}

    def image(self, service: str) -> str:
        """Return the image as declared, or the project's name of a built one."""
        self._of.service(service)
        return self._of.prepared().isolated.images[service]

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        """Build what the compose files of the base tip say, under a name of this project."""
        self._ready()
        return self._lifecycle.build_base(service, tree, timeout)

    def copy_out(self, service: str, path: str) -> bytes:
        """Return one file of the first replica, also of one that ended."""
        inspections = self._of.containers(service)
        if not inspections:
            raise StackError(f"service {service} has no container")
        return self._of.engine.file(str(inspections[0]["Id"]), path)

    def logs(self, service: str, lines: int = 200) -> str:
        """Return the tail of every replica's log."""
        self._of.service(service)
        return self._of.watch.logs(service, lines)

    def disruption(self) -> ComposeDisruption:
        """Return what operates the containers."""
        self._ready()
        return self._disruption

    def platform(self) -> Platform:
        """Ask the engine and the commands, then read the model: its variables need values."""
        found = platform_of(self._of.engine, self._of.command_line, self._programs)
        self._ready()
        return found

    def inspect(self, service: str) -> tuple[Inspected, ...]:
        """Return the containers of a service, ended ones too."""
        self._ready()
        return self._reading.inspect(service)

    def usage(self, service: str) -> tuple[Usage, ...]:
        """Return the engine's statistics of every container of a service."""
        self._ready()
        return self._reading.usage(service)

    def log_lines(
        self, service: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[LogLine]:
        """Yield the lines of every container of a service."""
        self._ready()
        return self._reading.log_lines(service, since=since, until=until)

    def file_entries(
        self, service: str, path: str, *, content: bool = False
    ) -> Mapping[str, FileEntry | None]:
        """Return what the engine's archive of each running container has at a path."""
        self._ready()
        return self._reading.file_entries(service, path, content=content)

    def secrets(self, service: str) -> Mapping[str, str]:
        """Return what of a service's variables and secrets nobody may read."""
        self._ready()
        return self._reading.secrets(service)

    def disturbance(self) -> str:
        """Return whether the engine was restarted under the containers."""
        return self._of.watch.disturbance() if self._of.touched else ""

    def tear_down(self, timeout: float) -> Leftovers:
        """Leave the networks, remove everything of the project, and look twice."""
        self._of.command_line.close()
        self._of.watch.finish()
        try:
            own = self._of.found.own if self._of.found else None
            if own is not None and not own.uses_host_network:
                leave_networks(self._of.engine, own, self._of.name)
            return tear_down(self._of.engine, self._of.name, timeout)
        except StackError:
            if self._of.touched:
                raise
            return Leftovers()
        finally:
            self._of.engine.close()
            self._lifecycle.forget()
            for model in self._of.scratch.glob("*model*.json"):
                model.unlink(missing_ok=True)

    def _ready(self) -> None:
        if self._of.found is None:
            self.prepare()
