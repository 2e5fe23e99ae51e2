"""From model to images, from images to containers that stay up."""

from collections.abc import Sequence
from pathlib import Path

from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import StackError
from readiness_gate.stack.base import BuiltImage, ServiceHealth
from readiness_gate.stack.compose.failures import as_error, start_failure
from readiness_gate.stack.compose.images import Images, write_model
from readiness_gate.stack.compose.isolation import Isolated
from readiness_gate.stack.compose.layer_cache import can_export, with_cache
from readiness_gate.stack.compose.model import COMPLETED
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import Reach, join_networks
from readiness_gate.stack.waiter import Waiter


class Lifecycle:
    """Builds, creates, starts and waits for one project."""

    def __init__(self, project: ComposeProject) -> None:
        """Start nothing yet."""
        self._project = project
        self._waiter: Waiter | None = None
        self._created = False

    def build(self, timeout: float) -> tuple[BuiltImage, ...]:
        """Build and pull every image of the enabled services, side by side."""
        prepared = self._project.prepared()
        self._project.touch()
        isolated = prepared.isolated.only(prepared.model.services)
        return self.images(isolated, self._project.model, timeout)

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        """Build what the compose files of the base tip say, under a name of this project."""
        self._project.prepared()
        self._project.touch()
        base = self._project.preparation.prepare_base(Path(tree), service)
        path = self._project.scratch / f"model-{service}-base.json"
        write_model(base.isolated.data, path)
        self.images(base.isolated, path, timeout)
        return base.isolated.images[f"{service}-base"]

    def images(self, isolated: Isolated, path: Path, timeout: float) -> tuple[BuiltImage, ...]:
        """Build and pull the images of a model that is written to `path`."""
        project = self._project
        directory = project.prepared().source.directory
        if project.cache is not None and can_export(project.engine.machine()):
            path = path.with_name(f"cached-{path.name}")
            write_model(with_cache(isolated.data, project.cache), path)
        images = Images(project.engine, project.command_line, isolated, path, directory)
        return images.all(Deadline(project.clock, timeout).remaining)

    def start(self, services: Sequence[str] | None, timeout: float) -> None:
        """Create all containers at the first call; start those whose conditions hold."""
        wanted = self._project.named(services)
        self._project.touch()
        if not self._created:
            self._create(timeout)
        waiter = self._waiting()
        waiter.enable(wanted)
        waiter.step()

    def wait(
        self, services: Sequence[str] | None, timeout: float, settle: float
    ) -> tuple[ServiceHealth, ...]:
        """Wait by the Engine API, and start on the way what others were waited for."""
        return self._waiting().wait(self._project.named(services), timeout, settle)

    def start_ready_made(self, service: str) -> None:
        """Start what a service needs, as `docker compose run` does, without waiting for it.

        What is built from the checkout, and what runs once, starts only when asked: after the
        migrations. A cache becomes healthy meanwhile, and nothing waits for it afterwards.
        """
        model = self._project.prepared().model
        one_off = self._project.service(service)
        wanted = [
            one.service
            for one in one_off.dependencies
            if one_off.is_built and one.condition != COMPLETED and model.ready_made(one.service)
        ]
        if self._created and wanted:
            self._waiting().enable(wanted)
            self._waiting().step()

    def forget(self) -> None:
        """Know of no container any more: all were removed."""
        self._created = False
        self._waiter = None

    def renew(self) -> None:
        """Forget what was seen of containers that were ended or replaced on purpose."""
        self._waiter = None
        self._waiting().enable(self._project.named(None))

    def _waiting(self) -> Waiter:
        if self._waiter is None:
            project = self._project
            expectations = project.prepared().model.expectations(project.settings.one_shot)
            self._waiter = Waiter(project.watch, project.clock, expectations, project.tell)
        return self._waiter

    def _create(self, timeout: float) -> None:
        project = self._project
        prepared = project.prepared()
        done = project.command_line.compose(
            ["--progress", "quiet", "up", "--no-start", "--no-recreate", "--no-build"],
            files=[project.model],
            directory=prepared.source.directory,
            timeout=timeout,
        )
        if done.timed_out:
            raise StackError("creating the containers did not end in time", log=done.output)
        if not done.succeeded:
            raise as_error(start_failure(done.stderr), done.output)
        self._created = True
        if prepared.reach is Reach.JOINED and prepared.own is not None:
            join_networks(project.engine, prepared.own, project.name)
