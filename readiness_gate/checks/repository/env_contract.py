"""`env-contract`: the environment sets what the service needs, and no secret is tracked.

The environment is a file, or with `source: environment` that of the gate itself, for stages of a
deployment. It can be held against an example, the documentation and the code that reads it.
Values are never shown, only their lengths and what is wrong with them.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.scope import Scope
from readiness_gate.checks.options.variable import Required
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class EnvContractOptions(CheckOptions):
    """Where variables are set, what they have to be, and what must not be tracked."""

    source: Literal["file", "environment"] = Field(
        default="file",
        description="Where variables are set: in `file`, or in the environment of the gate.",
    )
    file: str | None = Field(default=None, min_length=1, description="The environment file.")
    required: Required = Field(
        default_factory=dict,
        description="Names that are set; as a mapping, with rules for their values.",
    )
    example: str | None = Field(
        default=None,
        min_length=1,
        description="A file with the same names, for readers; an environment may have more.",
    )
    no_placeholders: Flag = Field(
        default=False,
        description="Whether values such as changeme or <password> are refused, of every variable "
        "in `file`, or of those that are required.",
    )
    documentation: OneOrMany = Field(
        default=(), description="Files or patterns; every variable has to be named in one of them."
    )
    code: OneOrMany = Field(
        default=(),
        description="Python or JavaScript files or patterns; what they read by name has to be set.",
    )
    code_ignore: OneOrMany = Field(
        default=("PATH", "HOME", "TZ", "NODE_ENV", "CI"),
        description="Variables that code may read though nobody sets them.",
    )
    scope: Scope = Field(
        default="tree",
        description="Whether `code` is all of it, or of it what the pull request adds or changes. "
        "Without a pull request it is all.",
    )
    untracked: OneOrMany = Field(
        default=(), description="Paths or patterns that git must not track, such as .env."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        asked = bool(self.required or self.example or self.code)
        if not (asked or self.untracked or self.documentation or self.no_placeholders):
            raise ValueError("assert something: required, example or untracked")
        if self.scope == "diff" and not self.code:
            raise ValueError("`scope` says which of `code` is looked at")
        if self.source == "environment":
            if self.file is not None:
                raise ValueError("with `source: environment` there is no file")
            if not asked:
                raise ValueError("of the environment, assert required, example or code")
        elif (asked or self.documentation or self.no_placeholders) and self.file is None:
            raise ValueError("`file` is the file that `required` and `example` speak of")
        elif self.file is not None and not (asked or self.documentation or self.no_placeholders):
            raise ValueError("assert something of `file`: required or example")
        return self


def _needs(options: EnvContractOptions) -> frozenset[Need]:
    asks_git = options.untracked or options.scope == "diff"
    return frozenset({Need.WORKSPACE, Need.GIT} if asks_git else {Need.WORKSPACE})


CHECK = Check(
    id="env-contract",
    title="The environment keeps its contract",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=EnvContractOptions,
    remediation="Set the missing variables; rotate and untrack what should be secret.",
    refine_needs=_needs,
)
