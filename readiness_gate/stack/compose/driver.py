"""The compose driver: one isolated copy of a compose project."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from readiness_gate.doors.clock import Clock, Deadline
from readiness_gate.doors.programs import Completed, Programs
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Address, BuiltImage, Leftovers, NotSupported, ServiceHealth
from readiness_gate.stack.compose.base import DEFAULT_HOST, Engine, NotThere
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.commands import Commands
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.failures import as_error, start_failure
from readiness_gate.stack.compose.images import Images, write_model
from readiness_gate.stack.compose.isolation import Isolated
from readiness_gate.stack.compose.model import COMPLETED, Service
from readiness_gate.stack.compose.preparation import ComposeSettings, Preparation, Prepared
from readiness_gate.stack.compose.reach import (
    Reach,
    container_address,
    join_networks,
    leave_networks,
    published_address,
)
from readiness_gate.stack.compose.teardown import tear_down
from readiness_gate.stack.compose.watch import ComposeWatch
from readiness_gate.stack.ready import Readiness, ReadyProbe
from readiness_gate.stack.urls import reachable
from readiness_gate.stack.waiter import Waiter

_READY_LINES = 2000


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
        self._engine = DockerEngine(access.host) if engine is None else engine
        self._host = access.host or DEFAULT_HOST
        self._watch = ComposeWatch(self._engine, project)
        self._command_line = CommandLine(
            programs,
            access,
            project=project,
            scratch=scratch,
            passed_on=passed_on,
            remote_files="remote-file" in settings.allow,
        )
        self._preparation = Preparation(
            settings=settings,
            project=project,
            scratch=scratch,
            engine=self._engine,
            command_line=self._command_line,
            deadline=deadline,
            host=self._host,
        )
        self._prepared: Prepared | None = None
        self._waiter: Waiter | None = None
        self._by_name: set[str] = set()
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
        if self._prepared is None:
            prepared = self._preparation.prepare(self._workspace)
            write_model(prepared.isolated.only(prepared.model.services).data, self._model)
            self._prepared = prepared
            self._watch.probes = {
                name: self._probe(name, readiness)
                for name, readiness in self._settings.ready.items()
                if name in prepared.model.services
            }

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:
        """Build and pull every image of the enabled services, side by side."""
        prepared = self._ready()
        self._touched = True
        isolated = prepared.isolated.only(prepared.model.services)
        return self._images(isolated, self._model, timeout)

    def start(self, services: Sequence[str] | None, timeout: float) -> None:
        """Create all containers at the first call; start those whose conditions hold."""
        wanted = self._named(services)
        self._touched = True
        if not self._created:
            self._create(timeout)
        waiter = self._waiting()
        waiter.enable(wanted)
        waiter.step()

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Wait by the Engine API, and start on the way what others were waited for."""
        return self._waiting().wait(self._named(services), timeout, settle)

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
        self._service(service)
        self._touched = True
        deadline = Deadline(self._clock, timeout)
        self._start_ready_made(service)
        model = self._model_for(service, timeout)
        return self._commands().one_off(
            service,
            command,
            model=model if image is None else self._with_image(service, image),
            timeout=deadline.remaining(),
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
        return self._commands().execute(
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
        inspection = self._engine.container(self._running(service))
        if prepared.reach is Reach.DIRECT:
            return container_address(inspection, service, port)
        return published_address(inspection, service, port, self._host)

    def environment(self, service: str) -> Mapping[str, str]:
        """Return the image's variables under the model's."""
        declared = self._service(service).environment
        image = self._engine.image(self._ready().isolated.images[service])
        pairs = (entry.partition("=") for entry in (image.get("Config") or {}).get("Env") or ())
        return {**{name: value for name, _, value in pairs}, **declared}

    def image(self, service: str) -> str:
        """Return the image as declared, or the project's name of a built one."""
        self._service(service)
        return self._ready().isolated.images[service]

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        """Build what the compose files of the base tip say, under a name of this project."""
        self._ready()
        self._touched = True
        base = self._preparation.prepare_base(Path(tree), service)
        path = self._scratch / f"model-{service}-base.json"
        write_model(base.isolated.data, path)
        self._images(base.isolated, path, timeout)
        return base.isolated.images[f"{service}-base"]

    def copy_out(self, service: str, path: str) -> bytes:
        """Return one file of the first replica, also of one that ended."""
        self._service(service)
        inspections = self._watch.inspections(service)
        if not inspections:
            raise StackError(f"service {service} has no container")
        return self._engine.file(str(inspections[0]["Id"]), path)

    def logs(self, service: str, lines: int = 200) -> str:
        """Return the tail of every replica's log."""
        self._service(service)
        return self._watch.logs(service, lines)

    def tear_down(self, timeout: float) -> Leftovers:
        """Leave the networks, remove everything of the project, and look twice."""
        self._command_line.close()
        self._watch.finish()
        try:
            own = self._prepared.own if self._prepared else None
            if own is not None and not own.uses_host_network:
                leave_networks(self._engine, own, self._project)
            return tear_down(self._engine, self._project, timeout)
        except StackError:
            if self._touched:
                raise
            return Leftovers()
        finally:
            self._engine.close()
            self._created = False
            self._waiter = None
            for model in self._scratch.glob("model*.json"):
                model.unlink(missing_ok=True)

    @property
    def _model(self) -> Path:
        return self._scratch / "model.json"

    def _ready(self) -> Prepared:
        self.prepare()
        assert self._prepared is not None  # noqa: S101 - prepare sets it or raises
        return self._prepared

    def _waiting(self) -> Waiter:
        if self._waiter is None:
            expectations = self._ready().model.expectations(self._settings.one_shot)
            self._waiter = Waiter(self._watch, self._clock, expectations)
        return self._waiter

    def _commands(self) -> Commands:
        directory = self._ready().source.directory
        return Commands(self._engine, self._command_line, self._project, directory)

    def _named(self, services: Sequence[str] | None) -> tuple[str, ...]:
        enabled = self._ready().model.services
        if services is None:
            return tuple(enabled)
        unknown = [service for service in services if service not in enabled]
        if unknown:
            raise StackError(
                f"no service {unknown[0]!r} is enabled: there are {', '.join(enabled)}",
                advice="Correct the name in the configuration, or enable it by stack.profiles.",
            )
        return tuple(services)

    def _service(self, name: str) -> Service:
        services = self._ready().model.all_services
        if name not in services:
            raise StackError(
                f"no service {name!r} in the compose files: there are {', '.join(services)}",
                advice="Correct the name in the configuration, or in the compose files.",
            )
        return services[name]

    def _images(self, isolated: Isolated, path: Path, timeout: float) -> tuple[BuiltImage, ...]:
        directory = self._ready().source.directory
        images = Images(self._engine, self._command_line, isolated, path, directory)
        return images.all(Deadline(self._clock, timeout).remaining)

    def _create(self, timeout: float) -> None:
        prepared = self._ready()
        done = self._command_line.compose(
            ["--progress", "quiet", "up", "--no-start", "--no-recreate", "--no-build"],
            files=[self._model],
            directory=prepared.source.directory,
            timeout=timeout,
        )
        if done.timed_out:
            raise StackError("creating the containers did not end in time", log=done.output)
        if not done.succeeded:
            raise as_error(start_failure(done.stderr), done.output)
        self._created = True
        self._join()

    def _start_ready_made(self, service: str) -> None:
        """Start what a service needs, as `docker compose run` does, without waiting for it.

        What is built from the checkout, and what runs once, starts only when asked: after the
        migrations. A cache becomes healthy meanwhile, and nothing waits for it afterwards.
        """
        model = self._ready().model
        one_off = self._service(service)
        wanted = [
            one.service
            for one in one_off.dependencies
            if one_off.is_built and one.condition != COMPLETED and model.ready_made(one.service)
        ]
        if self._created and wanted:
            self._waiting().enable(wanted)
            self._waiting().step()

    def _join(self) -> None:
        prepared = self._ready()
        if prepared.reach is Reach.JOINED and prepared.own is not None:
            join_networks(self._engine, prepared.own, self._project)

    def _running(self, service: str) -> str:
        self._service(service)
        for inspection in self._watch.inspections(service):
            if (inspection.get("State") or {}).get("Status") == "running":
                return str(inspection["Id"])
        raise NotThere(f"service {service} is not running")

    def _model_for(self, service: str, timeout: float) -> Path:
        """Return the model to run a service by name from; judges and builds it at first use."""
        prepared = self._ready()
        if service in prepared.model.services:
            return self._model
        path = self._scratch / f"model-run-{service}.json"
        if service not in self._by_name:
            self._preparation.judge(prepared, [service])
            write_model(prepared.isolated.only([*prepared.model.services, service]).data, path)
            alone = prepared.isolated.only([service])
            if alone.built_by.get(service, service) == service:
                self._images(alone, path, timeout)
            self._by_name.add(service)
        return path

    def _with_image(self, service: str, image: str) -> Path:
        prepared = self._ready()
        data = prepared.isolated.only([*prepared.model.services, service]).data
        body = {key: value for key, value in data["services"][service].items() if key != "build"}
        services = {**data["services"], service: {**body, "image": image}}
        path = self._scratch / f"model-image-{service}.json"
        write_model({**data, "services": services}, path)
        return path

    def _probe(self, service: str, readiness: Readiness) -> ReadyProbe:
        def url(target: str) -> str:
            if "://" in target:
                return reachable(self, target)
            base = base_of(self._service(service), self._settings.base_url)
            return reachable(self, f"{base.rstrip('/')}/{target.lstrip('/')}")

        return ReadyProbe(
            readiness,
            web=self._web,
            clock=self._clock,
            url=url,
            address=lambda port: self.address(service, port),
            log=lambda: self._watch.logs(service, _READY_LINES),
        )


def base_of(service: Service, configured: str | None) -> str:
    """Return where the path of a service's readiness starts: `base-url`, or its own first port.

    Raises:
        StackError: the service's port is not known.
    """
    if configured and urlsplit(configured).hostname == service.name:
        return configured
    if service.ports:
        return f"http://{service.name}:{service.ports[0]}"
    raise StackError(
        f"stack.services.{service.name}.ready.http: the port of the service is not known",
        advice=f"Write a whole URL, such as http://{service.name}:8000/health.",
    )
