"""Cold start: the whole process of commands that need neither GitHub, engine nor database."""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks import told
from benchmarks.measured import median_seconds

SHOP = Path(__file__).parents[1] / "examples" / "shop"
BUDGET = 0.25
TIMES = 9
SMALL = """\
version: 1
merge: {order: [14, 15]}
stack: {driver: compose, files: [compose.yml]}
items:
  order: {check: merge-order}
  healthy: {check: stack-health}
  api: {check: http, with: {url: "http://api:8000/health", status: 200}}
"""


def run() -> None:
    """Print the median of several runs of each command, beside the interpreter alone."""
    told.heading(f"Cold start: wall clock of the whole process, median of {TIMES}")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    bare = median_seconds([sys.executable, "-c", "pass"], folder=SHOP, times=TIMES)
    told.figure("python -c pass", f"{bare * 1000:.0f} ms")
    _told("--version", SHOP, bare)
    _told("checks", SHOP, bare)
    with tempfile.TemporaryDirectory(prefix="cold-") as name:
        folder = Path(name)
        (folder / ".github").mkdir()
        (folder / ".github/readiness.yml").write_text(SMALL, encoding="utf-8")
        _told("validate", folder, bare, " (5 items)")
    _told("validate", SHOP, bare, " (the shop)")
    if load > 0.5:
        told.note(f"the machine was busy: load {load:.1f} per processor before the first run")


def _told(command: str, folder: Path, bare: float, of: str = "") -> None:
    arguments = [sys.executable, "-m", "readiness_gate", command]
    took = median_seconds(arguments, folder=folder, times=TIMES)
    beside = f"{took / bare:.1f} x the interpreter, {told.budget(took, BUDGET, 's')}"
    told.figure(f"readiness-gate {command}{of}", f"{took * 1000:.0f} ms", beside)
