"""What `rollup` does where it is run by itself; `engine/roll_up.py` computes what it sums up."""

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.merge.rollup import RollupOptions
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell


def run(_context: CheckContext, _options: RollupOptions) -> CheckResult:
    """Say that this never runs by itself: the engine has the other items' results."""
    return cannot_tell(ErrorClass.INTERNAL, "a roll-up is computed from other items")
