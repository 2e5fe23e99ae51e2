"""A process measured from outside: wall clock, processor time, peak memory."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK = 0.02


@dataclass(frozen=True)
class Measured:
    """One process; children that it started count in every figure but the peak."""

    exit_code: int
    seconds: float
    peak: int
    """Bytes, `VmHWM`: the most that was resident at once, as last seen before the end."""
    output: str
    processor: float = 0.0
    """Seconds of user code, of the process and its children."""


def measured(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str] | None = None
) -> Measured:
    """Run a command and return what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = 0
    output = ""
    while True:
        peak = max(peak, _peak(process.pid))
        with suppress(subprocess.TimeoutExpired):
            output = process.communicate(timeout=_LOOK)[0]
            break
    seconds = time.perf_counter() - began
    processor = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return Measured(process.returncode, seconds, peak, output, processor)


def median_seconds(command: Sequence[str], *, folder: Path, times: int) -> float:
    """Return the median wall clock of a command that must succeed, after one run to warm up."""
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def _peak(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
