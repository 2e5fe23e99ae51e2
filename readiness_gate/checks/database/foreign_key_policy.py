"""`foreign-key-policy`: what a delete does is decided by class of table, and never by accident."""

from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.config.values import Flag, Name, Text
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.choice import choose
from readiness_gate.database.connection import reading
from readiness_gate.database.evidence import counted, keys_table
from readiness_gate.database.policy import Rule, judge, unused
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

Action = Literal["CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"]


class PolicyRule(CheckOptions):
    """One class of tables; the first rule that meets a key decides."""

    tables: tuple[Text, ...] = Field(
        min_length=1, description="Globs on the table that holds the key: name or schema.name."
    )
    columns: tuple[Text, ...] = Field(
        default=(), description="Globs on columns; default every key of the tables."
    )
    on_delete: tuple[Action, ...] = Field(min_length=1, description="Actions that are allowed.")


class ForeignKeyPolicyOptions(CheckOptions):
    """The policy; NULL into a column that is NOT NULL is a finding under every policy."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    rules: tuple[PolicyRule, ...] = Field(
        default=(), description="Classes of tables, first match first."
    )
    require_explicit: Flag = Field(
        default=False,
        description="Whether NO ACTION, which is what leaving ON DELETE out gives, needs a rule.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not self.rules and not self.require_explicit:
            raise ValueError("write rules, or require-explicit: true")
        return self


def run(context: CheckContext, options: ForeignKeyPolicyOptions) -> CheckResult:
    """Hold every key of the database against the policy.

    Raises:
        ConfigurationError: no such database, or a rule that decides about no key.
        DatabaseError: it could not be read.
    """
    access = choose(context.databases, options.database)
    with reading(access.url, seconds=context.timeout) as session:
        keys = foreign_keys(session)
    if not keys:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"{access.name} has no foreign key: there is nothing to judge"
        )
    rules = [Rule(each.tables, frozenset(each.on_delete), each.columns) for each in options.rules]
    findings = judge(keys, rules, require_explicit=options.require_explicit)
    if findings:
        broken = len({each.key for each in findings})
        return failed(
            f"{broken} of {counted(len(keys), 'foreign key')} against the policy: "
            f"{findings[0].key.label}: {findings[0].message}",
            evidence=[
                keys_table(
                    "Against the policy",
                    ("finding",),
                    [(each.key, (each.message,)) for each in findings],
                )
            ],
        )
    for rule in unused(keys, rules):
        raise ConfigurationError(
            f"the rule for {', '.join(rule.tables)} decides about no foreign key of {access.name}",
            advice="correct the names of its tables, or take the rule out",
        )
    actions = [key.on_delete for key in keys]
    counts = ", ".join(f"{actions.count(each)} {each}" for each in sorted(set(actions)))
    free = sum(not any(rule.meets(key) for rule in rules) for key in keys)
    return passed(
        f"{counted(len(keys), 'foreign key')} within the policy: {counts}",
        details=f"{counted(free, 'key')} under no rule" if free and rules else "",
    )


CHECK = Check(
    id="foreign-key-policy",
    title="Every foreign key deletes as its class of data demands",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=ForeignKeyPolicyOptions,
    run=run,
    remediation="Write the allowed `ondelete` in the model and a revision that changes the key.",
)
