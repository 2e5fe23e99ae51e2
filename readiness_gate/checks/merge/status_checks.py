"""`status-checks`: the checks and statuses on the head commit that have to be green, are.

Judged are those named in `checks`, those that the base branch requires, or all of them. Of one
name and one app the newest counts; a check run and a status of one name count both. The gate's
own statuses and its own job are left out. Needs the permissions `checks: read`, `statuses: read`
and `actions: read`. Rulesets are told to every token; what classic protection requires may need
administration: read, which a workflow's own token cannot have. What is not seen is an error, and
never "requires nothing".
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class StatusChecksOptions(CheckOptions):
    """Which checks have to be green; nothing given means those that the base branch requires."""

    checks: OneOrMany = Field(
        default=(), description="Names of checks and contexts of statuses; `*` stands for any text."
    )
    app: str | None = Field(
        default=None,
        min_length=1,
        description="Slug of the app that has to report what `checks` names, such as "
        "github-actions; default any.",
    )
    every: Flag = Field(
        default=False, description="Whether all that is reported on the commit has to be green."
    )
    ignore: OneOrMany = Field(
        default=(), description="Names that do not count; `*` stands for any text."
    )
    accept: tuple[Literal["neutral", "skipped"], ...] = Field(
        default=(), description="Conclusions that are green beside success."
    )

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.every and self.checks:
            raise ValueError("give either `checks` or `every`")
        if self.app and not self.checks:
            raise ValueError("`app` is about what `checks` names: name them")
        return self


CHECK = Check(
    id="status-checks",
    title="Checks and statuses are green",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=StatusChecksOptions,
    remediation="Open the checks of the pull request, and fix or re-run what is not green.",
    example={"checks": ["build", "test *"], "app": "github-actions"},
)
