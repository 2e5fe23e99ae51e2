"""The process of the generator: a plan on standard input, counts on standard output.

It limits its own memory and time, and ends with the gate.
"""

import asyncio
import contextlib
import gc
import os
import resource
import sys

from readiness_gate.load.generate import generate
from readiness_gate.load.plan import Plan
from readiness_gate.load.tally import Tally

MEMORY = 2 * 1024**3
"""Bytes of addresses: it takes a twentieth of that, with thousands of connections a quarter."""
_FILES = 16_384
_SPARE = 30.0
_LOOK = 0.5


def main() -> None:
    """Read the plan, run it, write what was counted."""
    plan = Plan.of_json(sys.stdin.buffer.read())
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, int(plan.longest + _SPARE))
    _limit(resource.RLIMIT_CORE, 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    tally = asyncio.run(_with_the_gate(plan, os.getppid()))
    sys.stdout.write(tally.as_json())


async def _with_the_gate(plan: Plan, parent: int) -> Tally:
    """Return what was counted; ends early where the gate is gone.

    Raises:
        asyncio.CancelledError: the gate is gone.
    """
    work = asyncio.ensure_future(generate(plan))
    while not work.done():
        await asyncio.wait({work}, timeout=_LOOK)
        if os.getppid() != parent:
            work.cancel()
    return await work


def _limit(what: int, most: int) -> None:
    soft, hard = resource.getrlimit(what)
    known = [one for one in (soft, hard, most) if one != resource.RLIM_INFINITY]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (min(known), hard))
