"""`merge-order`: the declared order is kept, and the graph has no cycle and no contradiction."""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag
from readiness_gate.model.outcome import CheckClass, Family, Need


class MergeOrderOptions(CheckOptions):
    """The order is `merge.order` in the configuration."""

    complete: Flag = Field(
        default=False,
        description="Judge afterwards: all of the order is merged, and in this order by the "
        "moments of merging. On a member of the order what comes before it is judged.",
    )


CHECK = Check(
    id="merge-order",
    title="The declared merge order is kept",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=MergeOrderOptions,
    remediation="Merge the pull requests in the declared order, or correct `merge.order`.",
)
