"""Builds and pulls the images of a project, side by side, with time and size of each."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.formats.dockerfile import parse
from readiness_gate.stack.base import BuiltImage
from readiness_gate.stack.compose.base import Engine, NotThere
from readiness_gate.stack.compose.command_line import CommandLine
from readiness_gate.stack.compose.failures import as_error, build_failure, pull_failure
from readiness_gate.stack.compose.isolation import Isolated

_AT_ONCE = 3


@dataclass(frozen=True)
class Images:
    """The images of one isolated model, written to the file `model`."""

    engine: Engine
    command_line: CommandLine
    isolated: Isolated
    model: Path
    directory: Path
    retry_pause: float = 2.0
    """Seconds before a pull is tried the second and last time."""

    def all(self, deadline: Callable[[], float]) -> tuple[BuiltImage, ...]:
        """Build and pull everything; `deadline` tells the seconds that are left.

        Raises:
            StackError: the worst failure, a build before a pull, naming its service.
        """
        services: Mapping[str, Any] = self.isolated.data["services"]
        builders = sorted(set(self.isolated.built_by.values()))
        pulled: dict[str, str] = {}
        for service in sorted(services):
            if service not in self.isolated.built_by:
                pulled.setdefault(self.isolated.images[service], service)
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            futures = [pool.submit(self._build, service, deadline) for service in builders]
            futures += [
                pool.submit(self._pull, image, service, deadline)
                for image, service in pulled.items()
            ]
            wait(futures)
        except BaseException:
            # Ctrl-C reaches this thread alone; the commands would go on for minutes.
            pool.shutdown(wait=False, cancel_futures=True)
            self.command_line.end_all()
            raise
        finally:
            pool.shutdown()
        failures = [error for future in futures if (error := future.exception()) is not None]
        if failures:
            # What the author can fix comes before what only a new run can.
            raise min(failures, key=lambda e: isinstance(e, StackError) and e.infrastructure)
        return tuple(future.result() for future in futures)

    def _build(self, service: str, deadline: Callable[[], float]) -> BuiltImage:
        started = time.monotonic()
        done = self.command_line.compose(
            ["build", service],
            files=[self.model],
            directory=self.directory,
            timeout=deadline(),
            pulls=True,
        )
        name = self.isolated.images[service]
        _require_end(done, f"building {service}")
        if not done.succeeded:
            dockerfile = self._dockerfile(service)
            raise as_error(build_failure(service, done.output, dockerfile), done.output)
        return self._measured(service, name, built=True, started=started)

    def _pull(self, image: str, service: str, deadline: Callable[[], float]) -> BuiltImage:
        started = time.monotonic()
        if not image:
            raise StackError(f"services.{service}: neither image nor build is given")
        if service in self.isolated.always_pulled or not self._has(image):
            done = self._pull_once(image, service, deadline())
            if not done.succeeded and not done.timed_out and deadline() > 2 * self.retry_pause:
                time.sleep(self.retry_pause)
                done = self._pull_once(image, service, deadline())
            _require_end(done, f"pulling {image} for {service}")
            if not done.succeeded:
                cause = as_error(pull_failure(image, done.output), done.output)
                cause.message = f"service {service}: {cause.message}"
                raise cause
        return self._measured(service, image, built=False, started=started)

    def _pull_once(self, image: str, service: str, timeout: float) -> Completed:
        platform = str(self.isolated.data["services"][service].get("platform") or "")
        options: Sequence[str] = ["--platform", platform] if platform else []
        return self.command_line.docker(
            ["pull", "--quiet", *options, "--", image], timeout=timeout, pulls=True
        )

    def _has(self, image: str) -> bool:
        try:
            self.engine.image(image)
        except NotThere:
            return False
        return True

    def _measured(self, service: str, name: str, *, built: bool, started: float) -> BuiltImage:
        size, measure = self._size(name)
        seconds = round(time.monotonic() - started, 3)
        return BuiltImage(
            service,
            name,
            built,
            size,
            seconds,
            began=started,
            measure=measure,
            bases=self._bases(service) if built else (),
        )

    def _size(self, name: str) -> tuple[int, str]:
        """Return the bytes of an image, and of what.

        The engine's own figure is of unpacked layers in one store and of packed ones in another
        (notes on stacks 2.7); the layers of the history are unpacked in both.
        """
        layers = sum(self.engine.layers(name))
        if layers > 0:
            return layers, "unpacked layers"
        return int(self.engine.image(name).get("Size") or 0), "the engine's own figure"

    def _bases(self, service: str) -> tuple[str, ...]:
        arguments = self.isolated.data["services"][service]["build"].get("args") or {}
        given = {name: str(value) for name, value in arguments.items() if value is not None}
        file = parse(self._dockerfile(service), given)
        names = {stage.name.lower() for stage in file.stages if stage.name}
        found = [stage.image for stage in file.stages if file.parent(stage) is None]
        found += [
            source
            for stage in file.stages
            for one in stage.instructions
            if one.word == "COPY"
            for source in (dict(one.flags).get("from", ""),)
            if source and not source.isdecimal() and source.lower() not in names
        ]
        return tuple(dict.fromkeys(one for one in found if one.lower() != "scratch"))

    def _dockerfile(self, service: str) -> str:
        build = self.isolated.data["services"][service]["build"]
        if build.get("dockerfile_inline"):
            return str(build["dockerfile_inline"])
        path = Path(str(build.get("context", ""))) / str(build.get("dockerfile", "Dockerfile"))
        try:
            return path.read_text(errors="replace")
        except OSError:
            return ""


def write_model(data: Mapping[str, Any], path: Path) -> None:
    """Write a model for this user's eyes only: it holds resolved values of variables."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(data, indent=1))


def _require_end(done: Completed, what: str) -> None:
    if done.timed_out:
        raise StackError(f"{what} did not end in time", log=done.output[-4000:])
