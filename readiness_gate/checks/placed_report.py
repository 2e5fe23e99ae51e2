"""A command and the report that it writes: the one of this very run, never an older one."""

from pathlib import PurePosixPath

from readiness_gate.checks.base import CheckContext
from readiness_gate.checks.place import PlacedOptions
from readiness_gate.checks.placed_run import cut_off, run_placed
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.stack.base import NotSupported, Stack

_READING = 10.0
"""Seconds that reading a report may take."""


def run_with_report(
    context: CheckContext, options: PlacedOptions, report: str
) -> tuple[Completed, bytes | None]:
    """Run the command, and read what it wrote at `report`.

    Returns:
        How it ended, and the report's bytes; `None` where there is no report, or the one that
        was there before.

    Raises:
        ConfigurationError: the host is refused, or the report lies outside of the checkout.
        StackError: the container did not start, or is gone.
    """
    deadline = Deadline(context.clock, context.timeout)
    place = options.in_
    if isinstance(place, str):
        before = _stamp(context, options, report)
        done, _ = run_placed(context, options, timeout=deadline.remaining())
        after = _stamp(context, options, report)
        return done, _on_host(context, options, report) if after != before else None
    if place.service is None or context.stack is None:
        return run_placed(context, options, timeout=deadline.remaining(), report=report)
    old = _in_service(context.stack, place.service, options, report)
    done, _ = run_placed(context, options, timeout=deadline.remaining())
    if done.timed_out:
        return done, None
    new = _in_service(context.stack, place.service, options, report)
    # Reports tell times: one that is equal to the byte was not written again.
    return done, new if new != old else None


def _path(options: PlacedOptions, report: str) -> str:
    return str(PurePosixPath(options.directory or ".", report))


def _stamp(
    context: CheckContext, options: PlacedOptions, report: str
) -> tuple[int, int, int] | None:
    try:
        found = context.workspace.path(_path(options, report)).stat()
    except PathRefused as error:
        raise ConfigurationError(
            f"junit: {error}", advice="On the host a report lies in the checkout."
        ) from error
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _on_host(context: CheckContext, options: PlacedOptions, report: str) -> bytes | None:
    try:
        return context.workspace.read(_path(options, report))
    except (PathRefused, OSError):
        return None


def _in_service(stack: Stack, service: str, options: PlacedOptions, report: str) -> bytes | None:
    """Return a file of a running service, `None` where there is none or it is too long."""
    if report.startswith("/"):
        try:
            return stack.copy_out(service, report)
        except NotSupported:
            raise
        except StackError as error:
            if error.infrastructure:
                raise
            return None
    # Only a program inside knows what a relative path is relative to.
    shown = stack.execute(
        service, ["cat", "--", report], timeout=_READING, directory=options.directory
    )
    return shown.stdout.encode() if shown.succeeded and not cut_off(shown.stdout) else None
