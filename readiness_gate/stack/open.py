"""Builds the stack that the section `stack` asks for, and removes one by its name alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from readiness_gate.config.stack import ReadyConfig, StackConfig
from readiness_gate.doors.clock import Clock
from readiness_gate.doors.programs import Programs
from readiness_gate.doors.web import Web
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Leftovers, Stack
from readiness_gate.stack.compose.command_line import DockerAccess
from readiness_gate.stack.compose.driver import ComposeStack
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.janitor import clean_up
from readiness_gate.stack.compose.layer_cache import LayerCache
from readiness_gate.stack.compose.place import EnginePlace
from readiness_gate.stack.compose.preparation import ComposeSettings
from readiness_gate.stack.compose.teardown import tear_down
from readiness_gate.stack.external import ExternalStack
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from readiness_gate.stack.process_state import ProcessState, abandoned
from readiness_gate.stack.progress import Tell
from readiness_gate.stack.ready import Readiness


@dataclass(frozen=True)
class Machine:
    """What a stack may know of where the gate runs."""

    workspace: Workspace
    scratch: Path
    """A private folder that the caller removes after `tear_down`."""
    programs: Programs
    clock: Clock
    web: Web
    engine: EnginePlace
    docker_auth_config: str = field(repr=False)
    home: Path
    """The user's home, for Docker's own folder `.docker`."""
    deadline: datetime
    """When the run is over; after it a janitor may remove what is left."""
    tell: Tell | None = None
    """Hears what is waited for, while it is waited for."""
    cache: LayerCache | None = None
    """Where the runner keeps layers of images."""
    keep: bool = False
    """Whether the stack stays up after the run."""
    inside_action: bool = False
    """Whether this is the action's own container, which has no project dependencies."""


def open_stack(
    config: StackConfig,
    *,
    project: str,
    machine: Machine,
    passed_on: Mapping[str, str],
    way_back: bool = False,
    endpoints: Mapping[str, str] | None = None,
) -> Stack:
    """Return the stack of a configuration; nothing is started or asked.

    Args:
        config: the section `stack`.
        project: the name from `stack/project.py`.
        machine: the doors and folders.
        passed_on: the values of `stack.environment`, for the target and no other child process.
        way_back: whether an item waits for what the services send to the gate.
        endpoints: base URLs of a deployed copy's services, by name; for the external driver.
    """
    if config.driver == "external":
        return ExternalStack(project=project, base_url=config.base_url or "", endpoints=endpoints)
    if config.driver == "process":
        return _process_stack(config, project, machine, passed_on)
    return ComposeStack(
        ComposeSettings(
            files=config.files,
            profiles=config.profiles,
            env_file=config.env_file,
            allow=frozenset(config.allow),
            one_shot={name: one.one_shot for name, one in config.services.items()},
            ready={
                name: ready
                for name, one in config.services.items()
                if (ready := _readiness(one.ready)) is not None
            },
            base_url=config.base_url,
            way_back=way_back,
        ),
        project=project,
        workspace=machine.workspace,
        scratch=machine.scratch,
        programs=machine.programs,
        clock=machine.clock,
        web=machine.web,
        access=DockerAccess(
            machine.engine.host,
            machine.home / ".docker",
            machine.engine.certificates,
            machine.docker_auth_config,
        ),
        deadline=machine.deadline,
        keep=machine.keep,
        cache=machine.cache,
        tell=machine.tell,
        passed_on=passed_on,
    )


def save_file(stack: Stack | None, path: Path) -> None:
    """Keep a file of the workspace until `tear_down`, where the driver changes files in place.

    Raises:
        StackError: it cannot be kept.
    """
    if isinstance(stack, ProcessStack):
        stack.keep_file(path)


def tear_down_by_name(project: str, *, place: EnginePlace, timeout: float) -> Leftovers:
    """Remove what a run left, by the project's name alone: for the post step and `teardown`.

    Raises:
        StackError: there are remains on an engine that does not answer.
    """
    processes = ProcessState(project).tear_down(min(timeout, 5.0))
    engine = DockerEngine(place.host, place.certificates)
    try:
        left = tear_down(engine, project, timeout)
    except StackError as error:
        if error.infrastructure and _no_engine(error):
            left = Leftovers()
        else:
            raise
    finally:
        engine.close()
    return Leftovers((*left.containers, *processes), left.networks, left.volumes, left.images)


def remove_abandoned_processes(timeout: float) -> tuple[str, ...]:
    """Remove what killed gates left of the process driver; return the names of their projects."""
    return tuple(name for name in abandoned() if not ProcessState(name).tear_down(timeout))


def remove_abandoned(*, place: EnginePlace, clock: Clock, ours: str) -> tuple[str, ...]:
    """Remove projects on the engine whose gate is gone; return their names.

    Raises:
        StackError: the engine does not answer.
    """
    engine = DockerEngine(place.host, place.certificates)
    try:
        return clean_up(engine, now=clock.now(), ours=ours)
    except StackError as error:
        if error.infrastructure and _no_engine(error):
            return ()
        raise
    finally:
        engine.close()


def _process_stack(
    config: StackConfig, project: str, machine: Machine, passed_on: Mapping[str, str]
) -> ProcessStack:
    specs = {}
    for name, process in config.processes.items():
        service = config.services.get(name)
        specs[name] = ProcessSpec(
            command=process.command,
            python=process.python,
            directory=process.directory,
            environment=process.environment,
            ready=_readiness(process.ready or (service.ready if service else None)),
            one_shot=bool(service and service.one_shot),
            restart=process.restart,
        )
    return ProcessStack(
        specs,
        project=project,
        base_url=config.base_url,
        workspace=machine.workspace,
        programs=machine.programs,
        clock=machine.clock,
        web=machine.web,
        passed_on=passed_on,
        inside_action=machine.inside_action,
        tell=machine.tell,
    )


def _readiness(config: ReadyConfig | None) -> Readiness | None:
    if config is None:
        return None
    return Readiness(config.http, config.tcp, config.log, config.command)


def _no_engine(error: StackError) -> bool:
    """Return whether there is no engine at all, so that nothing can be left on it."""
    cause: BaseException | None = error.__cause__
    while cause is not None:
        if isinstance(cause, FileNotFoundError):
            return True
        cause = cause.__cause__ or cause.__context__
    return "No such file or directory" in error.message
