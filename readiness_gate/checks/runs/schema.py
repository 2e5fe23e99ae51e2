"""What `schema` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.database.schema import SchemaOptions
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import ROWS, counted
from readiness_gate.database.structure import tables
from readiness_gate.database.structure.problems import RULES, Problem, problems
from readiness_gate.database.structure.table import Table
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_VERSION_TABLE = "alembic_version"


def run(context: CheckContext, options: SchemaOptions) -> CheckResult:
    """Compare the catalogue with what is claimed.

    Raises:
        ConfigurationError: no such database, or an exception that names no table.
        DatabaseError: it could not be read.
    """
    access = choose(context.databases, options.database)
    with reading(access.url, seconds=context.timeout) as session:
        known = [table for table in tables(session) if table.name != _VERSION_TABLE]
        keys = foreign_keys(session)
    if not known:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"{access.name} has no table: there is nothing to look at"
        )
    for glob in options.excluding:
        if not any(_meets(table, glob) for table in known):
            raise ConfigurationError(f"except: {glob} names no table of {access.name}")
    findings = [*_claims(options, known, keys), *_broken(options, known, keys)]
    figures = {"tables": len(known), "foreign-keys": len(keys)}
    if findings:
        return replace(_failed(findings), figures=figures)
    held = "; ".join(RULES[rule] for rule in options.rules)
    return passed(
        f"{counted(len(known), 'table')}, {counted(len(keys), 'foreign key')}, as claimed"
        if options.tables is not None or options.foreign_keys is not None
        else f"{counted(len(known), 'table')}, {counted(len(keys), 'foreign key')}, none broken",
        details=held,
        figures=figures,
    )


def _claims(
    options: SchemaOptions, known: Sequence[Table], keys: Sequence[ForeignKey]
) -> list[Problem]:
    found = []
    for word, wanted, number in (
        ("tables", options.tables, len(known)),
        ("foreign keys", options.foreign_keys, len(keys)),
    ):
        cause = compile_matcher(wanted).explain(number) if wanted is not None else None
        if cause is not None:
            found.append(Problem("claim", "", f"{word}: {cause}"))
    names = {name for table in known for name in _names(table)}
    found += [Problem("claim", name, f"there is no table {name}") for name in options.has
              if name not in names]  # fmt: skip
    found += [
        Problem("claim", table.label, f"{table.label} is still there")
        for table in known
        if any(_meets(table, glob) for glob in options.has_not)
    ]
    return found


def _broken(
    options: SchemaOptions, known: Sequence[Table], keys: Sequence[ForeignKey]
) -> list[Problem]:
    left_out = {
        table.label for table in known if any(_meets(table, glob) for glob in options.excluding)
    }
    return [
        problem
        for problem in problems(known, keys)
        if problem.rule in options.rules and problem.table not in left_out
    ]


def _names(table: Table) -> tuple[str, str]:
    return table.name, f"{table.schema}.{table.name}"


def _meets(table: Table, glob: str) -> bool:
    return any(fnmatchcase(name, glob) for name in _names(table))


def _failed(findings: list[Problem]) -> CheckResult:
    first = findings[0]
    where = f"{first.table}: " if first.table and first.table not in first.message else ""
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return failed(
        f"{where}{first.message}{more}",
        evidence=[
            TableEvidence(
                title="Against claims and rules",
                columns=("table", "rule", "finding"),
                rows=tuple((one.table, one.rule, one.message) for one in findings[:ROWS]),
                omitted=max(0, len(findings) - ROWS),
            )
        ],
    )
