"""Statements that PostgreSQL has seen, through `pg_stat_statements`."""

from dataclasses import dataclass

from readiness_gate.database.catalogue.foreign_key import quoted
from readiness_gate.database.session import Session, StatementFailed

_EXTENSION = """
SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""
_SEEN = """
SELECT queryid::text, query, calls::bigint, rows::bigint, mean_exec_time::float8
FROM {schema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class Observed:
    """One statement, constants left out."""

    id: str
    text: str
    calls: int
    rows: int
    milliseconds: float
    """Mean time of one execution."""


def observed(session: Session) -> dict[str, Observed]:
    """Return what was run on the database since the statistics began, by the statement's id.

    Raises:
        StatementFailed: the extension is not there, or does not work.
    """
    schema = session.value(_EXTENSION)
    if schema is None:
        raise StatementFailed(
            "the database has no extension pg_stat_statements: add it to shared_preload_libraries "
            "and CREATE EXTENSION pg_stat_statements"
        )
    rows = session.rows(_SEEN.format(schema=quoted(str(schema))))
    return {row[0]: Observed(*row) for row in rows if row[0] is not None}


def run_between(
    before: dict[str, Observed], after: dict[str, Observed]
) -> dict[str, tuple[Observed, int]]:
    """Return the statements that were run in between, each with how often."""
    found = {}
    for key, one in after.items():
        calls = one.calls - (before[key].calls if key in before else 0)
        if calls > 0:
            found[key] = (one, calls)
    return found
