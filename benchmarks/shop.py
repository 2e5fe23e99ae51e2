"""The gate's wall clock on the shop, beside the same work done step by step by a shell script."""

import os
import socket
import statistics
import sys
from pathlib import Path

from benchmarks import told
from benchmarks.engine import answers
from benchmarks.measured import Measured, measured
from benchmarks.shop_copy import shop_copy

GATE = [sys.executable, "-m", "readiness_gate", "run", "--half", "checks", "--no-color"]
SCRIPT = Path(__file__).with_name("shop_by_hand.sh")
TARGET = 0.8
PAIRS = 3


def run() -> None:
    """Print the ratio of gate to script, taken in pairs, after one run of each to warm up."""
    told.heading("Wall clock: the gate on examples/shop, beside a script that does the same work")
    if not answers():
        return
    told.note(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; busy ones blur a ratio"
    )
    pairs: list[tuple[Measured, Measured]] = []
    with shop_copy() as folder:
        for number in range(PAIRS + 1):
            gate, script = measured(GATE, folder=folder), _by_hand(folder)
            for name, one in (("gate", gate), ("script", script)):
                if one.exit_code:
                    print(one.output)
                    told.note(f"no figure: the {name} ended with {one.exit_code}")
                    return
            if number:
                pairs.append((gate, script))
                told.note(
                    f"pair {number}: gate {gate.seconds:.1f} s, script {script.seconds:.1f} s"
                )
            else:
                print(script.output)
    ratio = statistics.median(gate.seconds / script.seconds for gate, script in pairs)
    told.figure("readiness-gate run --half checks", _median(gate for gate, _ in pairs))
    told.figure("shop_by_hand.sh", _median(script for _, script in pairs))
    told.figure("gate / script", f"{ratio:.2f}", told.budget(ratio, TARGET, "of the script"))
    told.note("images' layers are cached for both; the script's own settle window is in its time")


def _by_hand(folder: Path) -> Measured:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return measured(["bash", str(SCRIPT)], folder=folder, environment={"BACKEND_PORT": str(port)})


def _median(runs: object) -> str:
    seconds = statistics.median(one.seconds for one in runs)  # type: ignore[attr-defined]
    return f"{seconds:.1f} s"
