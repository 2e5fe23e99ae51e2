"""What `migrations-heads` does when it runs; what it promises stands beside its options."""

import posixpath
from dataclasses import replace

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.database.migrations_heads import MigrationsHeadsOptions
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.migrations import history
from readiness_gate.migrations.history import History
from readiness_gate.migrations.location import find_versions, revision_files, separate
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


def run(context: CheckContext, options: MigrationsHeadsOptions) -> CheckResult:
    """Read the history and count its heads.

    Raises:
        ConfigurationError: no database or no folder of migrations is configured.
    """
    config = choose(context.migrations, options.database, "database with migrations")
    folders = find_versions(context.workspace, config)
    if not separate(folders):
        return _judged(history.read(_files(context, folders)))
    # A project with a history for each dialect: its env.py takes one of them.
    several = {each: _judged(history.read(_files(context, (each,)))) for each in folders}
    bad = [each for each in several.values() if each.outcome is not Outcome.PASSED]
    if bad:
        return bad[0]
    return passed(
        "; ".join(f"{posixpath.basename(each)}: {one.summary}" for each, one in several.items())
    )


def _judged(found: History) -> CheckResult:
    if found.findings:
        return _broken(found)
    if not found.revisions:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "the project has no revision")
    if len(found.heads) > 1:
        return replace(_several(found), figures={"heads": len(found.heads)})
    return passed(
        f"one head, {found.heads[0]}, of {counted(len(found.revisions), 'revision')}",
        figures={"heads": 1, "migrations": len(found.revisions)},
    )


def _files(context: CheckContext, folders: tuple[str, ...]) -> dict[str, bytes]:
    return {
        path: content
        for folder in folders
        for path, content in revision_files(context.workspace, folder).items()
    }


def _broken(found: History) -> CheckResult:
    messages = [each.message for each in found.findings]
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return failed(
        f"the history is broken: {messages[0]}{more}",
        details="\n".join(messages),
        evidence=[
            LocationEvidence(path=each.path, line=each.line, text=each.message)
            for each in found.findings
            if each.path
        ],
        remediation="Repair the revision files named here.",
    )


def _several(found: History) -> CheckResult:
    heads = [each for name in found.heads if (each := found.find(name)) is not None]
    names = ", ".join(found.heads)
    return failed(
        f"{len(found.heads)} heads: {names}",
        details="\n".join(
            f"{each.revision} after {', '.join(each.down_revision) or 'nothing'}: {each.message}"
            for each in heads
        ),
        evidence=[
            LocationEvidence(path=each.path, line=each.line, text=each.message) for each in heads
        ],
        remediation="Set the down_revision of the younger one to the other head, or join them "
        f"with `alembic merge -m 'merge heads' {' '.join(found.heads)}`.",
    )
