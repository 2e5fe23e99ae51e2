"""`migrations-applied`: the upgrade ran to the end, and the database is at the head.

Reports what the probe inside the target saw: the revisions are read on a new connection, since an
`env.py` that hides an error ends well and leaves the database behind (notes on databases 2.7).
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckContext, CheckOptions, StepRecord
from readiness_gate.config.values import Name
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.errors import ConfigurationError
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

STEP = "migrate"


class MigrationsAppliedOptions(CheckOptions):
    """Whose migrations."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )


def run(context: CheckContext, options: MigrationsAppliedOptions) -> CheckResult:
    """Say how the upgrade ended and where the database stands.

    Raises:
        ConfigurationError: no database, or one without migrations.
    """
    access = choose(context.databases, options.database)
    step = context.steps.get(STEP)
    if access.run is not None:
        return _answer(access.run) if access.run.answered else _no_answer(access.run)
    if step is not None and not step.succeeded:
        return _not_run(step)
    raise ConfigurationError(
        f"no migrations of databases.{access.name} were run",
        advice=f"describe them under databases.{access.name}.migrations",
    )


def _answer(run: MigrationRun) -> CheckResult:
    log = [TextEvidence(title="Output of the migrations", text=run.log)] if run.log else []
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
    start = ", ".join(run.before) or "an empty database"
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


CHECK = Check(
    id="migrations-applied",
    title="The migrations run, and the database is at the head",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=MigrationsAppliedOptions,
    run=run,
    remediation="Repair the revision that fails; run the upgrade on a copy with data.",
)
