"""A gate in a process of its own: boots a stack, prints where it is, and waits to be killed.

Run as `python -m tests.stack.compose.booting ROOT PROJECT SCRATCH CONFIGURATION [URL]`. With a
URL it asks for it, prints the answer as JSON, and takes the stack down again.
"""

import json
import signal
import sys
from pathlib import Path

from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.errors import GateError
from readiness_gate.stack.urls import reachable
from tests.stack.compose.real import compose_stack


def main(root: str, project: str, scratch: str, configuration: str, url: str = "") -> int:
    # A shell in the background lets its children ignore SIGINT; the gate sets both by itself.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    stack = compose_stack(
        Path(root), Path(scratch), project=project, configuration=Path(configuration)
    )
    try:
        stack.prepare()
        _say("building")
        stack.build(120.0)
        _say("starting")
        stack.start(None, 60.0)
        _say("waiting")
        health = stack.wait(None, 60.0, 0.2)
        answer: dict[str, object] = {"healthy": all(one.healthy for one in health)}
        if url:
            reached = reachable(stack, url)
            answer |= {
                "reached": reached,
                "body": TargetWeb().request("GET", reached, timeout=5.0).text,
                "one-off": stack.one_off("web", ["cat", "/srv/site/index.html"], timeout=30).stdout,
            }
        _say(json.dumps(answer))
    except GateError as error:
        _say(json.dumps({"error": error.message, "advice": error.advice}))
    finally:
        left = stack.tear_down(60.0)
        _say(f"left: {left}")
    return 1 if left else 0


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
