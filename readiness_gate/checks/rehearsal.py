"""A rehearsal of the migrations on copies, inside the target; the copies are removed afterwards.

Which revisions are new is told by the files at the base; where there is no base, all are.
"""

import posixpath
import secrets
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.database.scratch import Scratch, scratch
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations import history, walk
from readiness_gate.migrations.location import find_versions, revision_files, separate
from readiness_gate.migrations.run import AlembicProject
from readiness_gate.migrations.walk import Asked, Rehearsed
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell

_NAMES = {
    "postgresql": ("postgresql", "postgres"),
    "sqlite": ("sqlite",),
    "mysql": ("mysql", "mariadb"),
    "mariadb": ("mariadb", "mysql"),
}


@dataclass(frozen=True)
class Place:
    """One database whose migrations can be rehearsed."""

    context: CheckContext
    access: DatabaseAccess
    project: AlembicProject
    deadline: Deadline

    def rehearse(self, asked: Asked, *, from_empty: bool = False) -> Rehearsed:
        """Make copies, run the probe on them, remove them, and return its answer.

        Starts from the copy of before the upgrade where there is one; else, or `from_empty`, from
        nothing.

        Raises:
            DatabaseError: no copy could be made.
            StackError: the target did not run the probe.
        """
        with ExitStack() as copies:
            made = self._copies(copies, from_empty=from_empty)
            names = {one.original: one.name for one in made}
            return self._answer(asked, names)

    def _copies(self, copies: ExitStack, *, from_empty: bool) -> list[Scratch]:
        """Make a copy of every database that the same project migrates."""
        made = []
        for one in self.context.databases.values():
            if one.owned and one.alembic == self.project:
                source = None if from_empty else one.before or None
                environment = _environment(self.context, one)
                copy = scratch(
                    one.url,
                    source=source,
                    environment=environment,
                    seconds=self.deadline.remaining(),
                )
                made.append(copies.enter_context(copy))
        return made

    def _answer(self, asked: Asked, names: Mapping[str, str]) -> Rehearsed:
        nonce = secrets.token_hex(16)
        arguments, stdin = walk.request(
            asked, nonce=nonce, config=self.project.config, scratch=names
        )
        if self.context.stack is None:
            raise ConfigurationError("migrations need the section stack")
        done = self.context.stack.one_off(
            self.project.service,
            [self.project.python, *arguments],
            timeout=max(1.0, self.deadline.remaining()),
            stdin=stdin,
            directory=self.project.directory,
        )
        return walk.parse(done, nonce=nonce)


def place(context: CheckContext, access: DatabaseAccess) -> Place:
    """Return where the migrations of a database can be rehearsed.

    Raises:
        ConfigurationError: there are none, or the database is somebody else's.
    """
    if access.alembic is None:
        raise ConfigurationError(
            f"databases.{access.name} has no migrations",
            advice=f"describe them under databases.{access.name}.migrations",
        )
    if not access.owned:
        raise ConfigurationError(
            f"{access.name} is somebody else's database: nothing is copied beside it",
            advice="bind the item to the stack's own database",
        )
    # Some seconds are kept back, so that copies are removed before time is up.
    seconds = max(1.0, context.timeout - min(10.0, context.timeout / 10))
    return Place(context, access, access.alembic, Deadline(context.clock, seconds))


def new_revisions(context: CheckContext, at: Place) -> tuple[str, ...]:
    """Return the revisions that the base does not have; without a base, all are new.

    Of a project with a history for each dialect those of the database's own count.

    Raises:
        ConfigurationError: the checkout has no folder of migrations.
    """
    config, dialect = at.project.config, at.access.dialect
    mine = _ids(context.workspace, config, dialect)
    tree = context.base_tree()
    if tree is None:
        return mine
    try:
        known = set(_ids(Workspace(tree), config, dialect))
    except ConfigurationError:
        known = set()
    return tuple(one for one in mine if one not in known)


def _ids(workspace: Workspace, config: str, dialect: str) -> tuple[str, ...]:
    folders = find_versions(workspace, config)
    own = [one for one in folders if posixpath.basename(one) in _NAMES.get(dialect, ())]
    files = {
        path: content
        for folder in (own if separate(folders) and own else folders)
        for path, content in revision_files(workspace, folder).items()
    }
    found = history.read(files)
    return found.order or tuple(each.revision for each in found.revisions)


def unanswered(found: Rehearsed) -> CheckResult | None:
    """Return the error that an answer stands for; `None` where it can be judged."""
    log = [TextEvidence(title="Output of the migrations", text=found.log)] if found.log else []
    if not found.answered:
        advice = (
            "Find the statement that waits (a lock, a prompt, a loop), or give the item a timeout."
            if found.timed_out
            else "Check databases.NAME.migrations, and how env.py opens its connection."
        )
        kind = ErrorClass.INCONCLUSIVE if found.timed_out else ErrorClass.CONFIGURATION
        return cannot_tell(kind, found.error, remediation=advice, evidence=log)
    if found.error:
        cause = found.error.partition("\n")[0]
        where = f"revision {found.failed_revision} fails: " if found.failed_revision else ""
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"the history cannot be gone on a copy: {where}{cause}",
            details=found.error,
            evidence=log,
            remediation="Repair the upgrade first; migrations-applied tells more.",
        )
    return None


def nothing_new(config: str, wanted: Collection[str]) -> str:
    """Return why a check has nothing to do, empty where there is something."""
    return "" if wanted else f"the pull request adds no revision to {config}"


def _environment(context: CheckContext, access: DatabaseAccess) -> Mapping[str, str]:
    if context.stack is None or access.service is None or access.dialect == "sqlite":
        return {}
    return context.stack.environment(access.service)
