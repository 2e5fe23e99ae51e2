"""Replaces containers of a compose project: one more, one less, all of a service, all of them."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import COMPOSE_PROJECT, NotThere
from readiness_gate.stack.compose.failures import as_error, pull_failure, start_failure
from readiness_gate.stack.compose.images import write_model
from readiness_gate.stack.compose.lifecycle import Lifecycle
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import leave_networks

_AT_ONCE = 8


class Replacement:
    """What compose itself has to do, as only it knows how its containers are made."""

    def __init__(self, project: ComposeProject, lifecycle: Lifecycle) -> None:
        """Do nothing yet."""
        self._project = project
        self._lifecycle = lifecycle
        self._other_image: set[str] = set()
        self._changed = False

    def add(self, service: str, timeout: float) -> str:
        """Start one more container; return its name."""
        before = self._names(service)
        self._changed = True
        scale = f"{service}={len(before) + 1}"
        self._up(["--detach", "--no-recreate", "--scale", scale, service], None, timeout)
        self._lifecycle.renew()
        added = [name for name in self._names(service) if name not in before]
        if len(added) != 1:
            raise StackError(f"compose added {len(added)} containers to {service}, not one")
        return added[0]

    def remove(self, replica: str) -> None:
        """Remove a container with its anonymous volumes."""
        self._changed = True
        self._project.engine.remove_container(replica)
        self._lifecycle.renew()

    def fetch(self, service: str, image: str, timeout: float) -> None:
        """Pull an image unless it is there.

        Raises:
            StackError: it cannot be pulled; `infrastructure` where the registry is at fault.
        """
        try:
            self._project.engine.image(image)
        except NotThere:
            done = self._project.command_line.docker(
                ["pull", "--quiet", "--", image], timeout=timeout, pulls=True
            )
            if done.timed_out:
                raise StackError(f"pulling {image} for {service} did not end in time") from None
            if not done.succeeded:
                raise as_error(pull_failure(image, done.output), done.output[-4000:]) from None

    def recreate(self, service: str, timeout: float, image: str | None) -> None:
        """Replace the containers of a service, with another image where one is named."""
        if image is None:
            self._other_image.discard(service)
        else:
            self._other_image.add(service)
        model = None if image is None else self._with_image(service, image)
        self._up(["--detach", "--force-recreate", service], model, timeout)
        self._lifecycle.renew()

    def down_and_up(self, timeout: float) -> None:
        """Stop all, remove containers and networks, create and start all again."""
        project = self._project
        deadline = Deadline(project.clock, timeout)
        self._changed = True
        self._compose(["stop"], project.model, deadline.remaining())
        prepared = project.prepared()
        if prepared.own is not None and not prepared.own.uses_host_network:
            leave_networks(project.engine, prepared.own, project.name)
        label = f"{COMPOSE_PROJECT}={project.name}"
        containers = [str(one["Id"]) for one in project.engine.containers([label])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(project.engine.remove_container, containers))
        for network in project.engine.networks([label]):
            project.engine.remove_network(str(network["Id"]))
        self._lifecycle.forget()
        self._lifecycle.start(None, deadline.remaining())
        self._changed = False

    def restore(self, timeout: float) -> None:
        """Put back images and the number of containers, where they were changed."""
        for service in sorted(self._other_image):
            self.recreate(service, timeout, None)
        if self._changed:
            self._up(["--no-start", "--no-recreate"], None, timeout)
            self._lifecycle.forget()
            self._lifecycle.start(None, timeout)
            self._changed = False

    def _names(self, service: str) -> list[str]:
        return [str(one["Name"]).lstrip("/") for one in self._project.containers(service)]

    def _up(self, options: Sequence[str], model: Path | None, timeout: float) -> None:
        fixed = ["up", "--no-build", "--pull", "never"]
        fixed += ["--no-deps"] if "--detach" in options else []
        self._compose([*fixed, *options], model or self._project.model, timeout)

    def _compose(self, arguments: Sequence[str], model: Path, timeout: float) -> None:
        done = self._project.command_line.compose(
            ["--progress", "quiet", *arguments],
            files=[model],
            directory=self._project.prepared().source.directory,
            timeout=timeout,
        )
        if done.timed_out:
            raise StackError(
                f"docker compose {arguments[0]} did not end in time", log=done.output[-4000:]
            )
        if not done.succeeded:
            raise as_error(start_failure(done.stderr), done.output[-4000:])

    def _with_image(self, service: str, image: str) -> Path:
        data = json.loads(self._project.model.read_text())
        body = {key: value for key, value in data["services"][service].items() if key != "build"}
        services = {**data["services"], service: {**body, "image": image}}
        path = self._project.scratch / f"model-image-{service}.json"
        write_model({**data, "services": services}, path)
        return path
