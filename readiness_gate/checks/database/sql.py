"""`sql`: what one statement answers is what it must be.

Reads inside a read-only transaction. An expected error (`error`) is tried in a transaction that is
rolled back, and only on the stack's own database.
"""

from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext, DatabaseAccess
from readiness_gate.config.values import Name, Text
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading, rolled_back
from readiness_gate.database.search_path import use_the_project_s
from readiness_gate.database.session import StatementFailed
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_ROWS = 1_000
"""Rows that a statement may return; more are for the database to count."""


class SqlOptions(CheckOptions):
    """The statement, and what is expected of its value, its rows, or its refusal."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    query: Text = Field(description="One statement; it sees one state of the database.")
    value: Expectation | None = Field(
        default=None, description="What the one value has to be that the statement returns."
    )
    rows: Expectation | None = Field(
        default=None,
        description="What the rows have to be: a list of mappings by column, at most 1,000.",
    )
    error: Expectation | None = Field(
        default=None,
        description="What the database has to say when it refuses: its message, with its code "
        "(SQLSTATE, or the number of MariaDB and MySQL) in front.",
    )

    @model_validator(mode="after")
    def _asserts_one_thing(self) -> Self:
        if sum(one is not None for one in (self.value, self.rows, self.error)) != 1:
            raise ValueError("write one of value, rows and error")
        if ";" in self.query.strip().removesuffix(";"):
            raise ValueError("query: one statement; a semicolon may only end it")
        return self


def run(context: CheckContext, options: SqlOptions) -> CheckResult:
    """Run the statement and compare.

    Raises:
        ConfigurationError: no such database, or an error is expected of somebody else's.
        DatabaseError: no connection came about.
    """
    access = choose(context.databases, options.database)
    if options.error is not None:
        return _refusal(context, access, options)
    with reading(access.url, seconds=context.timeout) as session:
        try:
            use_the_project_s(session)
            records = session.records(options.query, at_most=_ROWS)
        except StatementFailed as error:
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"the statement failed: {_line(error)}",
                evidence=[_shown(options)],
            )
    if options.rows is not None:
        return _compared(options, options.rows, records, f"{len(records)} rows")
    if len(records) != 1 or len(records[0]) != 1:
        width = len(records[0]) if records else 0
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"`value` needs one row of one column, and {len(records)} rows of {width} came back",
            evidence=[_shown(options)],
            remediation="Select one value, or write `rows`.",
        )
    (value,) = records[0].values()
    return _compared(options, options.value, value, "the value")


def _compared(options: SqlOptions, wanted: object, actual: object, what: str) -> CheckResult:
    cause = compile_matcher(wanted).explain(actual)
    if cause is not None:
        return failed(cause, evidence=[_shown(options)])
    return passed(f"{what} as expected", evidence=[_shown(options)])


def _refusal(context: CheckContext, access: DatabaseAccess, options: SqlOptions) -> CheckResult:
    if not access.owned:
        raise ConfigurationError(
            f"`error` tries a statement, and {access.name} is somebody else's: it is only read",
            advice="expect a value or rows, or bind the item to the stack's own database",
        )
    with rolled_back(access.url, seconds=context.timeout) as session:
        use_the_project_s(session)
        try:
            session.rows(options.query)
            if session.dialect == "postgresql":
                session.rows("SET CONSTRAINTS ALL IMMEDIATE")
        except StatementFailed as error:
            if not error.sqlstate:
                return cannot_tell(ErrorClass.INCONCLUSIVE, f"no answer: {_line(error)}")
            return _compared(options, options.error, _line(error), "the refusal")
    return failed("the statement was accepted; it has to be refused", evidence=[_shown(options)])


def _line(error: StatementFailed) -> str:
    return f"{error.sqlstate} {' '.join(error.message.split())}".strip()


def _shown(options: SqlOptions) -> TextEvidence:
    return TextEvidence(title="Statement", text=options.query.strip())


CHECK = Check(
    id="sql",
    title="The database answers as expected",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=SqlOptions,
    work=run,
    remediation="Correct the data or the statement; the finding names what was expected.",
    example={"query": "SELECT count(*) FROM users WHERE email IS NULL", "value": 0},
)
