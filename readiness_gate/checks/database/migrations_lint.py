"""`migrations-lint`: the SQL that the new revisions really run hurts no table in use.

Recorded on a copy, revision by revision, with what it locks at the end of its transaction
(PostgreSQL) and how long its statements take on the rows that are there. What runs on PostgreSQL
goes through squawk, too; its rules that are not the gate's own stand as `squawk/RULE`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Duration, Name, Text
from readiness_gate.migrations import squawk
from readiness_gate.migrations.lint import RULE_IDS
from readiness_gate.model.outcome import CheckClass, Family, Need

_SQUAWK_RULE = re.compile(r"squawk/[a-z][a-z-]{2,60}")


class MigrationsLintOptions(CheckOptions):
    """Whose revisions, and which rules do not hold."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    revisions: Literal["new", "all"] = Field(
        default="new",
        description="Those that the base does not have, or all, each beside the tables before it.",
    )
    ignore: Mapping[Text, Text] = Field(
        default={}, description="Rules that do not hold here, each with the reason."
    )
    also: tuple[Text, ...] = Field(
        default=(),
        description="Rules of squawk about style and settings that hold, too (PostgreSQL), such as "
        "require-lock-timeout or prefer-bigint-over-int.",
    )
    longest_lock: Annotated[Duration, Field(gt=0)] = Field(
        default=1.0,
        description="How long a table with rows may be locked by one revision (PostgreSQL).",
    )

    @model_validator(mode="after")
    def _are_rules(self) -> Self:
        strange = [
            one
            for one in sorted(set(self.ignore) - RULE_IDS)
            if _SQUAWK_RULE.fullmatch(one) is None
        ]
        if strange:
            raise ValueError(
                f"{strange[0]} is no rule; there are {', '.join(sorted(RULE_IDS))} and squawk/RULE"
            )
        strange = [one for one in self.also if squawk.ASKED_FOR.fullmatch(one) is None]
        if strange:
            raise ValueError(f"{strange[0]} is no rule of squawk that holds where asked for alone")
        return self


CHECK = Check(
    id="migrations-lint",
    title="The migrations hurt no table in use",
    family=Family.DATABASE,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.DATABASE, Need.STACK}),
    options=MigrationsLintOptions,
    remediation="Split the change: expand first, contract after the old code is gone.",
    example={"ignore": {"drop-column": "contracts follow a release later"}},
)
