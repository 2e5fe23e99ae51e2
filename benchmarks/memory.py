"""Peak memory of the gate while it runs the shop."""

from benchmarks import told
from benchmarks.engine import answers
from benchmarks.measured import measured
from benchmarks.shop import GATE
from benchmarks.shop_copy import shop_copy

BUDGET = 150
_MB = 1_000_000


def run() -> None:
    """Print the most that the gate's own process had resident."""
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
