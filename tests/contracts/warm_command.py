"""The command in a warm interpreter: every call is forked off one that has loaded everything.

Run as a program by `outside.py`. A call costs what it does, and not the loading of libraries.
"""

import gc
import json
import os
import sys

import re2
import rich.console
import rich.text

import readiness_gate.cli.merge
import readiness_gate.cli.plan
import readiness_gate.cli.publish
import readiness_gate.cli.run
import readiness_gate.doors.exchange
import readiness_gate.forge.github
import readiness_gate.forge.snapshot
import readiness_gate.report.junit
from readiness_gate.cli import app
from readiness_gate.report.escape import environment

__all__ = ["re2", "readiness_gate", "rich"]


def serve() -> None:
    """Read calls, one a line, from standard input; answer each with its exit code."""
    templates = environment()
    for name in templates.list_templates(filter_func=lambda name: name.endswith(".md.j2")):
        templates.get_template(name)
    # What is collected in a child is copied first.
    gc.freeze()
    for line in sys.stdin:
        call = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(call)
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(call: dict[str, object]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for stream, path, how in ((0, os.devnull, os.O_RDONLY), (1, call["stdout"], flags),
                              (2, call["stderr"], flags)):  # fmt: skip
        opened = os.open(str(path), how)
        os.dup2(opened, stream)
        os.close(opened)
    os.chdir(str(call["folder"]))
    os.environ.clear()
    os.environ.update(call["environment"])  # type: ignore[call-overload]
    sys.argv = ["readiness-gate", *call["arguments"]]  # type: ignore[misc]
    app.run()


if __name__ == "__main__":
    serve()
