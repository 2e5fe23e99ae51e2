"""`stack-health`: every replica of every service is healthy and stays up over the settle window.

A proof, not `docker compose up --wait` (notes on stacks 2.5): restarts, exits, memory kills and
one-shots are looked at, and each unhealthy service is named with one reason and its log.
"""

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.model.outcome import CheckClass, Family, Need


class StackHealthOptions(CheckOptions):
    """None: time and settle window are `stack.wait-timeout` and `stack.settle`."""


CHECK = Check(
    id="stack-health",
    title="Every service of the stack is healthy and stays up",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=StackHealthOptions,
    remediation="Start the stack with docker compose up, and read the log of the service.",
)
