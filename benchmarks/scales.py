"""The gate beside `docker compose build && up --wait && curl`: 3, 10 and 30 services."""

import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import told
from benchmarks.engine import answers

SIZES = (3, 10, 30)
PAIRS = 3
SHARE, SECONDS = 1.05, 0.5
"""At most so much more than the script, and so many seconds on top."""
GATE = [sys.executable, "-m", "readiness_gate", "run", "--half", "checks", "--no-color"]
WEB = """services:
  web:
    build: .
    init: true
    ports: ["${PORT}:8000"]
    healthcheck:
      test: [CMD, python3, -c, "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/')"]
      interval: 500ms
      timeout: 5s
      retries: 100
"""
OTHER = """  cache{number}:
    image: redis:8
    healthcheck: {{test: [CMD, redis-cli, ping], interval: 500ms, timeout: 5s, retries: 100}}
"""
DOCKERFILE = """FROM python:3.13-slim-trixie
CMD ["python3", "-m", "http.server", "8000"]
"""
CONFIG = """version: 1
stack: {environment: [PORT], settle: 0s, base-url: "http://web:8000"}
items: {page: {check: http, with: {url: /, status: 200}}}
"""


@dataclass(frozen=True)
class Taken:
    """One run; a busy machine stretches the seconds, and hardly the processor time."""

    seconds: float
    """To the end of the last check."""
    processor: float
    """Of the command and its children, teardown and all; the engine's own is not in it."""


def run() -> None:
    """Print the ratio of gate to script for every size, taken in pairs after one to warm up."""
    told.heading("Scales: up to the last check, beside build && up --wait && curl")
    if not answers():
        return
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="scales-") as name:
            folder = Path(name)
            _project(folder, size)
            pairs = [(_gate(folder), _script(folder)) for _ in range(PAIRS + 1)][1:]
        gate = statistics.median(one.seconds for one, _ in pairs)
        script = statistics.median(other.seconds for _, other in pairs)
        ours = statistics.median(one.processor for one, _ in pairs)
        theirs = statistics.median(other.processor for _, other in pairs)
        limit = script * SHARE + SECONDS
        told.figure(f"{size} services, gate", f"{gate:.1f} s", told.budget(gate, limit, "s"))
        told.figure(f"{size} services, script", f"{script:.1f} s")
        told.figure(f"{size} services, gate / script", f"{gate / script:.2f}")
        told.figure(f"{size} services, processor", f"{ours:.1f} s", f"script {theirs:.1f} s")


def _project(folder: Path, size: int) -> None:
    others = "".join(OTHER.format(number=number) for number in range(1, size))
    (folder / "docker-compose.yml").write_text(WEB + others, encoding="utf-8")
    (folder / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (folder / ".github").mkdir()
    (folder / ".github/readiness.yml").write_text(CONFIG, encoding="utf-8")


def _gate(folder: Path) -> Taken:
    """Return what the gate took; what it writes after the teardown counts, its teardown not."""
    before, began = _processor(), time.perf_counter()
    done = subprocess.run(
        GATE, cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"the gate ended with {done.returncode}\n{done.stdout}{done.stderr}")
    report = json.loads((folder / "readiness-report/report.json").read_text(encoding="utf-8"))
    ends = dict.fromkeys(("check", "teardown"), 0)
    for one in report["timeline"]:
        if one["kind"] in ends:
            ends[one["kind"]] = max(ends[one["kind"]], one["end-ms"])
    teardown = (ends["teardown"] - ends["check"]) / 1000
    return Taken(seconds - teardown, _processor() - before)


def _script(folder: Path) -> Taken:
    environment = _environment()
    compose = ["docker", "compose", "--project-name", f"scales-{os.getpid()}"]

    def do(*command: str) -> None:
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)

    before, began = _processor(), time.perf_counter()
    try:
        do(*compose, "build")
        do(*compose, "up", "--detach", "--wait")
        do("curl", "--fail", "--silent", f"http://127.0.0.1:{environment['PORT']}/")
        seconds = time.perf_counter() - began
    finally:
        down = [*compose, "down", "--volumes", "--rmi", "local", "--timeout", "1"]
        subprocess.run(down, cwd=folder, env=environment, capture_output=True, check=False)
    return Taken(seconds, _processor() - before)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment() -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {**os.environ, "PORT": str(free.getsockname()[1])}
