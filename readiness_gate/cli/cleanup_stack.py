"""A stack's database for `cleanup-plan`: booted as a run boots it, read, and removed again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from readiness_gate.checks.context import StepRecord
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import Doors
from readiness_gate.cli.interruption import interruptible, uninterrupted
from readiness_gate.cli.target import RUN_SECONDS, OpenTarget, open_target, project_of
from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.steps import MIGRATE
from readiness_gate.errors import ConfigurationError, Interrupted, StackError

_SEEN_BEFORE = "refused: "
"""How an upgrade begins to say that it stops before orphans, which are what is asked for."""


@contextmanager
def booted(
    config: GateConfig,
    name: str,
    *,
    base: str,
    settings: Settings,
    doors: Doors,
    console: Console,
) -> Iterator[str]:
    """Yield the URL of a database of the stack with the rows that a run would find in it.

    The services that the databases need are started, the seeds run at `base` where one is given.
    Where the rows come with the upgrade or later, it is gone too; one that is refused because
    orphans stand is left there. Afterwards everything is removed, also after Ctrl-C.

    Raises:
        ConfigurationError: the configuration does not lead to a database.
        StackError: a step failed.
        Interrupted: somebody asked to stop; what was booted is removed.
    """
    console.note(f"{name} is a service of the stack: it is started, read, and removed again")
    opened = open_target(
        config,
        settings,
        doors,
        None,
        base_sha=_known(base, doors),
        deadline=Deadline(doors.clock, RUN_SECONDS),
        project=project_of(settings, os.getpid()),
    )
    with interruptible():
        try:
            _begin(opened)
            yield opened.target.databases[name].url
        except KeyboardInterrupt as stop:
            with uninterrupted():
                doors.end_programs()
            raise Interrupted("interrupted", advice="Run it again.") from stop
        finally:
            with uninterrupted():
                _close(opened, console)


def _known(base: str, doors: Doors) -> str | None:
    try:
        return doors.git.merge_base(base, base) if base else None
    except GitUnavailable as error:
        raise ConfigurationError(
            f"--base: {error}", advice="give the full SHA of a commit that is in the checkout"
        ) from error


def _begin(opened: OpenTarget) -> None:
    steps = opened.target.steps()
    databases = opened.target.database_steps
    for step in steps:
        if step.name == MIGRATE and not (databases.filled_late or databases.after_start):
            return
        record = step.run()
        if not record.succeeded and not _stands_before_orphans(record):
            raise _problem(record)
        if step.name == MIGRATE:
            return


def _stands_before_orphans(record: StepRecord) -> bool:
    return record.name == MIGRATE and _SEEN_BEFORE in record.summary


def _problem(record: StepRecord) -> Exception:
    if record.configuration:
        return ConfigurationError(record.summary, advice=record.advice)
    return StackError(
        record.summary,
        advice=record.advice,
        infrastructure=record.infrastructure,
        log=record.log,
    )


def _close(opened: OpenTarget, console: Console) -> None:
    try:
        left = opened.close()
    except StackError as error:
        console.problem(f"the stack was not removed: {error.message}", error.advice)
        return
    if left:
        console.problem(
            f"left behind: {left}", "Run `readiness-gate teardown`, or remove it by hand."
        )
