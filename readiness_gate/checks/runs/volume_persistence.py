"""What `volume-persistence` does when it runs; what it promises stands beside its options."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.disrupting import operations
from readiness_gate.checks.stack.volume_persistence import MARKER, VolumePersistenceOptions
from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import Evidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import Stack
from readiness_gate.stack.disruption import Disruption, Mount, MountKind

_COMMAND = 60.0


@dataclass(frozen=True)
class _Marker:
    """How the marker is written and read in one stack."""

    stack: Stack
    operations: Disruption
    options: VolumePersistenceOptions
    text: str

    @property
    def file(self) -> str:
        return f"{self.options.path.rstrip('/')}/.{self.text}"

    def write(self, deadline: Deadline) -> str:
        """Return why it could not be written, empty where it was."""
        if self.options.write is None:
            try:
                self.operations.write(self.options.service, self.file, self.text.encode())
            except StackError as error:
                if error.infrastructure:
                    raise
                return error.message
            return ""
        return self._command(self.options.write, deadline)[1]

    def is_there(self, deadline: Deadline) -> str:
        """Return why it was not read again, empty where it was."""
        if self.options.read is None:
            try:
                found = self.stack.copy_out(self.options.service, self.file)
            except StackError as error:
                if error.infrastructure:
                    raise
                return f"the file {self.file} is gone"
            return "" if found == self.text.encode() else f"the file {self.file} is another one"
        printed, trouble = self._command(self.options.read, deadline)
        if trouble:
            return trouble
        return "" if self.text in printed else "read does not print the marker any more"

    def _command(self, command: Sequence[str], deadline: Deadline) -> tuple[str, str]:
        words = [word.replace(MARKER, self.text) for word in command]
        limit = max(0.001, deadline.remaining(_COMMAND))
        done = self.stack.execute(self.options.service, words, timeout=limit)
        if done.timed_out:
            return "", f"{words[0]} did not end in {limit:g} s"
        if not done.succeeded:
            said = " ".join(done.stderr.split())[-200:]
            return "", f"{words[0]} ended with exit code {done.exit_code}: {said}"
        return done.stdout, ""


def run(context: CheckContext, options: VolumePersistenceOptions) -> CheckResult:
    """Look at the mount, write the marker, replace the containers twice, and read it each time."""
    disrupting = operations(context)
    mounts = disrupting.mounts(options.service)
    evidence = (_table(mounts),)
    mount = covering(mounts, options.path)
    plain = _plainly_wrong(options, mount)
    if plain:
        return failed(
            f"{options.service}: {plain}", evidence=evidence, remediation=_advice(options, mount)
        )
    return _proven(context, options, disrupting, mount, evidence)


def _proven(
    context: CheckContext,
    options: VolumePersistenceOptions,
    disrupting: Disruption,
    mount: Mount | None,
    evidence: Sequence[Evidence],
) -> CheckResult:
    assert context.stack is not None  # noqa: S101 - `operations` refuses a context without
    deadline = Deadline(context.clock, context.timeout)
    service = options.service
    marker = _Marker(context.stack, disrupting, options, f"readiness-{secrets.token_hex(8)}")
    trouble = marker.write(deadline) or marker.is_there(deadline)
    if trouble:
        what = f"{service}: the marker cannot be written and read at first: {trouble}"
        return cannot_tell(ErrorClass.INCONCLUSIVE, what, evidence=evidence)
    again: tuple[tuple[str, Callable[[float], None]], ...] = (
        ("recreated", lambda seconds: disrupting.recreate(service, seconds)),
        ("down and up", disrupting.down_and_up),
    )
    for how, replace in again:
        lost = _after(marker, replace, deadline)
        if deadline.passed:
            return _out_of_time(service, how, context.timeout)
        if lost:
            why = _refused(options, mount) or f"{_what(mount)} does not keep it"
            return failed(
                f"{service}: after it was {how}, {lost}: {why}",
                evidence=evidence,
                remediation=_advice(options, mount),
            )
    refused = _refused(options, mount)
    if refused:
        advice = _advice(options, mount)
        return failed(f"{service}: {refused}", evidence=evidence, remediation=advice)
    what = "what read prints" if options.read else "a file"
    summary = f"{service}: {what} survives recreation, and down and up: {_what(mount)}"
    return passed(summary, evidence=evidence)


def _plainly_wrong(options: VolumePersistenceOptions, mount: Mount | None) -> str:
    """Return what is wrong with a mount that needs no proof, or allows none."""
    if mount is None:
        return ""
    if mount.read_only:
        return f"{_what(mount)} and is read-only"
    # The engine writes below a tmpfs, not into it; a bind keeps what is left in it.
    return _refused(options, mount) if mount.kind in {MountKind.MEMORY, MountKind.BIND} else ""


def _after(marker: _Marker, replace: Callable[[float], None], deadline: Deadline) -> str:
    """Replace containers; return why the marker is not there, empty where it is."""
    replace(deadline.remaining())
    health = marker.operations.wait(marker.options.service, deadline.remaining())
    if not health.healthy:
        return f"the service is not healthy: {health.cause or health.state}"
    return marker.is_there(deadline)


def covering(mounts: Sequence[Mount], path: str) -> Mount | None:
    """Return the mount that holds a path, the deepest of several; `None`: the container itself."""
    place = PurePosixPath(path)
    holding = [mount for mount in mounts if place.is_relative_to(mount.path)]
    return max(holding, key=lambda mount: len(PurePosixPath(mount.path).parts), default=None)


def _refused(options: VolumePersistenceOptions, mount: Mount | None) -> str:
    """Return why a mount will not do, empty where it does."""
    if mount is None:
        return f"{options.path} is in no volume: it goes with the container"
    if mount.kind is MountKind.NAMED:
        return ""
    if mount.kind is MountKind.BIND:
        accepted = "bind" in options.accept
        return "" if accepted else f"{_what(mount)}, which is kept on this one machine"
    if mount.kind is MountKind.ANONYMOUS:
        return f"{_what(mount)}, which is lost when the stack goes down"
    return f"{_what(mount)}, which is memory"


def _what(mount: Mount | None) -> str:
    if mount is None:
        return "the container itself"
    words = {
        MountKind.NAMED: f"the named volume {mount.source.partition('_')[2] or mount.source}",
        MountKind.ANONYMOUS: "a volume without a name",
        MountKind.BIND: f"a bind of {mount.source}",
        MountKind.MEMORY: "a tmpfs",
    }
    return f"{mount.path} is {words[mount.kind]}"


def _advice(options: VolumePersistenceOptions, mount: Mount | None) -> str:
    if mount is not None and mount.kind is MountKind.NAMED:
        if options.read is not None:
            return "The volume stays, the data does not: let the service write to it in time."
        return f"Look at what empties {mount.path} when the service starts."
    folder = options.path if mount is None else mount.path
    return f'Mount a named volume: volumes: ["data:{folder}"], and data under volumes.'


def _table(mounts: Sequence[Mount]) -> Evidence:
    rows = tuple(
        (one.path, one.kind.value, one.source, "read-only" if one.read_only else "")
        for one in mounts
    )
    return TableEvidence(title="Mounts", columns=("path", "kind", "source", ""), rows=rows)


def _out_of_time(service: str, how: str, timeout: float) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{service}: not {how} within {timeout:g} s",
        remediation="Give the item a longer timeout.",
    )
