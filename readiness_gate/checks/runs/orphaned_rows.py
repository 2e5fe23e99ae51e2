"""What `orphaned-rows` does when it runs; what it promises stands beside its options."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.database.orphaned_rows import OrphanedRowsOptions
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted, keys_table
from readiness_gate.database.orphans import Audit, Orphans, audit
from readiness_gate.database.orphans.effect import hanging
from readiness_gate.database.session import Session
from readiness_gate.database.structure import tables
from readiness_gate.database.structure.reference_like import reference_like
from readiness_gate.doors.clock import Deadline
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_LOOSE = 10
"""Columns that a warning names."""


def run(context: CheckContext, options: OrphanedRowsOptions) -> CheckResult:
    """Count the orphans of every key in one read-only transaction.

    Raises:
        ConfigurationError: no such database, or an exception that names no key.
        DatabaseError: it could not be read.
    """
    access = choose(context.databases, options.database)
    deadline = Deadline(context.clock, context.timeout)

    def opened() -> AbstractContextManager[Session]:
        return reading(access.url, seconds=max(1.0, deadline.remaining()))

    with opened() as session:
        known = foreign_keys(session)
        for word in options.excluding:
            if not any(key.is_named(word) for key in known):
                raise ConfigurationError(f"except: {word} names no foreign key of {access.name}")
        keys = [key for key in known if not any(map(key.is_named, options.excluding))]
        found = audit(session, keys, samples=options.samples, deadline=deadline, another=opened)
        below = {
            each.key.label: hanging(session, each.key, known, deadline=deadline)
            for each in found.found
            if each.rows
        }
        loose = _loose(session, known)
    answer = _answer(access.name, found, below, loose, left_out=len(known) - len(keys))
    if found.errors or len(keys) < len(known) or answer.outcome is Outcome.ERROR:
        return answer
    # Only where every key was audited is it the number that a checklist may state.
    return replace(answer, figures={"orphaned-rows": found.rows, "foreign-keys": len(known)})


def _loose(session: Session, keys: Sequence[ForeignKey]) -> tuple[str, ...]:
    """Return the columns that look like references, and that nobody audits."""
    return tuple(
        f"{table.label}.{column.name} (of {target.label}?)"
        for table, column, target in reference_like(tables(session), keys)
    )


def _answer(
    name: str,
    found: Audit,
    below: Mapping[str, Mapping[str, int]],
    loose: Sequence[str],
    *,
    left_out: int,
) -> CheckResult:
    warnings = _warnings(loose)
    broken = [each for each in found.found if each.rows or each.partial]
    if broken:
        return _broken(found, broken, below, warnings)
    if found.errors:
        return _not_looked_at(found)
    if not found.found:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"{name} has no foreign key: there is nothing to audit"
        )
    if len(found.empty) == len(found.tables):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"all {len(found.tables)} audited tables are empty: nothing to look at, set seed",
            remediation=f"Fill the database with databases.{name}.seed.",
        )
    notes = [f"empty tables: {', '.join(found.empty)}"] if found.empty else []
    notes += [f"left out by `except`: {counted(left_out, 'key')}"] if left_out else []
    notes += warnings
    empty = f", {len(found.empty)} of them empty" if found.empty else ""
    return passed(
        f"no orphaned row under {counted(len(found.found), 'foreign key')} of "
        f"{counted(len(found.tables), 'table')}{empty}",
        details="\n".join(notes),
    )


def _warnings(loose: Sequence[str]) -> list[str]:
    if not loose:
        return []
    named = ", ".join(loose[:_LOOSE]) + (", …" if len(loose) > _LOOSE else "")
    return [f"not audited, since no foreign key says what they refer to: {named}"]


def _broken(
    found: Audit,
    broken: list[Orphans],
    below: Mapping[str, Mapping[str, int]],
    warnings: list[str],
) -> CheckResult:
    worst = max(broken, key=lambda each: each.rows + each.partial)
    unread = [f"could not be looked at: {each.key.label}: {each.error}" for each in found.errors]
    hanging_on = [
        f"{number} rows of {label} hang on the orphans of {key}"
        for key, numbers in below.items()
        for label, number in numbers.items()
    ]
    rows = [
        (
            each.key,
            (
                str(each.rows),
                str(each.missing),
                f"{each.share:.1%}",
                str(each.partial),
                "yes" if each.key.validated else "no",
                "; ".join(each.samples),
            ),
        )
        for each in sorted(broken, key=lambda each: -each.rows)
    ]
    columns = ("rows", "missing parents", "share", "partly NULL", "validated", "samples")
    return failed(
        f"{counted(found.rows, 'orphaned row')} under {counted(len(broken), 'foreign key')}, "
        f"most under {worst.key.label}",
        details="\n".join([*unread, *hanging_on, *warnings]),
        evidence=[keys_table("Orphaned rows", columns, rows)],
    )


def _not_looked_at(found: Audit) -> CheckResult:
    first = found.errors[0]
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{counted(len(found.errors), 'foreign key')} of {len(found.found)} could not be looked "
        f"at: {first.key.label}: {first.error}",
        evidence=[
            keys_table(
                "Not looked at", ("why",), [(each.key, (each.error,)) for each in found.errors]
            )
        ],
        remediation="Give the gate's role the right to read every row, and repair malformed keys.",
    )
