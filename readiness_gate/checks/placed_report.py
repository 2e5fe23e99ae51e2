"""A command and the reports that it writes: those of this very run, never older ones."""

import secrets
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.place import PlacedOptions
from readiness_gate.checks.placed_run import cut_off, run_placed
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import PathRefused, has_wildcards
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.stack.base import NotSupported, Stack

_READING = 10.0
"""Seconds that reading a report may take."""
_MOST = 2_000
"""Reports that a pattern may lead to."""
_SHOW = """
IFS=
for file in $1; do
  printf '\\n%s\\n' "$2"
  cat -- "$file"
done
"""

Stamp = tuple[int, int, int]


def run_with_report(
    context: CheckContext, options: PlacedOptions, report: str
) -> tuple[Completed, tuple[bytes, ...]]:
    """Run the command, and read what it wrote at `report`, a path or a pattern such as `a/*.xml`.

    Returns:
        How it ended, and the bytes of each report; none where there are only those that were
        there before.

    Raises:
        ConfigurationError: the host is refused, or the report lies outside of the checkout.
        StackError: the container did not start, or is gone.
    """
    deadline = Deadline(context.clock, context.timeout)
    place = options.in_
    if isinstance(place, str):
        before = _stamps(context, options, report)
        done, _ = run_placed(context, options, timeout=deadline.remaining())
        after = _stamps(context, options, report)
        written = [path for path, stamp in after.items() if before.get(path) != stamp]
        return done, tuple(_on_host(context, written))
    if place.service is None or context.stack is None:
        return run_placed(context, options, timeout=deadline.remaining(), report=report)
    old = _in_service(context.stack, place.service, options, report)
    done, _ = run_placed(context, options, timeout=deadline.remaining())
    if done.timed_out:
        return done, ()
    new = _in_service(context.stack, place.service, options, report)
    # Reports tell times: one that is equal to the byte was not written again.
    return done, tuple(one for one in new if one not in old)


def _stamps(context: CheckContext, options: PlacedOptions, report: str) -> Mapping[str, Stamp]:
    try:
        return dict(_found(context, str(PurePosixPath(options.directory or ".", report))))
    except PathRefused as error:
        raise ConfigurationError(
            f"junit: {error}", advice="On the host a report lies in the checkout."
        ) from error


def _found(context: CheckContext, report: str) -> Iterator[tuple[str, Stamp]]:
    root = context.workspace.root
    paths = islice(root.glob(report), _MOST) if has_wildcards(report) else iter([root / report])
    for path in paths:
        name = str(path.relative_to(root))
        try:
            found = context.workspace.path(name).stat()
        except OSError:
            continue
        yield name, (found.st_mtime_ns, found.st_ino, found.st_size)


def _on_host(context: CheckContext, written: list[str]) -> Iterator[bytes]:
    for path in sorted(written):
        try:
            yield context.workspace.read(path)
        except (PathRefused, OSError):
            continue


def _in_service(
    stack: Stack, service: str, options: PlacedOptions, report: str
) -> tuple[bytes, ...]:
    """Return files of a running service; none where there is none, or they are too long."""
    if has_wildcards(report):
        return _matching(stack, service, options, report)
    if report.startswith("/"):
        try:
            return (stack.copy_out(service, report),)
        except NotSupported:
            raise
        except StackError as error:
            if error.infrastructure:
                raise
            return ()
    # Only a program inside knows what a relative path is relative to.
    shown = stack.execute(
        service, ["cat", "--", report], timeout=_READING, directory=options.directory
    )
    if not shown.succeeded or cut_off(shown.stdout):
        return ()
    return (shown.stdout.encode(),)


def _matching(
    stack: Stack, service: str, options: PlacedOptions, pattern: str
) -> tuple[bytes, ...]:
    marker = f"readiness-{secrets.token_hex(16)}"
    shown = stack.execute(
        service,
        ["sh", "-c", _SHOW, "sh", pattern, marker],
        timeout=_READING,
        directory=options.directory,
    )
    if cut_off(shown.stdout):
        raise ConfigurationError(
            f"the reports at {pattern} of service {service} are too long to be read together",
            advice="Let the command write one report.",
        )
    _, *texts = shown.stdout.split(f"\n{marker}\n")
    return tuple(text.encode() for text in texts if text)
