"""Opens the stack of a run and takes it down again, whatever happens between."""

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from readiness_gate.cli.doors import Doors
from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.databases import DatabaseSteps
from readiness_gate.engine.target import Target
from readiness_gate.errors import ConfigurationError, ForgeError, StackError
from readiness_gate.forge.base import Contents
from readiness_gate.stack.base import Leftovers, Stack
from readiness_gate.stack.compose.layer_cache import offered_cache
from readiness_gate.stack.compose.place import EnginePlace, find_place
from readiness_gate.stack.open import Machine, open_stack, remove_abandoned, save_file
from readiness_gate.stack.progress import Tell
from readiness_gate.stack.project import local_project_name, project_name
from readiness_gate.stack.scratch import open_scratch, remove_abandoned_scratch

RUN_SECONDS = 3_000.0
"""One deadline for the whole run, below the hour that tokens and jobs commonly live."""
KEPT_SECONDS = 43_200.0
"""A stack that its user keeps is taken for forgotten after half a day."""
TEARDOWN_SECONDS = 120.0
FORGOTTEN_SECONDS = RUN_SECONDS + TEARDOWN_SECONDS + 3_600.0
"""Nothing of a run lives longer, also where the machine slept meanwhile for a while."""


def project_of(settings: Settings, pid: int) -> str:
    """Return the project's name, which the post step derives again without any state."""
    if not settings.in_actions:
        return local_project_name(pid=pid, workspace=settings.workspace)
    return project_name(
        repository=settings.repository or "",
        workflow=settings.workflow,
        job=settings.job,
        action=settings.action,
        runner=settings.runner_name,
        run_id=settings.run_id,
        run_attempt=settings.run_attempt,
    )


def place_of(settings: Settings) -> EnginePlace:
    """Return where the container engine is."""
    return find_place(settings.variables, Path(settings.variables.get("HOME", "/")))


def machine_of(settings: Settings, doors: Doors, scratch: Path) -> Machine:
    """Return what the stack may know of where it runs."""
    keep = settings.keep
    return Machine(
        workspace=doors.workspace,
        scratch=scratch,
        programs=doors.programs,
        clock=doors.clock,
        web=doors.web,
        engine=place_of(settings),
        docker_auth_config=settings.variables.get("DOCKER_AUTH_CONFIG", ""),
        home=Path(settings.variables.get("HOME", "/")),
        deadline=doors.clock.now() + timedelta(seconds=KEPT_SECONDS if keep else RUN_SECONDS),
        keep=keep,
        cache=offered_cache(settings.variables),
        inside_action=settings.in_container,
    )


@dataclass
class OpenTarget:
    """A target with the stack under it, if it has one."""

    target: Target
    stack: Stack | None
    scratch: tempfile.TemporaryDirectory[str]

    def close(self, *, keep: bool = False) -> Leftovers:
        """Remove everything of this run; return what could not be removed."""
        try:
            self.target.database_steps.close()
            if self.stack is None or keep:
                return Leftovers()
            return self.stack.tear_down(TEARDOWN_SECONDS)
        finally:
            self.scratch.cleanup()


def open_target(
    config: GateConfig,
    settings: Settings,
    doors: Doors,
    contents: Contents | None,
    *,
    base_sha: str | None,
    deadline: Deadline,
    project: str,
    tell: Tell | None = None,
    endpoints: Mapping[str, str] | None = None,
) -> OpenTarget:
    """Return the target of a configuration; nothing is started yet.

    `endpoints` are those of a deployed copy, where that is the target.
    """
    remove_abandoned_scratch(doors.clock.now())
    scratch = open_scratch(doors.clock.now() + timedelta(seconds=FORGOTTEN_SECONDS))
    folder = Path(scratch.name)
    stack: Stack | None = None
    if config.stack is not None:
        stack = open_stack(
            config.stack,
            project=project,
            machine=replace(machine_of(settings, doors, folder), tell=tell),
            passed_on=_passed_on(config, settings),
            way_back=_waits_for_the_target(config),
            endpoints=endpoints,
        )
    compose = config.stack is not None and config.stack.driver == "compose"
    if compose:
        _remove_abandoned(settings, doors, project)
    steps = DatabaseSteps(
        databases=config.databases,
        stack=stack,
        compose=compose,
        workspace=doors.workspace,
        clock=doors.clock,
        deadline=deadline,
        base_tree=lambda: _base_tree(settings, doors, contents, base_sha, folder),
        save_file=lambda path: save_file(stack, path),
    )
    return OpenTarget(Target(config, stack, deadline, steps), stack, scratch)


def _remove_abandoned(settings: Settings, doors: Doors, project: str) -> None:
    """Make room for a run where a killed one left its stack; an engine that is away says so later.

    `prepare` asks the engine again, and its answer is the finding.
    """
    with contextlib.suppress(StackError):
        remove_abandoned(place=place_of(settings), clock=doors.clock, ours=project)


def _waits_for_the_target(config: GateConfig) -> bool:
    """Return whether an item has sinks, which services have to find."""
    options = [item.with_ or {} for item in config.items.values()]
    rolled_up = (item.checks or () for item in config.items.values())
    options += [one.with_ or {} for checks in rolled_up for one in checks]
    return any("sinks" in one for one in options)


def _passed_on(config: GateConfig, settings: Settings) -> Mapping[str, str]:
    names = config.stack.environment if config.stack is not None else ()
    return {name: settings.variables[name] for name in names if name in settings.variables}


def _base_tree(
    settings: Settings,
    doors: Doors,
    contents: Contents | None,
    base_sha: str | None,
    scratch: Path,
) -> Path | None:
    if base_sha is None:
        return None
    tree = scratch / "base"
    if tree.exists():
        return tree
    tree.mkdir()
    try:
        doors.git.export(base_sha, tree)
        return tree
    except GitUnavailable as missing:
        if not settings.in_actions:
            tree.rmdir()
            return None
        cause = str(missing)
    if contents is None:
        raise ConfigurationError(f"the base tip cannot be read: {cause}")
    try:
        contents.export(base_sha, tree)
    except ForgeError as error:
        raise ForgeError(
            f"the base tip cannot be read: {cause}; {error.message}",
            advice="Set fetch-depth: 0 at the checkout.",
        ) from error
    return tree
