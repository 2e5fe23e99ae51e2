"""500 probes of HTTP against a server that answers after 20 ms, and an instant one, beside goss."""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import engine, told
from benchmarks.answering import answering
from benchmarks.measured import measured

PROBES = 500
LATENCY = 0.02
TIMES = 5
SHARE = 0.5
SECONDS = 0.5
_GATE = [sys.executable, "-m", "readiness_gate", "run", "--half", "checks", "--no-color"]
_IMAGE = "debian:trixie-slim"
_INSTALL = "apt-get update -q && apt-get install -y -q --no-install-recommends goss"


def run() -> None:
    """Print the time of the probes, and goss's on the same list."""
    told.heading(f"Probes: {PROBES} `http` items, status 200")
    with tempfile.TemporaryDirectory(prefix="probes-") as name:
        folder = Path(name)
        goss = _goss(folder)
        with answering(LATENCY) as port:
            phase = _gate(folder, port)
            peer = _peer(folder, goss, port)
        beside = ""
        if peer is not None:
            kept = told.budget(phase / peer, SHARE, "of goss's")
            beside = f"goss {peer:.2f} s, {phase / peer:.2f} of it; {kept}"
        told.figure(f"answered after {LATENCY * 1000:.0f} ms, probing", f"{phase:.2f} s", beside)
        with answering(0.0) as port:
            phase = _gate(folder, port)
            peer = _peer(folder, goss, port)
        beside = told.budget(phase, SECONDS, "s") + (f"; goss {peer:.2f} s" if peer else "")
        told.figure("answered at once, probing", f"{phase:.2f} s", beside)
    told.note(f"median of {TIMES}; goss is timed as a whole, its start takes a few milliseconds")


def _gate(folder: Path, port: int) -> float:
    """Return the median seconds from the first probe's begin to the last one's end."""
    (folder / ".github").mkdir(exist_ok=True)
    lines = ["version: 1", f"stack: {{driver: external, base-url: 'http://127.0.0.1:{port}'}}"]
    lines += ["items:"]
    lines += [f"  p{n}: {{check: http, with: {{url: /p{n}, status: 200}}}}" for n in range(PROBES)]
    (folder / ".github/readiness.yml").write_text("\n".join(lines), encoding="utf-8")
    taken: list[float] = []
    for _ in range(TIMES):
        gate = measured(_GATE, folder=folder)
        report = json.loads((folder / "readiness-report/report.json").read_text("utf-8"))
        passed = sum(one["outcome"] == "passed" for one in report["items"])
        if gate.exit_code or passed != PROBES:
            raise SystemExit(f"{passed} of {PROBES} probes passed\n{gate.output[-2000:]}")
        spans = [one for one in report["timeline"] if one["kind"] == "check"]
        begin = min(one["start-ms"] for one in spans)
        taken.append((max(one["end-ms"] for one in spans) - begin) / 1000)
    return statistics.median(taken)


def _peer(folder: Path, goss: str | None, port: int) -> float | None:
    if goss is None:
        return None
    lines = ["http:"]
    for number in range(PROBES):
        lines += [f"  http://127.0.0.1:{port}/p{number}:", "    status: 200"]
    (folder / "goss.yaml").write_text("\n".join(lines), encoding="utf-8")
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        command = [goss, "-g", str(folder / "goss.yaml"), "validate", "-f", "silent"]
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _goss(folder: Path) -> str | None:
    """Return goss, out of Debian trixie where it is not here; say aloud where there is none."""
    found = shutil.which("goss")
    if found is not None:
        return found
    if not engine.answers():
        return None
    container = engine.docker("create", "--network=host", _IMAGE, "sh", "-c", _INSTALL)
    try:
        engine.docker("start", "--attach", container)
        engine.docker("cp", f"{container}:/usr/bin/goss", str(folder / "goss"))
    except subprocess.CalledProcessError:
        told.note("no goss here, nor in Debian trixie")
        return None
    finally:
        engine.docker("rm", "--force", container)
    return str(folder / "goss")
