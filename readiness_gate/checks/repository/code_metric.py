"""`code-metric`: a number over the source keeps a limit, or gets no worse than at the base.

`markers` counts TODO, FIXME and the like; `type-hints` is the share of Python functions whose
parameters and result are annotated; `docstrings` the share of public modules, classes and
functions that have one. With `ratchet` the files that the pull request changes are measured at
the base too.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.scope import SCOPE, Scope
from readiness_gate.checks.repository.code_counts import Metric
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.outcome import CheckClass, Family, Need


class CodeMetricOptions(CheckOptions):
    """What is measured, over which files, and its limit."""

    metric: Metric = Field(description="What is measured.")
    limit: str = Field(
        default="", description="`<=10` for markers, `>80%` for type-hints and docstrings."
    )
    ratchet: Flag = Field(default=False, description="Whether it may be no worse than at the base.")
    path: OneOrMany = Field(
        default=("**/*.py",), min_length=1, description="Files or patterns; ** crosses folders."
    )
    exclude: OneOrMany = Field(default=(), description="Files or patterns that are left out.")
    scope: Scope = Field(default="tree", description=SCOPE)
    markers: tuple[Annotated[str, Field(pattern=r"^[\w-]{2,40}$")], ...] = Field(
        default=("TODO", "FIXME", "XXX"), min_length=1, description="Words that are counted."
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.limit or self.ratchet):
            raise ValueError("assert something: limit or ratchet")
        if "markers" in self.model_fields_set and self.metric != "markers":
            raise ValueError("`markers` belong to `metric: markers`")
        if self.limit:
            threshold(self.limit, self.unit)
        return self

    @property
    def unit(self) -> Unit:
        """What the metric is measured in."""
        return Unit.NUMBER if self.metric == "markers" else Unit.PERCENT


def _needs(options: CodeMetricOptions) -> frozenset[Need]:
    compares = options.ratchet or options.scope == "diff"
    return frozenset({Need.WORKSPACE, Need.GIT} if compares else {Need.WORKSPACE})


CHECK = Check(
    id="code-metric",
    title="A measure of the code keeps its limit",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=CodeMetricOptions,
    remediation="Bring the number back within the limit, at the places that are named.",
    refine_needs=_needs,
    example={"metric": "type-hints", "limit": ">=80%", "ratchet": True, "path": "app/**/*.py"},
)
