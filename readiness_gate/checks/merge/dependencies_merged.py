"""`dependencies-merged`: what a pull request says it depends on is done (DESIGN 1.2)."""

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.model.outcome import CheckClass, Family, Need


class DependenciesMergedOptions(CheckOptions):
    """None: dependencies are read from bodies, `depends-on`, base branches and stacks."""


CHECK = Check(
    id="dependencies-merged",
    title="Everything it depends on is merged",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=DependenciesMergedOptions,
    remediation="Merge the dependencies first, or remove the line that names them.",
)
