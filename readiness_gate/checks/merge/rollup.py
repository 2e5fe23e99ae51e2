"""`rollup`: one item that sums up others; the engine computes it after all of them."""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family
from readiness_gate.model.result import CheckResult, cannot_tell


class RollupOptions(CheckOptions):
    """What is summed up; nothing given means every other item."""

    items: tuple[str, ...] = Field(default=(), description="Ids of the items to sum up.")
    category: str | None = Field(default=None, description="Every item of this category.")


def run(_context: CheckContext, _options: RollupOptions) -> CheckResult:
    """Say that this never runs by itself: `engine/roll_up.py` has the other items' results."""
    return cannot_tell(ErrorClass.INTERNAL, "a roll-up is computed from other items")


CHECK = Check(
    id="rollup",
    title="All of its items are ready",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset(),
    options=RollupOptions,
    run=run,
    remediation="See the items that it sums up.",
)
