"""The compose driver: one isolated copy of a compose project."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.doors.programs import Completed, Programs
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, BuiltImage, Leftovers, NotSupported, ServiceHealth
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.commands import Commands
from readiness_gate.stack.compose.engine import DockerEngine, Engine, NotThere
from readiness_gate.stack.compose.failures import as_error, start_failure
from readiness_gate.stack.compose.files import Refusal, compose_files, scan
from readiness_gate.stack.compose.host_path import linked_workspace
from readiness_gate.stack.compose.images import Images, write_model
from readiness_gate.stack.compose.isolation import Isolated, isolate
from readiness_gate.stack.compose.model import ComposeModel, Service
from readiness_gate.stack.compose.normalise import Source, normalise
from readiness_gate.stack.compose.own_container import (
    OwnContainer,
    find_own_container,
    host_path,
)
from readiness_gate.stack.compose.policy import refusals
from readiness_gate.stack.compose.reach import (
    Reach,
    container_address,
    find_reach,
    join_networks,
    leave_networks,
    published_address,
)
from readiness_gate.stack.compose.teardown import tear_down
from readiness_gate.stack.compose.watch import ComposeWatch, log_of
from readiness_gate.stack.owner import own_identity
from readiness_gate.stack.project import Owner, labels
from readiness_gate.stack.ready import Readiness, ReadyProbe
from readiness_gate.stack.waiter import Waiter

_READY_LINES = 2000
_SHOWN_REFUSALS = 5


@dataclass(frozen=True)
class ComposeSettings:
    """What the section `stack` says to this driver."""

    files: Sequence[str] = ()
    profiles: Sequence[str] = ()
    env_file: str | None = None
    allow: frozenset[str] = frozenset()
    one_shot: Mapping[str, bool | None] = field(default_factory=dict)
    ready: Mapping[str, Readiness] = field(default_factory=dict)
    base_url: str | None = None


@dataclass(frozen=True)
class _Prepared:
    source: Source
    model: ComposeModel
    isolated: Isolated
    path: Path
    reach: Reach
    own: OwnContainer | None
    commands: Commands
    waiter: Waiter


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
    ) -> None:
        """Touch nothing yet; `scratch` is a private folder that the caller removes."""
        self._settings = settings
        self._project = project
        self._workspace = workspace
        self._scratch = scratch
        self._clock = clock
        self._web = web
        self._deadline = deadline
        self._docker = DockerEngine(access.host) if engine is None else engine
        self._host = access.host or "unix:///var/run/docker.sock"
        self._watch = ComposeWatch(self._docker, project)
        self._command_line = CommandLine(
            programs,
            access,
            project=project,
            scratch=scratch,
            passed_on=passed_on,
            remote_files="remote-file" in settings.allow,
        )
        self._prepared: _Prepared | None = None
        self._created = False
        self._touched = False

    @property
    def project(self) -> str:
        """Return the project's name."""
        return self._project

    @property
    def services(self) -> tuple[str, ...]:
        """Return the enabled services; empty before `prepare`."""
        return () if self._prepared is None else tuple(self._prepared.model.services)

    def prepare(self) -> None:
        """Read, judge and rewrite the model; ask the engine where we are."""
        if self._prepared is not None:
            return
        names = compose_files(self._workspace, self._settings.files)
        self._refuse(r for r in scan(self._workspace, names) if r.allow not in self._settings.allow)
        self._docker.version()
        own = find_own_container(self._docker)
        source = self._source(names, own)
        data = normalise(self._command_line, source, self._scratch)
        self._refuse(
            refusals(
                data,
                root=self._workspace.root,
                project_directory=source.directory,
                allow=self._settings.allow,
            )
        )
        reach = find_reach(self._docker, own, self._host)
        isolated = isolate(
            data,
            project=self._project,
            labels=labels(self._project, _owner(own), self._deadline),
            publish=reach is Reach.PUBLISHED,
        )
        path = self._scratch / "model.json"
        write_model(isolated.data, path)
        model = ComposeModel(data)
        self._prepared = _Prepared(
            source=source,
            model=model,
            isolated=isolated,
            path=path,
            reach=reach,
            own=own,
            commands=Commands(self._docker, self._command_line, self._project, source.directory),
            waiter=Waiter(self._watch, self._clock, model.expectations(self._settings.one_shot)),
        )
        self._watch.probes = {
            name: self._probe(name, readiness)
            for name, readiness in self._settings.ready.items()
            if name in model.services
        }

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:
        """Build and pull every image, side by side."""
        prepared = self._ready()
        self._touched = True
        deadline = Deadline(self._clock, timeout)
        return self._images(prepared.isolated, prepared.path).all(deadline.remaining)

    def start(self, services: Sequence[str] | None, timeout: float) -> None:
        """Create all containers at the first call; start those whose conditions hold."""
        prepared = self._ready()
        wanted = self._named(services)
        self._touched = True
        if not self._created:
            self._create(prepared, timeout)
        prepared.waiter.enable(wanted)
        prepared.waiter.step()

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Wait by the Engine API, and start on the way what others were waited for."""
        return self._ready().waiter.wait(self._named(services), timeout, settle)

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
        """Run a command in a new container of a service."""
        prepared = self._ready()
        self._service(service)
        self._touched = True
        return prepared.commands.one_off(
            service,
            command,
            model=prepared.path if image is None else self._with_image(service, image),
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
        """Run a command in the first running replica."""
        return self._ready().commands.execute(
            self._running(service),
            service,
            command,
            timeout=timeout,
            environment=environment or {},
            stdin=stdin,
            directory=directory,
        )

    def address(self, service: str, port: int) -> Address:
        """Return the service's name, container address or published port, as `reach` says."""
        prepared = self._ready()
        mode = str(self._service(service).body.get("network_mode") or "")
        if mode.startswith("service:"):
            return self.address(mode.removeprefix("service:"), port)
        if mode:
            raise NotSupported(f"service {service} has network_mode {mode}, which is not reached")
        if prepared.reach is Reach.JOINED:
            return Address(service, port)
        inspection = self._docker.container(self._running(service))
        if prepared.reach is Reach.DIRECT:
            return container_address(inspection, service, port)
        return published_address(inspection, service, port, self._host)

    def environment(self, service: str) -> Mapping[str, str]:
        """Return the image's variables under the model's."""
        prepared = self._ready()
        image = self._docker.image(prepared.isolated.images[self._service(service).name])
        defaults = (entry.partition("=") for entry in (image.get("Config") or {}).get("Env") or ())
        own = {name: value for name, _, value in defaults}
        return {**own, **prepared.model.services[service].environment}

    def image(self, service: str) -> str:
        """Return the image as declared, or the project's name of a built one."""
        prepared = self._ready()
        declared = self._service(service)
        return prepared.isolated.images[service] or declared.declared_image

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        """Build what the compose files of the base tip say, under a name of this project."""
        prepared = self._ready()
        self._touched = True
        workspace = Workspace(Path(tree))
        source = Source(
            workspace,
            workspace.root,
            compose_files(workspace, self._settings.files),
            self._settings.profiles,
            self._settings.env_file,
        )
        self._refuse(scan(workspace, source.files))
        data = normalise(self._command_line, source, self._scratch)
        if service not in data["services"]:
            raise StackError(f"service {service} is not in the base's compose files")
        self._refuse(
            refusals(
                {"services": {service: data["services"][service]}},
                root=workspace.root,
                project_directory=source.directory,
                allow=self._settings.allow,
            )
        )
        name = f"{service}-base"
        data["services"] = {name: {**data["services"][service], "depends_on": {}}}
        isolated = isolate(
            data,
            project=self._project,
            labels=labels(self._project, _owner(prepared.own), self._deadline),
            publish=False,
        )
        path = self._scratch / f"model-{name}.json"
        write_model(isolated.data, path)
        deadline = Deadline(self._clock, timeout)
        self._images(isolated, path).all(deadline.remaining)
        return isolated.images[name]

    def copy_out(self, service: str, path: str) -> bytes:
        """Return one file of the first replica, also of one that ended."""
        self._service(service)
        inspections = self._watch.inspections(service)
        if not inspections:
            raise StackError(f"service {service} has no container")
        return self._docker.file(str(inspections[0]["Id"]), path)

    def logs(self, service: str, lines: int = 200) -> str:
        """Return the tail of every replica's log."""
        self._service(service)
        return self._watch.logs(service, lines)

    def tear_down(self, timeout: float) -> Leftovers:
        """Leave the networks, remove everything of the project, and look twice."""
        self._watch.finish()
        try:
            own = self._prepared.own if self._prepared else None
            if own is not None and not own.uses_host_network:
                leave_networks(self._docker, own, self._project)
            return tear_down(self._docker, self._project, timeout)
        except StackError:
            if self._touched:
                raise
            return Leftovers()
        finally:
            self._docker.close()
            for model in self._scratch.glob("model*.json"):
                model.unlink(missing_ok=True)

    def _ready(self) -> _Prepared:
        self.prepare()
        assert self._prepared is not None  # noqa: S101 - prepare sets it or raises
        return self._prepared

    def _source(self, names: tuple[str, ...], own: OwnContainer | None) -> Source:
        root = self._workspace.root
        known_as = root if own is None else linked_workspace(root, host_path(own, root))
        return Source(
            self._workspace, known_as, names, self._settings.profiles, self._settings.env_file
        )

    def _refuse(self, found: Iterable[Refusal]) -> None:
        refused = [str(refusal) for refusal in found]
        if refused:
            more = len(refused) - _SHOWN_REFUSALS
            shown = "; ".join(refused[:_SHOWN_REFUSALS]) + (
                f"; and {more} more" if more > 0 else ""
            )
            raise StackError(
                f"the compose policy refuses {shown}",
                advice="Change the compose file, or allow the name under stack.allow at the base.",
                log="\n".join(refused),
            )

    def _named(self, services: Sequence[str] | None) -> tuple[str, ...]:
        if services is None:
            return self.services
        return tuple(self._service(service).name for service in services)

    def _service(self, name: str) -> Service:
        services = self._ready().model.services
        if name not in services:
            raise StackError(
                f"no service {name!r} in the compose files: there are {', '.join(services)}"
            )
        return services[name]

    def _images(self, isolated: Isolated, path: Path) -> Images:
        directory = self._ready().source.directory
        return Images(self._docker, self._command_line, isolated, path, directory)

    def _create(self, prepared: _Prepared, timeout: float) -> None:
        done = self._command_line.compose(
            ["--progress", "quiet", "up", "--no-start", "--no-recreate", "--no-build"],
            files=[prepared.path],
            directory=prepared.source.directory,
            timeout=timeout,
        )
        if done.timed_out:
            raise StackError("creating the containers did not end in time", log=done.output)
        if not done.succeeded:
            raise as_error(start_failure(done.stderr), done.output)
        self._created = True
        if prepared.reach is Reach.JOINED and prepared.own is not None:
            join_networks(self._docker, prepared.own, self._project)

    def _running(self, service: str) -> str:
        self._service(service)
        for inspection in self._watch.inspections(service):
            if (inspection.get("State") or {}).get("Status") == "running":
                return str(inspection["Id"])
        raise NotThere(f"service {service} is not running")

    def _with_image(self, service: str, image: str) -> Path:
        data = self._ready().isolated.data
        body = {k: v for k, v in data["services"][service].items() if k != "build"}
        services = {**data["services"], service: {**body, "image": image}}
        path = self._scratch / f"model-image-{service}.json"
        write_model({**data, "services": services}, path)
        return path

    def _probe(self, service: str, readiness: Readiness) -> ReadyProbe:
        def url(target: str) -> str:
            base = urlsplit(target if "://" in target else self._base_url(service))
            port = base.port or (443 if base.scheme == "https" else 80)
            host = base.hostname or service
            if host in self.services:
                address = self.address(host, port)
                host, port = address.host, address.port
            path = base.path if "://" in target else target
            return f"{base.scheme}://{host}:{port}/{path.lstrip('/')}"

        return ReadyProbe(
            readiness,
            web=self._web,
            clock=self._clock,
            url=url,
            address=lambda port: self.address(service, port),
            log=log_of(self._watch, service, _READY_LINES),
        )

    def _base_url(self, service: str) -> str:
        """Return where a path of a service's readiness starts: its own first port."""
        configured = self._settings.base_url or ""
        if urlsplit(configured).hostname == service:
            return configured
        ports = self._service(service).ports
        if ports:
            return f"http://{service}:{ports[0]}"
        if configured:
            return configured
        raise StackError(
            f"stack.services.{service}.ready.http: the port is not known",
            advice=f"Write a whole URL, such as http://{service}:8000/health.",
        )


def _owner(own: OwnContainer | None) -> Owner:
    return own_identity().owner if own is None else Owner("container", own.id)
