"""What `foreign-key-enforcement` does when it runs; what it promises stands beside its options."""

from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.checks.database.foreign_key_enforcement import (
    ForeignKeyEnforcementOptions,
    programs_of,
)
from readiness_gate.checks.sqlite_connections import Application, by_source, judged
from readiness_gate.database import enforcement, mysql_enforcement
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading, rolled_back
from readiness_gate.database.enforcement import Attempt, Attempted
from readiness_gate.database.evidence import ROWS, counted, keys_table
from readiness_gate.database.unread import Unread
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


def run(context: CheckContext, options: ForeignKeyEnforcementOptions) -> CheckResult:
    """Prove that violations are refused, in the way of the database's dialect.

    Raises:
        ConfigurationError: no such database, or SQLite without `engine`.
        DatabaseError: it could not be read.
    """
    access = choose(context.databases, options.database)
    if access.dialect == "sqlite":
        return _sqlite(context, options, access)
    return _server(context, access)


def _sqlite(
    context: CheckContext, options: ForeignKeyEnforcementOptions, access: DatabaseAccess
) -> CheckResult:
    with reading(access.url, seconds=context.timeout) as session:
        keys = foreign_keys(session)
    if not keys:
        return _no_keys(access)
    malformed = [(key.label, key.problem) for key in keys if key.problem]
    if malformed:
        return _refused("malformed, so that every write to it fails", malformed, keys)
    programs = programs_of(options)
    if options.engine is None and not programs:
        return by_source(context.workspace)
    application = Application(
        context, options.service or access.service, options.python, options.directory
    )
    try:
        opened = application.opened(options.engine) if options.engine is not None else ()
        watched = application.watched(programs) if programs else None
    except Unread as error:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            str(error),
            details=error.log,
            remediation="Correct what is named here, or what the log of the service says.",
        )
    return judged(opened, watched, len(keys), context.workspace.root)


def _server(context: CheckContext, access: DatabaseAccess) -> CheckResult:
    engine = enforcement if access.dialect == "postgresql" else mysql_enforcement
    with reading(access.url, seconds=context.timeout) as session:
        keys = foreign_keys(session)
        off = engine.switched_off(session)
        wrong = engine.problems(session, keys)
    if off:
        return failed(
            f"foreign keys are off for {off[0]}",
            details="\n".join(off),
            remediation="Take back the setting: it turns every foreign key off.",
        )
    if wrong:
        return _refused("not enforced", wrong, keys)
    if not keys:
        return _no_keys(access)
    if not access.owned:
        return passed(
            f"{counted(len(keys), 'foreign key')} validated and switched on",
            details="Nothing was tried: the database is somebody else's.",
        )
    with rolled_back(access.url, seconds=context.timeout) as session:
        tried = engine.attempts(session, keys)
    accepted = [
        (each.key.label, "accepted a row without its parent") for each in tried if _took(each)
    ]
    if accepted:
        return _refused("not enforced", accepted, keys)
    unmade = [each for each in tried if each.attempt is Attempt.NOT_MADE]
    return passed(
        f"{counted(len(keys), 'foreign key')} validated and switched on; "
        f"{counted(len(tried) - len(unmade), 'attempted violation')} rejected",
        evidence=[
            keys_table("Not tried", ("why",), [(each.key, (each.reason,)) for each in unmade])
        ]
        if unmade
        else [],
    )


def _took(tried: Attempted) -> bool:
    return tried.attempt is Attempt.ACCEPTED


def _no_keys(access: DatabaseAccess) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE, f"{access.name} has no foreign key: there is nothing to enforce"
    )


def _refused(word: str, wrong: list[tuple[str, str]], keys: tuple[ForeignKey, ...]) -> CheckResult:
    first, problem = wrong[0]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return failed(
        f"{word}: {first}: {problem}{more}; {counted(len(keys), 'foreign key')} in all",
        evidence=[
            TableEvidence(
                title="Not enforced",
                columns=("foreign key", "why"),
                rows=tuple(wrong[:ROWS]),
                omitted=max(0, len(wrong) - ROWS),
            )
        ],
    )
