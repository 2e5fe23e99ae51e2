"""`foreign-key-policy`: what a delete does is decided by class of table, and never by accident."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, Name, Text
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.outcome import CheckClass, Family, Need

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
        description="Whether an action has to be decided: in the models `ondelete` is written; "
        "without `metadata`, NO ACTION, which is what leaving it out gives, needs a rule.",
    )
    metadata: Text | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$",
        description="The models as module:attribute: a declarative base, a MetaData, or a list of "
        "them. They are held against the policy and against the database.",
    )
    imports: tuple[Text, ...] = Field(
        default=(), description="Modules that complete the models, imported before `metadata`."
    )
    protected: tuple[Text, ...] = Field(
        default=(),
        description="Globs on tables that no delete may reach, over any number of cascades.",
    )
    counts: Mapping[Action, Expectation] = Field(
        default_factory=dict, description="How many keys of the database have each action."
    )
    service: Name | None = Field(
        default=None,
        description="Service that has the models; for SQLite default the database's own.",
    )
    python: Text = Field(default="python3", description="Interpreter of the service.")
    directory: Text | None = Field(
        default=None, description="Folder inside the service to run in; default its own."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        asserts = (self.rules, self.require_explicit, self.metadata, self.protected, self.counts)
        if not any(asserts):
            raise ValueError("write rules, protected, counts, metadata, or require-explicit: true")
        if self.imports and self.metadata is None:
            raise ValueError("imports: belongs to metadata: module:attribute")
        return self


def _needs(options: ForeignKeyPolicyOptions) -> frozenset[Need]:
    needs = frozenset({Need.DATABASE})
    return needs | {Need.STACK} if options.metadata is not None else needs


CHECK = Check(
    id="foreign-key-policy",
    title="Every foreign key deletes as its class of data demands",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=ForeignKeyPolicyOptions,
    remediation="Write the allowed `ondelete` in the model and a revision that changes the key.",
    refine_needs=_needs,
)
