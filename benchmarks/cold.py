"""Cold start: the whole process of commands that need neither GitHub, engine nor database."""

import os
import sys
from pathlib import Path

from benchmarks import told
from benchmarks.measured import median_seconds

SHOP = Path(__file__).parents[1] / "examples" / "shop"
BUDGET = 0.25
TIMES = 9


def run() -> None:
    """Print the median of several runs of each command, beside the interpreter alone."""
    told.heading(f"Cold start: wall clock of the whole process, median of {TIMES}")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    bare = median_seconds([sys.executable, "-c", "pass"], folder=SHOP, times=TIMES)
    told.figure("python -c pass", f"{bare * 1000:.0f} ms")
    for arguments in (["--version"], ["checks"], ["validate"]):
        command = [sys.executable, "-m", "readiness_gate", *arguments]
        took = median_seconds(command, folder=SHOP, times=TIMES)
        beside = f"{took / bare:.1f} x the interpreter, {told.budget(took, BUDGET, 's')}"
        told.figure(f"readiness-gate {arguments[0]}", f"{took * 1000:.0f} ms", beside)
    if load > 0.5:
        told.note(f"the machine was busy: load {load:.1f} per processor before the first run")
