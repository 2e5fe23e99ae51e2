"""Starts the generator through the door to programs, and reads what it counted."""

import math
import sys
from pathlib import Path

from readiness_gate.doors.programs import Programs
from readiness_gate.load.plan import Plan
from readiness_gate.load.tally import Tally

START = 15.0
"""Seconds that the process may take beside the plan itself: to start, and to end."""
_ROOT = Path(__file__).resolve().parents[2]
# Isolated: neither the environment nor the folder that it runs in decides what is imported.
_CODE = (
    "import sys; sys.path.append(sys.argv[1]); from readiness_gate.load.child import main; main()"
)


class NoLoad(Exception):  # noqa: N818
    """The generator ended without counts; its message says in one line why."""

    def __init__(self, message: str, log: str = "") -> None:
        """Keep why, and what the generator said last."""
        super().__init__(message)
        self.log = log


def command() -> tuple[str, ...]:
    """Return how the generator is started: by this interpreter, isolated from its surroundings."""
    return (sys.executable, "-I", "-c", _CODE, str(_ROOT))


def run_plan(programs: Programs, plan: Plan, *, within: float = math.inf) -> Tally:
    """Run a plan in a process of its own, at most `within` seconds; return what it counted.

    Raises:
        NoLoad: it did not end in time, or not with counts.
    """
    limit = min(within, plan.longest + START)
    done = programs.run(command(), timeout=limit, stdin=plan.as_json(), cwd=Path("/"))
    if done.timed_out:
        raise NoLoad(f"the load generator did not end within {limit:.0f} s", done.stderr[-2000:])
    if not done.succeeded:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise NoLoad(
            f"the load generator ended with {done.exit_code}: {last[0][:200]}", done.stderr[-2000:]
        )
    try:
        return Tally.of_json(done.stdout)
    except ValueError as error:
        raise NoLoad(f"the load generator's answer is not readable: {error}"[:200]) from error
