"""What `migrations-applied` does when it runs; what it promises stands beside its options."""

from dataclasses import replace

from readiness_gate.checks.context import CheckContext, DatabaseAccess, StepRecord
from readiness_gate.checks.database.migrations_applied import MigrationsAppliedOptions
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

STEP = "migrate"


def run(context: CheckContext, options: MigrationsAppliedOptions) -> CheckResult:
    """Say how the upgrade ended and where the database stands.

    Raises:
        ConfigurationError: no database, or one without migrations.
        DatabaseError: no scratch database could be made.
        StackError: the target did not run the probe.
    """
    access = choose(context.databases, options.database)
    result = _of_the_run(context, access)
    if not options.from_empty or result.outcome is not Outcome.PASSED:
        return result
    return _from_empty(context, access, result)


def _of_the_run(context: CheckContext, access: DatabaseAccess) -> CheckResult:
    step = context.steps.get(STEP)
    if access.run is not None:
        return _answer(access.run) if access.run.answered else _no_answer(access.run)
    if step is not None and not step.succeeded:
        return _not_run(step)
    raise ConfigurationError(
        f"no migrations of databases.{access.name} were run",
        advice=f"describe them under databases.{access.name}.migrations",
    )


def _from_empty(context: CheckContext, access: DatabaseAccess, result: CheckResult) -> CheckResult:
    """Go all revisions on an empty copy, beside what is known of the database itself."""
    from readiness_gate.checks.rehearsal import place, unanswered  # noqa: PLC0415 - seldom asked
    from readiness_gate.migrations.walk import Asked  # noqa: PLC0415

    found = place(context, access).rehearse(Asked("build"), from_empty=True)
    if not found.answered:
        return unanswered(found) or result
    log = [TextEvidence(title="Output of the migrations", text=found.log)] if found.log else []
    if found.error:
        cause = found.error.partition("\n")[0]
        where = f"revision {found.failed_revision} fails: " if found.failed_revision else ""
        return failed(
            f"from an empty database {where}{cause}",
            details=found.error,
            evidence=log,
            remediation="Write what the first revisions take for granted into a revision of its "
            "own, so that a new database can be made.",
        )
    if set(found.after) != set(found.heads):
        where = ", ".join(found.after) or "no revision (not stamped)"
        return failed(
            f"from an empty database the revisions lead to {where}, the head is "
            f"{', '.join(found.heads)}",
            evidence=log,
        )
    return replace(
        result,
        summary=f"{result.summary}; all {counted(len(found.applied), 'revision')} run from an "
        "empty one",
    )


def _preview(run: MigrationRun) -> list[TextEvidence]:
    if run.preview:
        return [TextEvidence(title="SQL of the revisions (--sql)", text=run.preview)]
    if run.not_previewed:
        text = f"upgrade --sql says nothing of them: {run.not_previewed}"
        return [TextEvidence(title="SQL of the revisions (--sql)", text=text)]
    return []


def _answer(run: MigrationRun) -> CheckResult:
    log = [TextEvidence(title="Output of the migrations", text=run.log)] if run.log else []
    log += _preview(run)
    if run.error:
        return _failed_upgrade(run, log)
    if not run.heads:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "the project has no revision", evidence=log)
    behind, strange = set(run.heads) - set(run.after), set(run.after) - set(run.heads)
    if behind or strange:
        where = ", ".join(run.after) or "no revision (not stamped)"
        return failed(
            f"the database is at {where}, the head is {', '.join(run.heads)}",
            details=f"pending: {', '.join(run.pending)}" if run.pending else "",
            evidence=log,
            remediation="Look for an error that env.py hides, or upgrade the database.",
        )
    if run.pending:
        return failed(
            "one of the databases that env.py goes through is behind: "
            f"{counted(len(run.pending), 'revision')} are pending",
            details=f"pending: {', '.join(run.pending)}",
            evidence=log,
            remediation="Look for an error that env.py hides, or upgrade that database.",
        )
    made = f"{counted(run.tables, 'table')} and no revision" if run.tables else "an empty database"
    start = ", ".join(run.before) or made
    return passed(
        f"at head {', '.join(run.after)}; {counted(len(run.applied), 'revision')} applied "
        f"from {start}",
        evidence=log,
    )


def _failed_upgrade(run: MigrationRun, log: list[TextEvidence]) -> CheckResult:
    cause = run.error.partition("\n")[0]
    if run.failed_revision:
        done = counted(len(run.applied), "revision")
        return failed(
            f"revision {run.failed_revision} fails: {cause}",
            details=f"{run.error}\n{done} stay applied; the database is at "
            f"{', '.join(run.after) or 'no revision'}",
            evidence=log,
            remediation=f"Repair revision {run.failed_revision} and run it on data like this.",
        )
    if "Can't locate revision" in cause:
        return failed(
            f"the database is at {', '.join(run.before)}, which this checkout does not have",
            details=run.error,
            evidence=log,
            remediation="Add the missing revision files; the database is ahead of the code.",
        )
    return failed(f"the upgrade fails: {cause}", details=run.error, evidence=log)


def _no_answer(run: MigrationRun) -> CheckResult:
    advice = (
        "Find the statement that waits (a lock, a prompt, a loop) and re-run."
        if run.timed_out
        else "Check databases.NAME.migrations: service, directory, config and python."
    )
    return cannot_tell(ErrorClass.INCONCLUSIVE, run.error, details=run.log, remediation=advice)


def _not_run(step: StepRecord) -> CheckResult:
    advice = step.advice or None
    if step.infrastructure or step.configuration:
        kind = ErrorClass.INFRASTRUCTURE if step.infrastructure else ErrorClass.CONFIGURATION
        return cannot_tell(kind, step.summary, details=step.log, remediation=advice)
    return failed(step.summary, details=step.log, remediation=advice)
