"""Commands in the project: which container and which model they run from."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.stack.compose.commands import Commands
from readiness_gate.stack.compose.images import write_model
from readiness_gate.stack.compose.lifecycle import Lifecycle
from readiness_gate.stack.compose.project import ComposeProject


class Executing:
    """Runs commands in one-off containers and inside running ones."""

    def __init__(self, project: ComposeProject, lifecycle: Lifecycle) -> None:
        """Run nothing yet."""
        self._project = project
        self._lifecycle = lifecycle
        self._by_name: set[str] = set()

    def one_off(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str],
        stdin: bytes,
        directory: str | None,
        image: str | None,
    ) -> Completed:
        """Run a command in a new container of a service, also of one that no profile enables."""
        self._project.service(service)
        self._project.touch()
        deadline = Deadline(self._project.clock, timeout)
        self._lifecycle.start_ready_made(service)
        model = self._model_for(service, timeout)
        return self._commands().one_off(
            service,
            command,
            model=model if image is None else self._with_image(service, image),
            timeout=deadline.remaining(),
            environment=environment,
            stdin=stdin,
            directory=directory,
        )

    def execute(
        self,
        service: str,
        command: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str],
        stdin: bytes,
        directory: str | None,
    ) -> Completed:
        """Run a command in the first running replica."""
        return self._commands().execute(
            self._project.running(service),
            service,
            command,
            timeout=timeout,
            environment=environment,
            stdin=stdin,
            directory=directory,
        )

    def _commands(self) -> Commands:
        project = self._project
        directory = project.prepared().source.directory
        return Commands(project.engine, project.command_line, project.name, directory)

    def _model_for(self, service: str, timeout: float) -> Path:
        """Return the model to run a service by name from; judges and builds it at first use."""
        project = self._project
        prepared = project.prepared()
        if service in prepared.model.services:
            return project.model
        path = project.scratch / f"model-run-{service}.json"
        if service not in self._by_name:
            project.preparation.judge(prepared, [service])
            write_model(prepared.isolated.only([*prepared.model.services, service]).data, path)
            alone = prepared.isolated.only([service])
            if alone.built_by.get(service, service) == service:
                self._lifecycle.images(alone, path, timeout)
            self._by_name.add(service)
        return path

    def _with_image(self, service: str, image: str) -> Path:
        prepared = self._project.prepared()
        data = prepared.isolated.only([*prepared.model.services, service]).data
        body = {key: value for key, value in data["services"][service].items() if key != "build"}
        services = {**data["services"], service: {**body, "image": image}}
        path = self._project.scratch / f"model-image-{service}.json"
        write_model({**data, "services": services}, path)
        return path
