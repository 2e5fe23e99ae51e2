"""A gate in a process of its own: boots a stack, disturbs it by every check, and tears it down.

Run as `python -m tests.stack.compose.disrupting ROOT PROJECT SCRATCH CONFIGURATION`; prints the
outcomes as JSON.
"""

import json
import sys
from pathlib import Path

from readiness_gate.checks.stack import (
    fault_injection,
    graceful_shutdown,
    rolling_update,
    volume_persistence,
)
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.errors import GateError
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.stack.compose.real import compose_stack

FAULTS = (
    "{dependency: store, faults: [disconnect, stop], liveness: {url: /live},"
    " readiness: {url: /ready}, duration: 3s, within: 2s, recovery: 10s}"
)
CHECKS = (
    (volume_persistence, "{service: api, path: /data}"),
    (graceful_shutdown, "{url: /slow}"),
    (rolling_update, "{url: /slow}"),
    (fault_injection, FAULTS),
)


def main(root: str, project: str, scratch: str, configuration: str) -> int:
    stack = compose_stack(
        Path(root), Path(scratch), project=project, configuration=Path(configuration)
    )
    outcomes: dict[str, str] = {}
    try:
        stack.build(120.0)
        stack.start(None, 60.0)
        facts = context(
            stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=60.0,
            steps=booted("api"), base_url="http://api:8000",
        )  # fmt: skip
        healthy = all(one.healthy for one in stack.wait(None, 60.0, 0.2))
        outcomes["boot"] = "healthy" if healthy else "sick"
        for check, text in CHECKS:
            result = check.CHECK.run(facts, options(check.CHECK, text))
            health = stack.disruption().recover(60.0, 0.2)
            well = "healthy" if all(one.healthy for one in health) else f"sick: {health}"
            outcomes[check.CHECK.id] = f"{result.outcome}: {result.summary}: {well}"
    except GateError as error:
        outcomes["error"] = error.message
    finally:
        print(json.dumps(outcomes), flush=True)
        left = stack.tear_down(60.0)
        print(f"left: {left}", flush=True)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
