"""`readiness-gate teardown`, and the action's post step: removes a run by its name alone."""

import os

from readiness_gate.cli.console import Console
from readiness_gate.cli.target import TEARDOWN_SECONDS, place_of, project_of
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.settings import Settings
from readiness_gate.errors import ConfigurationError
from readiness_gate.stack.open import (
    remove_abandoned,
    remove_abandoned_processes,
    tear_down_by_name,
)
from readiness_gate.stack.project import PROJECT_NAME
from readiness_gate.stack.scratch import remove_abandoned_scratch

_PROCESS_SECONDS = 5.0


def command(settings: Settings, console: Console, *, project: str | None) -> int:
    """Remove one project, or on a laptop all whose gate is gone; return 0 when nothing is left.

    Raises:
        ConfigurationError: that is no project of ours.
        StackError: the engine does not answer.
    """
    clock = SystemClock()
    if project is None and not settings.in_actions:
        own = project_of(settings, os.getpid())
        gone = remove_abandoned_processes(_PROCESS_SECONDS)
        gone += remove_abandoned(place=place_of(settings), clock=clock, ours=own)
        gone += remove_abandoned_scratch(clock.now())
        console.note(f"removed: {', '.join(gone) or 'nothing was left'}")
        return 0
    name = project or project_of(settings, os.getpid())
    if not PROJECT_NAME.fullmatch(name):
        raise ConfigurationError(
            f"project: {name!r} is no project of the gate", advice="Its names begin with rg-."
        )
    left = tear_down_by_name(name, place=place_of(settings), timeout=TEARDOWN_SECONDS)
    if folders := remove_abandoned_scratch(clock.now()):
        console.note(f"removed: {', '.join(folders)}")
    if left:
        console.problem(f"{name}: left behind: {left}")
        return 3
    console.note(f"{name}: nothing is left")
    return 0
