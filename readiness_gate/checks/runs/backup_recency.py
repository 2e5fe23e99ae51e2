"""What `backup-recency` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from statistics import median

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.database.backup_recency import BackupRecencyOptions
from readiness_gate.checks.placed_run import cannot_run, in_words, run_placed
from readiness_gate.database.evidence import counted
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.formats.backup_list import Backup, read_backups
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 20
_MAGIC = (b"age-encryption.org/", b"-----BEGIN AGE ", b"-----BEGIN PGP MESSAGE", b"Salted__")
"""How files of age, GnuPG (armoured) and OpenSSL begin."""


_GNUPG = frozenset({0x84, 0x85, 0x8C, 0xC1, 0xC3, 0xD2})
"""First bytes of GnuPG's binary packets: session keys and encrypted data (RFC 9580, 4.2)."""


def run(context: CheckContext, options: BackupRecencyOptions) -> CheckResult:
    """List the backups and compare.

    Raises:
        ConfigurationError: the command's place is refused.
        StackError: its container did not start.
    """
    now = context.clock.now()
    try:
        listed = _listed(context, options)
    except (PathRefused, FileNotFoundError, NotADirectoryError) as error:
        return cannot_tell(ErrorClass.CONFIGURATION, str(error))
    except (ValueError, OSError) as error:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"the backups could not be listed: {error}")
    found = [one for one in listed if fnmatchcase(PurePosixPath(one.name).name, options.name)]
    if not found:
        which = f" is called {options.name}" if listed else ""
        return failed(
            f"there is no backup: none of {counted(len(listed), 'file')}{which}"
            if listed
            else "there is no backup"
        )
    unknown = [one for one in found if one.encrypted is None] if options.encrypted else []
    problems = list(_problems(options, found, now))
    evidence = (_table(found, now),)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return failed(f"{problems[0]}{more}", details="\n".join(problems), evidence=evidence)
    if unknown:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"nothing says whether {unknown[0].name} is encrypted",
            evidence=evidence,
            remediation="Let the list say `encrypted` for each, or give the folder.",
        )
    return passed(
        f"{counted(len(found), 'backup')}, the newest {_age(now, found[0])} old", evidence=evidence
    )


def _listed(context: CheckContext, options: BackupRecencyOptions) -> Sequence[Backup]:
    if options.list is None:
        return _of_folder(context.workspace, options.folder or ".")
    done, _ = run_placed(context, options.list, timeout=context.timeout)
    what = in_words(options.list.command)
    if done.timed_out or done.exit_code != 0:
        why = "did not end in time" if done.timed_out else cannot_run(done) or done.stderr.strip()
        raise ValueError(f"{what}: {why or f'exit code {done.exit_code}'}"[:400])
    return read_backups(done.stdout)


def _of_folder(workspace: Workspace, folder: str) -> Sequence[Backup]:
    place = workspace.path(folder)
    if not place.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    found = []
    for file in place.iterdir():
        if file.is_symlink() or not file.is_file():
            continue
        facts = file.stat()
        begins = workspace.begins(str(PurePosixPath(folder) / file.name), size=32)
        time = datetime.fromtimestamp(facts.st_mtime, UTC)
        found.append(Backup(file.name, facts.st_size, time, encrypted=_is_encrypted(begins)))
    return sorted(found, key=lambda one: one.time, reverse=True)


def _is_encrypted(begins: bytes) -> bool:
    return begins.startswith(_MAGIC) or (len(begins) > 1 and begins[0] in _GNUPG)


def _problems(
    options: BackupRecencyOptions, found: Sequence[Backup], now: datetime
) -> Iterator[str]:
    newest, oldest = found[0], found[-1]
    age = (now - newest.time).total_seconds()
    if age > options.within:
        limit = _span(options.within)
        yield f"the newest, {newest.name}, is {_age(now, newest)} old: more than {limit}"
    if age < -3600:
        yield f"{newest.name} is dated in the future"
    if newest.size == 0:
        yield f"{newest.name} is empty"
    elif len(found) > 1:
        usual = median(one.size for one in found[1:])
        if newest.size < usual * options.size_share:
            yield f"{newest.name} has {newest.size} bytes, where {usual:.0f} are usual"
    if options.count is not None:
        cause = compile_matcher(options.count).explain(len(found))
        if cause is not None:
            yield f"number of backups: {cause}"
    if options.retention is not None:
        kept = (now - oldest.time).total_seconds()
        if kept < options.retention:
            wanted = _span(options.retention)
            yield f"the oldest is {_age(now, oldest)} old: {wanted} are to be kept"
    open_ones = [one for one in found if one.encrypted is False]
    if options.encrypted and open_ones:
        yield f"{open_ones[0].name} is not encrypted"


def _age(now: datetime, backup: Backup) -> str:
    return _span(max(0.0, (now - backup.time).total_seconds()))


def _span(seconds: float) -> str:
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.0f} d"


def _table(found: Sequence[Backup], now: datetime) -> TableEvidence:
    words = {True: "yes", False: "no", None: "unknown"}
    return TableEvidence(
        title="Backups, newest first",
        columns=("name", "bytes", "age", "encrypted"),
        rows=tuple(
            (one.name, str(one.size), _age(now, one), words[one.encrypted])
            for one in found[:_SHOWN]
        ),
        omitted=max(0, len(found) - _SHOWN),
    )
