"""`query-plan`: statements are served by indexes, and a request does not run one a hundred times.

Statements are listed, or those that PostgreSQL has observed (`pg_stat_statements`). Requests are
sent one by one, and what each makes the database run is counted: many times the same statement is
the N+1 problem, named with its endpoint.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Flag, Name, Text
from readiness_gate.model.outcome import CheckClass, Family, Need


class QueryPlanOptions(CheckOptions):
    """Which statements or requests, and how much each may read."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    statements: tuple[Text, ...] = Field(
        default=(), description="Statements to plan; they are not run. $1 leaves a value open."
    )
    observed: Flag = Field(
        default=False, description="Whether to plan what pg_stat_statements has seen, too."
    )
    rows_above: int = Field(
        default=1000, ge=0, description="A table with more rows must not be read as a whole."
    )
    as_if_large: Flag = Field(
        default=False,
        description="PostgreSQL: plan as for large tables; a scan that stays has no index, "
        "whatever the table's size.",
    )
    max_cost: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Most that a plan may cost, in the planner's units."
    )
    max_rows: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Most rows that a plan may expect to return."
    )
    excluding: tuple[Text, ...] = Field(
        default=(), alias="except", description="Tables that may be read as a whole: globs."
    )
    requests: tuple[TargetUrl, ...] = Field(
        default=(), description="GET requests during which statements are counted."
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers of these requests."
    )
    repeats: int = Field(
        default=10,
        ge=2,
        description="Executions of one statement in one request that are too many.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.statements or self.observed or self.requests):
            raise ValueError("write statements, observed: true, or requests")
        for statement in self.statements:
            if ";" in statement.strip().removesuffix(";"):
                raise ValueError("one statement each; a semicolon may only end it")
        return self


def _needs(options: QueryPlanOptions) -> frozenset[Need]:
    needs = frozenset({Need.DATABASE})
    return needs | {Need.STACK} if options.requests or options.observed else needs


CHECK = Check(
    id="query-plan",
    title="Queries are served by indexes",
    family=Family.DATABASE,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.DATABASE}),
    options=QueryPlanOptions,
    remediation="Add an index that serves the statement, or load related rows in one query.",
    refine_needs=_needs,
    example={"statements": ["SELECT * FROM visits WHERE patient_id = $1"], "as-if-large": True},
)
