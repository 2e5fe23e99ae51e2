"""`source-rule`: Python source keeps rules that its syntax tree shows.

`route-authentication`: every route depends on something that authenticates. `sql-formatting`: no
SQL is put together from text and values. `debug-flag`: no debug mode is on, nothing stops for a
debugger. `sqlite-foreign-keys`: an SQLAlchemy engine that may be SQLite has the listener that
switches foreign keys on.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.scope import SCOPE, Scope, needs_of_scope
from readiness_gate.config.values import OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need

_OF_ONE_MODULE = frozenset({"sql-formatting", "debug-flag"})
Rule = Literal["route-authentication", "sql-formatting", "debug-flag", "sqlite-foreign-keys"]


class SourceRuleOptions(CheckOptions):
    """Which rules hold for which files."""

    rules: tuple[Rule, ...] = Field(min_length=1, description="The rules.")
    path: OneOrMany = Field(
        default=("**/*.py",), min_length=1, description="Python files or patterns."
    )
    exclude: OneOrMany = Field(
        default=("tests/**", "**/tests/**"), description="Files or patterns that are left out."
    )
    scope: Scope = Field(default="tree", description=SCOPE)
    authentication: OneOrMany = Field(
        default=("*auth*", "*current_*", "*require*", "*login*", "*token*", "*api_key*"),
        min_length=1,
        description="Names of dependencies and decorators that authenticate; * stands for "
        "anything, case does not count.",
    )
    public: OneOrMany = Field(
        default=("/health*", "/ready*", "/live*", "/metrics"),
        description="Routes that need no authentication; * stands for anything.",
    )

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        whole = [rule for rule in self.rules if rule not in _OF_ONE_MODULE]
        if self.scope == "diff" and whole:
            raise ValueError(f"{whole[0]} is told by all modules together: `scope: tree`")
        return self


CHECK = Check(
    id="source-rule",
    title="Source code keeps the rules",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=SourceRuleOptions,
    remediation="Change the code at the places that are named.",
    refine_needs=needs_of_scope,
    example={"rules": ["sql-formatting", "debug-flag"], "path": "backend/**/*.py"},
)
