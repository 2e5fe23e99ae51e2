"""Peak memory of the gate while it runs the shop."""

import tempfile
from pathlib import Path

from benchmarks import told
from benchmarks.engine import answers
from benchmarks.measured import measured
from benchmarks.shop import GATE
from benchmarks.shop_copy import shop_copy

BUDGET = 150
_MB = 1_000_000


FLOOD_BUDGET = 50
FLOOD = """services:
  chatty:
    image: python:3.13-slim-trixie
    init: true
    command:
      - python3
      - -c
      - |
        import sys, time
        line = "x" * 99_999 + "\\n"
        for _ in range(10_000):
            sys.stdout.write(line)
        print("all is said", flush=True)
        time.sleep(600)
"""
FLOOD_CONFIG = """version: 1
stack:
  wait-timeout: 300s
  settle: 1s
  services: {chatty: {ready: {log: all is said}}}
"""


def run() -> None:
    """Print the most that the gate's own process had resident."""
    _shop()
    _flood()


def _flood() -> None:
    told.heading("Memory: what a service that logs 1 GB costs, beside one that logs nothing")
    if not answers():
        return
    quiet, loud = (_peak(text) for text in (FLOOD.replace("10_000", "1"), FLOOD))
    more = (loud - quiet) / _MB
    told.figure("peak, one line", f"{quiet / _MB:.0f} MB")
    told.figure("peak, 1 GB", f"{loud / _MB:.0f} MB")
    told.figure("1 GB of log costs", f"{more:.0f} MB", told.budget(more, FLOOD_BUDGET, "MB"))


def _peak(compose: str) -> int:
    with tempfile.TemporaryDirectory(prefix="flood-") as name:
        folder = Path(name)
        (folder / ".github").mkdir()
        (folder / ".github/readiness.yml").write_text(FLOOD_CONFIG, encoding="utf-8")
        (folder / "docker-compose.yml").write_text(compose, encoding="utf-8")
        gate = measured(GATE, folder=folder)
    if gate.exit_code:
        raise SystemExit(f"the gate ended with {gate.exit_code}\n{gate.output}")
    return gate.peak


def _shop() -> None:
    told.heading("Memory: `readiness-gate run --half checks` on a copy of examples/shop")
    if not answers():
        return
    with shop_copy() as folder:
        gate = measured(GATE, folder=folder)
    if gate.exit_code not in {0, 1}:
        print(gate.output)
        told.note(f"no figure: the gate ended with {gate.exit_code}")
        return
    told.figure(
        "peak of the gate", f"{gate.peak / _MB:.0f} MB", told.budget(gate.peak / _MB, BUDGET, "MB")
    )
    told.note("VmHWM of the gate's process; docker, compose and buildx that it calls not counted")
