"""Runs a command of an item in its place, and brings back its report.

Inside containers a small `sh` script prepares and reports; nothing of an item is ever read by a
shell on the host (S-16).
"""

import secrets
import shlex
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.endpoints import FORWARD, forwarders, forwards, variables_for
from readiness_gate.checks.place import Place, PlacedOptions
from readiness_gate.checks.target import may_act
from readiness_gate.doors.programs import OUTPUT_CAP, Completed
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.formats.checkout_tar import checkout_tar
from readiness_gate.model.evidence import CommandEvidence, Evidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell
from readiness_gate.stack.base import Stack
from readiness_gate.stack.urls import reachable

CHECKOUT = "/workspace"
_SHOWN = 4000
_SCRIPT = (
    FORWARD
    + """
marker=$1 report=$2 checkout=$3 directory=$4 count=$5 ports=$6 python=$7 perl=$8
shift 8
given_up() { code=$?; printf '\\n%s setup\\n' "$marker"; exit "$code"; }
if [ -n "$checkout" ]; then
  mkdir -p "$checkout" || given_up
  cd "$checkout" || given_up
  tar -xof - || given_up
fi
while [ "$count" -gt 0 ]; do
  sh -c "$1" </dev/null >&2 || given_up
  shift
  count=$((count - 1))
done
if [ -n "$ports" ]; then
  # One word for each port.
  forward "$python" "$perl" $ports
fi
if [ -n "$directory" ]; then
  cd "$directory" || given_up
fi
# Unquoted, a pattern is filled in; without separators of words nothing else happens to it.
IFS=
if [ -n "$report" ]; then
  rm -f -- $report
fi
"$@"
code=$?
if [ -n "$report" ]; then
  for file in $report; do
    printf '\\n%s report\\n' "$marker"
    cat -- "$file"
  done
fi
exit "$code"
"""
)


def run_placed(
    context: CheckContext, options: PlacedOptions, *, timeout: float, report: str | None = None
) -> tuple[Completed, tuple[bytes, ...]]:
    """Run the command in its place.

    Args:
        context: as the check got it.
        options: the command and its place.
        timeout: seconds that it may take.
        report: path or pattern of files that the command writes; read by this function only in
            one-off containers, which are gone afterwards.

    Returns:
        How it ended, and the bytes of every report that was read.

    Raises:
        ConfigurationError: the host is refused, or the program is not there.
        StackError: the container did not start, or its set-up failed.
    """
    place = options.in_
    if isinstance(place, str):
        return _on_host(context, options, timeout), ()
    stack = _stack(context)
    if place.service is not None:
        done = stack.execute(
            place.service,
            options.command,
            timeout=timeout,
            environment=variables_for(stack, inside=True, declared=options.environment),
            directory=options.directory,
        )
        return done, ()
    if place.run is not None and report is None:
        done = stack.one_off(
            place.run,
            options.command,
            timeout=timeout,
            environment=_variables(options, context.base_url, stack, inside=True),
            directory=options.directory,
        )
        return done, ()
    return _scripted(context, stack, options, place, timeout, report)


def _scripted(
    context: CheckContext,
    stack: Stack,
    options: PlacedOptions,
    place: Place,
    timeout: float,
    report: str | None,
) -> tuple[Completed, tuple[bytes, ...]]:
    marker = f"readiness-{secrets.token_hex(16)}"
    image = place.image is not None
    words = [marker, report or "", CHECKOUT if image else ""]
    ports = forwards(stack) if image else ()
    words += [options.directory or "" if image else "", str(len(place.setup))]
    words += [" ".join(ports), *(forwarders() if ports else ("", "")), *place.setup]
    done = stack.one_off(
        place.run or _beside(context, stack, place),
        ["sh", "-c", _SCRIPT, "sh", *words, *options.command],
        timeout=timeout,
        environment=_variables(options, context.base_url, stack, inside=True),
        stdin=_checkout(context) if image else b"",
        directory=None if image else options.directory,
        image=place.image,
    )
    done = replace(done, argv=options.command)
    if done.stdout.rstrip().endswith(f"{marker} setup"):
        raise StackError(f"set-up in {options.where} failed", log=done.output[-_SHOWN:])
    printed, *texts = done.stdout.split(f"\n{marker} report\n")
    if not texts:
        return done, ()
    if len(texts) > 1 and cut_off(done.stdout):
        raise ConfigurationError(
            f"the reports at {report} and the output are longer than {OUTPUT_CAP} bytes together",
            advice="Let the command write one report, or print less.",
        )
    done = replace(done, stdout=printed, stdout_bytes=None)
    return done, tuple(text.encode() for text in texts if text)


