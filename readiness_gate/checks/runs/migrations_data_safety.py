"""What `migrations-data-safety` does when it runs; what it promises stands beside its options."""

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.migrations_data_safety import MigrationsDataSafetyOptions
from readiness_gate.checks.rehearsal import new_revisions, nothing_new, place, unanswered
from readiness_gate.database.choice import choose
from readiness_gate.database.evidence import counted
from readiness_gate.migrations.walk import Asked, Loss, Rehearsed
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed

_NAMES = 5


def run(context: CheckContext, options: MigrationsDataSafetyOptions) -> CheckResult:
    """Compare the rows over each step.

    Raises:
        ConfigurationError: no migrations, or the database is somebody else's.
        DatabaseError: no copy could be made.
        StackError: the target did not run the probe.
    """
    access = choose(context.databases, options.database)
    at = place(context, access)
    wanted = new_revisions(context, at)
    reason = nothing_new(at.project.config, wanted)
    if reason:
        return not_applicable(reason)
    found = at.rehearse(Asked("walk", wanted=wanted, rows=True))
    return unanswered(found) or _judged(found, wanted, options, access)


def _judged(
    found: Rehearsed,
    wanted: tuple[str, ...],
    options: MigrationsDataSafetyOptions,
    access: DatabaseAccess,
) -> CheckResult:
    missing = set(wanted) - {step.revision for step in found.steps}
    if missing:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"revision {min(missing)} was applied before the copy was made"
        )
    declared = {(one.revision, one.table): one.reason for one in options.losses}
    lost = [(step.revision, one) for step in found.steps for one in step.lost]
    table = _table(lost, declared)
    bad = [(name, one) for name, one in lost if (name, one.table) not in declared]
    if bad:
        name, one = bad[0]
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return failed(
            f"revision {name} loses rows of {one.line}{more}",
            details="\n".join(f"{name}: {one.line}" for name, one in bad),
            evidence=table,
        )
    rows = sum((found.rows or {}).values())
    if rows == 0:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            "the database had no row before the new revisions: nothing could be lost",
            remediation="Fill it at the base: set seed.",
        )
    if not access.before:
        # What earlier revisions insert is there in a database made from nothing, too.
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"no copy of {access.name} was made before the upgrade: its rows were not compared",
            remediation="Let the gate migrate before the services connect: run: before-start.",
        )
    meant = f"; {counted(len(lost), 'loss')[:-1] + 'es' if len(lost) != 1 else '1 loss'} meant"
    return _in_doubt(found, declared, table) or passed(
        f"{counted(rows, 'row')} in {counted(len(found.rows or {}), 'table')} conserved over "
        f"{counted(len(found.steps), 'revision')}{meant if lost else ''}"
        f"{_only_counted(found)}",
        evidence=table,
    )


def _in_doubt(
    found: Rehearsed, declared: dict[tuple[str, str], str], table: list[TableEvidence]
) -> CheckResult | None:
    unsure = [(step.revision, name) for step in found.steps for name in step.unsure]
    if unsure:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"revision {unsure[0][0]} adds rows to {unsure[0][1]} between those that were there: "
            "in a table of that size it is not known whether these all stayed",
            evidence=table,
            remediation="Seed fewer rows, up to 200000 in that table: then each key is compared.",
        )
    keyless = [
        (step.revision, name)
        for step in found.steps
        for name in step.keyless
        if (step.revision, name) not in declared
    ]
    if keyless:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"revision {keyless[0][0]} changes rows of {keyless[0][1]}, which have no key to tell "
            "them by: it is not known whether all that were there stayed",
            details="\n".join(f"{name}: {one}" for name, one in keyless),
            evidence=table,
            remediation="Give the table a primary key before rows change, or declare under losses "
            "that they may.",
        )
    return None


def _only_counted(found: Rehearsed) -> str:
    names = sorted({name for step in found.steps for name in step.counted})
    if not names:
        return ""
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f"; only counted, because their columns changed: {', '.join(names[:_NAMES])}{more}"


def _table(
    lost: list[tuple[str, Loss]], declared: dict[tuple[str, str], str]
) -> list[TableEvidence]:
    if not lost:
        return []
    return [
        TableEvidence(
            title="Lost rows",
            columns=("revision", "table", "before", "after", "keys gone", "meant"),
            rows=tuple(
                (
                    name,
                    one.table,
                    str(one.before),
                    str(one.after),
                    str(one.keys),
                    declared.get((name, one.table), "no"),
                )
                for name, one in lost
            ),
        )
    ]
