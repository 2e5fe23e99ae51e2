"""What `backup-restore` does when it runs; what it promises stands beside its options."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.backup_restore import BackupRestoreOptions
from readiness_gate.database import address
from readiness_gate.database.backup.sqlite import copied
from readiness_gate.database.backup.tools import Script, Tools, tools
from readiness_gate.database.choice import choose
from readiness_gate.database.comparison import Contents, contents, differences, orphans
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.programs import Completed
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import Stack

_CLEANING = 60.0
_LOG = 4_000


class _Failed(Exception):  # noqa: N818
    """A step of the way did not succeed."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(result.summary)
        self.result = result


@dataclass(frozen=True)
class _Restored:
    """How long it took, and what came of it."""

    dumped: float
    restored: float
    differences: tuple[str, ...]
    contents: Contents


def run(context: CheckContext, options: BackupRestoreOptions) -> CheckResult:
    """Back up, restore, compare, and remove what was made.

    Raises:
        ConfigurationError: no such database, or it is somebody else's.
        DatabaseError: it could not be read.
        StackError: the container did not run the tools.
    """
    access = choose(context.databases, options.database)
    if not access.owned:
        raise ConfigurationError(
            f"{access.name} is somebody else's database: nothing is restored beside it",
            advice="bind the item to the stack's own database",
        )
    try:
        if access.dialect == "sqlite":
            done = _of_file(context, options, access)
        else:
            done = _of_server(context, options, access)
    except _Failed as stopped:
        return stopped.result
    return _answer(options, done)


def _of_file(
    context: CheckContext, options: BackupRestoreOptions, access: DatabaseAccess
) -> _Restored:
    if options.command is not None:
        raise ConfigurationError(
            "command and restore are for servers; a SQLite file is copied by SQLite itself"
        )
    source = address.sqlite_file(access.url)
    if source is None:
        raise ConfigurationError(f"{access.name} is no file")
    folder = Path(context.scratch)
    with reading(access.url, seconds=context.timeout) as session:
        before = contents(session)
    began = context.clock.monotonic()
    try:
        copied(source, folder / "backup.db", seconds=context.timeout)
        dumped = context.clock.monotonic() - began
        copied(folder / "backup.db", folder / "restored.db", seconds=context.timeout)
    except ValueError as error:
        raise _Failed(failed(f"the backup failed: {error}")) from error
    restored = context.clock.monotonic() - began - dumped
    _require_unchanged(context, access, before)
    return _compared(context, before, f"sqlite:///{folder / 'restored.db'}", dumped, restored)


def _of_server(
    context: CheckContext, options: BackupRestoreOptions, access: DatabaseAccess
) -> _Restored:
    stack, service = context.stack, access.service
    if stack is None or service is None:
        raise ConfigurationError(f"{access.name} is no service of the stack")
    deadline = Deadline(context.clock, context.timeout)
    nonce = secrets.token_hex(4)
    scratch, file = f"readiness_gate_{nonce}", f"/tmp/readiness-gate-{nonce}.dump"  # noqa: S108
    with reading(access.url, seconds=context.timeout) as session:
        before = contents(session)
        snapshot = ""
        if access.dialect == "postgresql":
            snapshot = str(session.value("SELECT pg_export_snapshot()"))
        given = tools(access.url, scratch=scratch, file=file, snapshot=snapshot)
        given = _own(given, options, scratch, file)
        with _removed_afterwards(stack, service, given):
            dumped = _ran(stack, service, given, given.dump, deadline, "the backup")
            if access.dialect != "postgresql" or options.command is not None:
                _require_unchanged(context, access, before)
            _ran(stack, service, given, given.create, deadline, "a scratch database")
            restored = _ran(stack, service, given, given.restore, deadline, "the restore")
            url = address.renamed(access.url, scratch)
            return _compared(context, before, url, dumped, restored)


def _own(given: Tools, options: BackupRestoreOptions, scratch: str, file: str) -> Tools:
    if options.command is None or options.restore is None:
        return given
    told = {"BACKUP_FILE": file, "SCRATCH_DATABASE": scratch}
    return replace(
        given,
        environment={**given.environment, **told},
        dump=options.command,
        restore=options.restore,
    )


@contextmanager
def _removed_afterwards(stack: Stack, service: str, given: Tools) -> Iterator[None]:
    try:
        yield
    finally:
        for script in (given.drop, given.clean):
            stack.execute(service, script, timeout=_CLEANING, environment=given.environment)


def _ran(
    stack: Stack, service: str, given: Tools, script: Script, deadline: Deadline, what: str
) -> float:
    """Run a tool and return its seconds; what goes wrong with it decides the check."""
    done = stack.execute(
        service, script, timeout=max(1.0, deadline.remaining()), environment=given.environment
    )
    if done.succeeded:
        return done.seconds
    evidence = (TextEvidence(title=f"Output of {what}", text=_harmless(done, given)),)
    if done.timed_out:
        raise _Failed(
            cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"{what} did not end in {done.seconds:.0f} s",
                evidence=evidence,
            )
        )
    last = next(iter(_harmless(done, given).strip().splitlines()), f"exit code {done.exit_code}")
    if done.exit_code in {126, 127} or what == "a scratch database":
        raise _Failed(
            cannot_tell(ErrorClass.CONFIGURATION, f"{what}: {last}"[:300], evidence=evidence)
        )
    raise _Failed(failed(f"{what} failed: {last}"[:300], evidence=evidence))


def _harmless(done: Completed, given: Tools) -> str:
    text = done.stderr or done.stdout
    # Before it is cut, so that no half of a password is left.
    return (text.replace(given.secret, "***") if given.secret else text)[-_LOG:]


def _require_unchanged(context: CheckContext, access: DatabaseAccess, before: Contents) -> None:
    with reading(access.url, seconds=context.timeout) as session:
        after = contents(session)
    if after.rows != before.rows:
        changed = next(name for name in before.rows if after.rows.get(name) != before.rows[name])
        raise _Failed(
            cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"{changed} changed while the backup was made: nothing can be compared",
                remediation="Let nothing write to the database while this item runs.",
            )
        )


def _compared(
    context: CheckContext, before: Contents, url: str, dumped: float, restored: float
) -> _Restored:
    with reading(url, seconds=context.timeout) as session:
        after = contents(session)
        found = (*differences(before, after), *orphans(session))
    return _Restored(dumped, restored, found, before)


def _answer(options: BackupRestoreOptions, done: _Restored) -> CheckResult:
    rows = sum(done.contents.rows.values())
    evidence = TableEvidence(
        title="Backup and restore",
        columns=("what", "value"),
        rows=(
            ("backup", f"{done.dumped:.1f} s"),
            ("restore", f"{done.restored:.1f} s"),
            ("tables", str(len(done.contents.tables))),
            ("foreign keys", str(len(done.contents.keys))),
            ("rows", str(rows)),
        ),
    )
    if done.differences:
        more = f" (and {len(done.differences) - 1} more)" if len(done.differences) > 1 else ""
        return failed(
            f"the restored copy is another: {done.differences[0]}{more}",
            details="\n".join(done.differences[:50]),
            evidence=(evidence,),
        )
    if rows == 0:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            "the database has no row: nothing was backed up, set seed",
            evidence=(evidence,),
        )
    if options.within is not None and done.restored > options.within:
        return failed(
            f"the restore took {done.restored:.1f} s, more than {options.within:.0f} s",
            evidence=(evidence,),
        )
    return passed(
        f"{counted(len(done.contents.tables), 'table')} with {counted(rows, 'row')} restored in "
        f"{done.restored:.1f} s, and the same",
        evidence=(evidence,),
    )
