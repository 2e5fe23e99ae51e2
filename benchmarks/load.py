"""The load generator on a service of known latency, beside hey."""

import os
import re
import shutil
import subprocess

from benchmarks import told
from benchmarks.answering import answering
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.load.plan import Executor, Plan, Request, Stage
from readiness_gate.load.run import run_plan
from readiness_gate.load.tally import Tally

LATENCY = 0.05
SECONDS = 10.0
OFF = 5
"""Milliseconds that the 95th percentile may be off."""
RATE = 1000
_MB = 1_000_000
_LOADS: tuple[tuple[str, Executor, float, tuple[str, ...]], ...] = (
    ("50 users", "constant-vus", 50, ("-c", "50")),
    ("200 requests/s", "constant-arrival-rate", 200, ("-c", "20", "-q", "10")),
    ("1000 requests/s", "constant-arrival-rate", RATE, ("-c", "100", "-q", "10")),
)


def run() -> None:
    """Print latencies, what a request costs, and how memory grows."""
    told.heading(f"Load: a service that answers after {LATENCY * 1000:.0f} ms, {SECONDS:g} s each")
    with answering(LATENCY) as port:
        for name, executor, level, arguments in _LOADS:
            _beside_hey(name, executor, level, arguments, port)
        _memory(port)
    with answering(0.0) as port:
        most = _tally("constant-vus", 50, port, SECONDS)
        rate = most.whole.expected / most.seconds
        told.figure("50 users, an instant service", f"{rate:.0f}/s")
        _cost("processor for each request", most)
    load = os.getloadavg()[0]
    told.note(f"load average {load:.1f}: what else runs here makes all of them later")


def _beside_hey(
    name: str, executor: Executor, level: float, arguments: tuple[str, ...], port: int
) -> None:
    ours = _tally(executor, level, port, SECONDS)
    found = (ours.whole.latency.percentile(95) or 0.0) * 1000
    off = abs(found - LATENCY * 1000)
    what = f"{name}, p95 of {ours.whole.expected} requests"
    peer = _hey(arguments, port)
    beside = f"{told.budget(off, OFF, 'ms off')}; {peer}"
    told.figure(what, f"{found:.1f} ms", beside)
    late = (ours.late.percentile(99) or 0.0) * 1000
    told.figure("the generator itself was late, p99", f"{late:.1f} ms")
    if ours.planned is not None:
        rate = ours.whole.expected / ours.seconds
        kept = "" if ours.dropped == 0 else f", {ours.dropped} dropped"
        told.figure("sustained", f"{rate:.0f}/s", f"asked for {level:.0f}/s{kept}")


def _hey(arguments: tuple[str, ...], port: int) -> str:
    if shutil.which("hey") is None:
        return "no hey here (a package of Debian)"
    command = ["hey", "-z", f"{SECONDS:.0f}s", *arguments, f"http://127.0.0.1:{port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"95%+ in ([0-9.]+) secs", done.stdout)
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)
    if found is None or rate is None:
        return "hey said nothing"
    return f"hey {float(found[1]) * 1000:.1f} ms at {float(rate[1]):.0f}/s"


def _memory(port: int) -> None:
    few = _tally("constant-arrival-rate", RATE, port, 2.0)
    many = _tally("constant-arrival-rate", RATE, port, 2 * SECONDS)
    for one in (few, many):
        told.figure(f"memory, {one.whole.requests} requests", f"{one.peak_memory / _MB:.0f} MB")
    _cost(f"processor for each request at {RATE}/s", many)


def _cost(name: str, tally: Tally) -> None:
    each = tally.processor / max(1, tally.whole.requests) * 1e6
    told.figure(name, f"{each:.0f} us", f"{100 * tally.processor_share:.0f} % of a processor")


def _tally(executor: Executor, level: float, port: int, seconds: float) -> Tally:
    plan = Plan(
        executor,
        (Request("all", "GET", f"http://127.0.0.1:{port}/"),),
        level,
        (Stage(seconds, level),),
        warm_up=1.0,
    )
    return run_plan(HostPrograms(os.environ), plan)
