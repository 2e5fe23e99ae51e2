"""Checks of files and reports over a large repository, over a change, and beside a peer."""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import many_files, told
from benchmarks.files_project import write_project
from benchmarks.measured import Measured, measured

FILES = 10_000
CHANGED = 50
SMALL = 200
WHOLE = ("file-content", "markers", "kubernetes-manifest", "doc-sections", "type-hints")
"""Items whose whole tree is said beside, each alone."""
PART = 500
PAIRS = 3
TIMES = 3
SECONDS, MEGABYTES, RATIO, CHANGE_SECONDS = 30, 400, 1.1, 2
_RUN = [sys.executable, "-m", "readiness_gate", "run", "--half", "checks", "--no-color"]
_PEER = [sys.executable, "-m", "detect_secrets", "-c", "1", "scan", "--no-verify"]
_MB = 1_000_000


def run() -> None:
    """Print the figures of the three budgets."""
    told.heading(
        f"Files: {FILES} files, {FILES * many_files.LINES} lines, all checks that read them"
    )
    with many_files.repository(FILES) as folder:
        _whole(folder)
        _change(folder, FILES, f"{CHANGED} changed of {FILES}, all checks, `scope: diff`")
    with many_files.repository(SMALL) as folder:
        _change(folder, SMALL, f"{CHANGED} changed of {SMALL}, all checks, `scope: diff`")
    with many_files.repository(PART) as folder:
        _beside_detect_secrets(folder)
    told.note("processor seconds are of user code, and do not grow with what else the machine does")


def _whole(folder: Path) -> None:
    write_project(folder, secrets=None, files=FILES)
    many_files.commit(folder, "Checks")
    gate = _answered(folder, _RUN, expected=23)
    if gate is not None:
        took = told.budget(gate.seconds, SECONDS, "s")
        told.figure("whole tree, without secret-scan", f"{gate.seconds:.1f} s", took)
        told.figure("processor", f"{gate.processor:.1f} s")
        peak = gate.peak / _MB
        told.figure("peak of the gate", f"{peak:.0f} MB", told.budget(peak, MEGABYTES, "MB"))
    for name in WHOLE:
        alone = _answered(folder, [*_RUN, "--only", name], expected=1)
        if alone is not None:
            told.figure(f"of it {name} alone, with the start", f"{alone.seconds:.1f} s")


def _change(folder: Path, files: int, name: str) -> None:
    write_project(folder, secrets={"scope": "diff"}, files=files, of_change=True)
    base = many_files.commit(folder, "Secrets too")
    many_files.write(folder, range(CHANGED), mark=" once more")
    head = many_files.commit(folder, "A change")
    with tempfile.TemporaryDirectory() as outside:
        snapshot = Path(outside, "github.json")
        snapshot.write_text(json.dumps(_snapshot(base, head)), encoding="utf-8")
        command = [*_RUN, "--snapshot", str(snapshot)]
        runs = [_answered(folder, command, expected=24) for _ in range(TIMES)]
    gates = [one for one in runs if one is not None]
    if gates:
        best = min(one.seconds for one in gates)
        took = told.budget(best, CHANGE_SECONDS, "s")
        told.figure(f"{name}, best of {len(gates)}", f"{best:.1f} s", took)
        told.figure("processor", f"{min(one.processor for one in gates):.1f} s")


def _beside_detect_secrets(folder: Path) -> None:
    write_project(folder, secrets={"scope": "tree"}, files=10)
    many_files.commit(folder, "Checks")
    command = [*_RUN, "--only", "secret-scan"]
    gates, peers = [], []
    for number in range(PAIRS + 1):
        gate, peer = _answered(folder, command, expected=1), measured(_PEER, folder=folder)
        if gate is None or peer.exit_code:
            told.note(f"no figure: detect-secrets ended with {peer.exit_code}")
            return
        if number:
            gates.append(gate)
            peers.append(peer)
    for what, ratio in (
        ("wall clock", _ratio([one.seconds for one in gates], [one.seconds for one in peers])),
        ("processor", _ratio([one.processor for one in gates], [one.processor for one in peers])),
    ):
        name = f"secret-scan / detect-secrets, {what}"
        told.figure(name, f"{ratio:.2f}", told.budget(ratio, RATIO, "of detect-secrets"))
    told.note(f"the whole of {PART} files, one process each, {PAIRS} pairs")


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def _answered(folder: Path, command: Sequence[str], *, expected: int) -> Measured | None:
    """Return the figures of a run of which every item was answered; say aloud where not."""
    gate = measured(command, folder=folder)
    report = folder / "readiness-report" / "report.json"
    items: list[dict[str, Any]] = []
    if "--only" not in command and report.is_file():
        items = json.loads(report.read_text("utf-8"))["items"]
        unclear = [one for one in items if one["outcome"] in {"error", "pending"}]
        if unclear or len(items) != expected:
            print(gate.output)
            told.note(f"no figure: {len(items)} items, {len(unclear)} without an answer")
            return None
    if gate.exit_code not in {0, 1}:
        print(gate.output)
        told.note(f"no figure: the gate ended with {gate.exit_code}")
        return None
    return gate


def _snapshot(base: str, head: str) -> dict[str, Any]:
    pull_request = {
        "number": 1,
        "title": "A change",
        "base-sha": base,
        "head-branch": "change",
        "head-sha": head,
        "author": "developer-one",
    }
    return {
        "schema-version": 1,
        "recorded-at": "2025-12-03T08:30:00Z",
        "repository": "acme/many",
        "pull-request": 1,
        "branches": {"main": base},
        "pull-requests": [pull_request],
    }
