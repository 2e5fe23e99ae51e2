"""Whether the connections of an application to SQLite refuse a row without its parent.

They are opened in the target through the application's own engine, or watched while its programs
open them; the source alone can only accuse.
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from readiness_gate.checks.context import CheckContext
from readiness_gate.database import sqlite_enforcement
from readiness_gate.database.evidence import ROWS, counted
from readiness_gate.database.sqlite_enforcement import Observed, SqliteConnection
from readiness_gate.database.unread import Unread
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.python_facts import facts_of
from readiness_gate.formats.python_rules import Engines, unlistened
from readiness_gate.model.evidence import LocationEvidence, TableEvidence
from readiness_gate.model.result import CheckResult, failed, passed

_SHARE = 0.9
"""Of the time that the check has, for the programs; the rest is for the answer."""
_LISTEN = (
    "Set PRAGMA foreign_keys = ON in a listener of the engine's `connect` event: it holds for one "
    "connection only, and not inside a transaction."
)


@dataclass(frozen=True)
class Application:
    """Where the application's interpreter is."""

    context: CheckContext
    service: str | None
    python: str
    directory: str | None

    def opened(self, engine: str) -> tuple[SqliteConnection, ...]:
        """Return the connections of an engine, all opened at once.

        Raises:
            Unread: they could not be looked at.
            ConfigurationError: there is no stack, or no service is known.
            StackError: the service does not run.
        """
        nonce = secrets.token_hex(16)
        arguments = sqlite_enforcement.arguments(engine, nonce=nonce)
        done = self._ask(arguments, sqlite_enforcement.probe())
        try:
            return sqlite_enforcement.parse(done, nonce=nonce)
        except ValueError as error:
            text = f"the connections of {engine} could not be looked at: {error}"
            raise Unread(text, done) from error

    def watched(self, programs: Sequence[Sequence[str]]) -> Observed:
        """Return the connections that programs opened.

        Raises:
            Unread: a program failed, or one of the connections could not be looked at.
            ConfigurationError: there is no stack, or no service is known.
            StackError: the service does not run.
        """
        nonce = secrets.token_hex(16)
        arguments = sqlite_enforcement.observing_arguments(
            programs, seconds=self.context.timeout * _SHARE, nonce=nonce
        )
        done = self._ask(arguments, sqlite_enforcement.observing_probe())
        try:
            found = sqlite_enforcement.observed(done, nonce=nonce)
        except ValueError as error:
            raise Unread(f"the programs could not be watched: {error}", done) from error
        if found.unseen and all(each.enforces for each in found.connections):
            raise Unread(
                f"{counted(len(found.unseen), 'connection')} of the programs could not be looked "
                f"at: {found.unseen[0]}",
                done,
            )
        return found

    def _ask(self, arguments: tuple[str, ...], probe: bytes) -> Completed:
        if self.service is None or self.context.stack is None:
            raise _only_the_application()
        return self.context.stack.execute(
            self.service,
            [self.python, *arguments],
            timeout=self.context.timeout,
            stdin=probe,
            directory=self.directory,
        )


def _only_the_application() -> ConfigurationError:
    return ConfigurationError(
        "SQLite enforces foreign keys per connection: only the application's can tell",
        advice="write engine: module:attribute, and the service that has the application",
    )


def by_source(workspace: Workspace) -> CheckResult:
    """Return the engines that no listener switches keys on for; a listener alone proves nothing.

    Raises:
        ConfigurationError: the source accuses no engine, and nothing else was named.
    """
    found = [
        LocationEvidence(path=path, line=one.line, text=one.text)
        for path, one in unlistened(_engines(workspace))
    ]
    if not found:
        raise _only_the_application()
    return failed(
        f"{found[0].path}:{found[0].line}: {found[0].text}"
        + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""),
        details="Read in the source alone: no connection was opened.",
        evidence=found[:ROWS],
        remediation=f"{_LISTEN} Then name the engine here, so that its connections are opened.",
    )


def _engines(workspace: Workspace) -> list[tuple[str, Engines]]:
    """Return the engines of the project's own modules; tests and what is no Python make none."""
    found = []
    for path in workspace.files():
        if not path.endswith(".py") or {"tests", "test"} & set(path.split("/")):
            continue
        try:
            found.append((path, facts_of(workspace.read(path)).engines))
        except (ValueError, OSError):
            continue
    return found


def judged(
    opened: tuple[SqliteConnection, ...], watched: Observed | None, keys: int, root: Path
) -> CheckResult:
    """Return the result of all connections; `keys` counts the database's, `root` shortens names."""
    seen = (*opened, *(watched.connections if watched is not None else ()))
    tables = [
        _table(title, connections, root)
        for title, connections in (
            ("Connections of the application, opened at once", opened),
            ("Connections that the programs opened", watched.connections if watched else ()),
        )
        if connections
    ]
    bad = [each for each in seen if not each.enforces]
    if bad:
        return failed(
            f"{len(bad)} of {counted(len(seen), 'connection')} of the application accept a row "
            "without its parent",
            evidence=tables,
            remediation=_LISTEN,
        )
    how = "opened at once" if watched is None else "as they were opened"
    return passed(
        f"{counted(len(seen), 'connection')} of the application, {how}, refuse a row "
        f"without its parent; {counted(keys, 'foreign key')}",
        evidence=tables,
    )


def _table(title: str, seen: tuple[SqliteConnection, ...], root: Path) -> TableEvidence:
    alike = Counter(
        (
            "none" if each.pragma is None else str(each.pragma),
            "rejected" if each.rejected else "accepted",
            _within(root, each.file),
        )
        for each in seen
    )
    return TableEvidence(
        title=title,
        columns=("connections", "PRAGMA foreign_keys", "row without parent", "file"),
        rows=tuple((str(number), *facts) for facts, number in alike.items()),
    )


def _within(root: Path, file: str) -> str:
    """Return a file's path as the repository has it, or as it is where it lies elsewhere."""
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else file