def _on_host(context: CheckContext, options: PlacedOptions, timeout: float) -> Completed:
    if context.inside_container:
        raise ConfigurationError(
            "in: host is refused inside the action's container, which is not the project's",
            advice="Name a service or an image: in: {image: python:3.13}.",
        )
    if options.needs and not may_act(context):
        raise ConfigurationError("a command is not let loose on a system that the gate only reads")
    try:
        folder = context.workspace.path(options.directory or ".")
    except PathRefused as error:
        raise ConfigurationError(f"directory: {error}") from error
    if not folder.is_dir():
        raise ConfigurationError(f"directory: {options.directory} is not in the checkout")
    base = context.base_url if options.needs else None
    if base is not None and context.stack is not None:
        base = reachable(context.stack, base)
    try:
        return context.programs.run(
            options.command,
            timeout=timeout,
            cwd=folder,
            environment=_variables(
                options, base, context.stack if options.needs else None, inside=False
            ),
        )
    except OSError as error:
        raise ConfigurationError(
            f"{options.command[0]} cannot be run on the host: {error.strerror}",
            advice="Install it before the gate runs, or name a service or an image.",
        ) from error


def _stack(context: CheckContext) -> Stack:
    if context.stack is None:
        raise ConfigurationError("no stack is configured", advice="Add the section stack.")
    return context.stack


def _beside(context: CheckContext, stack: Stack, place: Place) -> str:
    host = urlsplit(context.base_url or "").hostname
    named = [service for service in stack.services if service.lower() == host]
    wanted = [place.beside] if place.beside else [*named, *stack.services]
    if not wanted:
        raise ConfigurationError("in.image needs a service to stand beside, and there is none")
    return wanted[0]


def _checkout(context: CheckContext) -> bytes:
    try:
        return checkout_tar(context.workspace)
    except (ValueError, OSError) as error:
        raise ConfigurationError(f"the checkout cannot be handed to the image: {error}") from error


def _variables(
    options: PlacedOptions, base_url: str | None, stack: Stack | None, *, inside: bool
) -> dict[str, str]:
    base = {"BASE_URL": base_url} if base_url else {}
    return variables_for(stack, inside=inside, declared={**base, **options.environment})


def out_of_time(what: str, timeout: float, evidence: Sequence[Evidence]) -> CheckResult:
    """Return the result of a command that had to be ended: nobody knows what it would have said."""
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{what}: did not end within {timeout:g} s",
        evidence=evidence,
        remediation="Find out why it hangs, or give the item a longer timeout.",
    )


def cannot_run(done: Completed) -> str | None:
    """Return why the program could not be started, `None` where it was."""
    if done.exit_code not in {126, 127}:
        return None
    last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "")
    return " ".join(last.split())[:300] or "there is no such program"


def cut_off(text: str) -> bool:
    """Return whether a stream was too long to be kept whole; then nothing is absent from it."""
    return len(text.encode("utf-8", "replace")) >= OUTPUT_CAP


def command_evidence(options: PlacedOptions, done: Completed) -> CommandEvidence:
    """Return the run for the reader, with the tail of what it printed."""
    return CommandEvidence(
        argv=options.command,
        exit_code=done.exit_code,
        output=done.output[-_SHOWN:],
        where=options.where,
    )


def in_words(command: Sequence[str]) -> str:
    """Return a command on one line, at most 100 characters of it."""
    line = " ".join(shlex.join(command).split())
    return line if len(line) <= 100 else f"{line[:99]}…"
