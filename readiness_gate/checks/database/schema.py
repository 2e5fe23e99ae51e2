"""`schema`: the database has the tables and keys that the team claims, and none that is broken.

Alembic's own version table is not counted.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Name, Text
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need

Rule = Literal["primary-key", "validated", "types", "valid-indexes", "duplicate-indexes"]


class SchemaOptions(CheckOptions):
    """What is claimed, and which rules hold; without claims, the rules alone."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    tables: Expectation | None = Field(default=None, description="How many tables there are.")
    foreign_keys: Expectation | None = Field(
        default=None, description="How many foreign keys there are."
    )
    has: tuple[Text, ...] = Field(
        default=(), description="Tables that have to be there: name or schema.name."
    )
    has_not: tuple[Text, ...] = Field(
        default=(), description="Tables that must be gone: globs on name or schema.name."
    )
    rules: tuple[Rule, ...] = Field(
        default=("primary-key", "validated", "types", "valid-indexes", "duplicate-indexes"),
        description="What holds for every table.",
    )
    excluding: tuple[Text, ...] = Field(
        default=(),
        alias="except",
        description="Tables without rules: globs on name or schema.name.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        claims = (self.tables, self.foreign_keys)
        if not (self.rules or self.has or self.has_not or any(one is not None for one in claims)):
            raise ValueError("write a claim or a rule")
        return self


CHECK = Check(
    id="schema",
    title="The database has the tables and keys that are claimed",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=SchemaOptions,
    remediation="Correct the claim, or mend the schema in a revision.",
    example={"tables": 88, "foreign-keys": {"ge": 99}, "has": ["users", "audit_log"]},
)
