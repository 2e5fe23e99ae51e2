"""From the engine's own word "healthy" to the moment it was noticed."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks import told
from benchmarks.engine import answers, docker
from readiness_gate.config.stack import StackConfig
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.stack.compose.place import find_place
from readiness_gate.stack.open import Machine, open_stack
from readiness_gate.stack.project import local_project_name

BUDGET = 100
TIMES = 5
COMPOSE = """services:
  store:
    image: redis:8
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, timeout: 2s, retries: 20}
"""


def run() -> None:
    """Print the medians of the gate's waiter and of `docker compose up --wait`, by turns."""
    told.heading("Noticed: from the engine's event `healthy` to the answer, one service")
    if not answers():
        return
    gate, peer = [], []
    for _ in range(TIMES):
        gate.append(_lag(_by_the_gate))
        peer.append(_lag(_by_compose))
    ours, theirs = statistics.median(gate), statistics.median(peer)
    told.figure("the gate's waiter", f"{ours:.0f} ms", told.budget(ours, BUDGET, "ms"))
    told.figure("docker compose up --wait", f"{theirs:.0f} ms", "with the program's own end")
    told.figure("gate / compose", f"{ours / theirs:.2f}")


def _lag(boot: Callable[[Path, str], float]) -> float:
    """Return milliseconds between the event and the moment that `boot` returns."""
    with tempfile.TemporaryDirectory(prefix="noticed-") as name:
        folder = Path(name)
        project = local_project_name(pid=os.getpid(), workspace=folder)
        (folder / "docker-compose.yml").write_text(COMPOSE, encoding="utf-8")
        began = time.time()
        noticed = boot(folder, project)
        healthy = _healthy_at(project, began)
        _down(folder, project)
    return (noticed - healthy) * 1000


def _by_the_gate(folder: Path, project: str) -> float:
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="noticed-scratch-") as scratch:
        machine = Machine(
            workspace=Workspace(folder),
            scratch=Path(scratch),
            programs=HostPrograms(dict(os.environ)),
            clock=clock,
            web=TargetWeb(),
            engine=find_place(dict(os.environ), Path.home()),
            docker_auth_config="",
            home=Path.home(),
            deadline=clock.now() + timedelta(minutes=5),
        )
        config = StackConfig.model_validate({"files": ["docker-compose.yml"]})
        stack = open_stack(config, project=project, machine=machine, passed_on={})
        try:
            stack.prepare()
            stack.build(60)
            stack.start(None, 60)
            (health,) = stack.wait(None, 60, 0.0)
            noticed = time.time()
        finally:
            stack.tear_down(30)
    if not health.healthy:
        raise SystemExit(f"{health.service}: {health.cause}")
    return noticed


def _by_compose(folder: Path, project: str) -> float:
    _compose(folder, project, "up", "--detach", "--wait")
    return time.time()


def _compose(folder: Path, project: str, *arguments: str) -> None:
    command = ["docker", "compose", "--project-name", project, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _down(folder: Path, project: str) -> None:
    _compose(folder, project, "down", "--volumes", "--timeout", "0")


def _healthy_at(project: str, began: float) -> float:
    """Return the time of the first `health_status: healthy` event of a project's container."""
    events = docker(
        "events",
        f"--since={began:.6f}",
        f"--until={time.time():.6f}",
        "--filter=event=health_status",
        f"--filter=label=com.docker.compose.project={project}",
        "--format={{json .}}",
    )
    told_healthy: list[float] = [
        json.loads(line)["timeNano"] / 1e9
        for line in events.splitlines()
        if "healthy" in json.loads(line).get("Action", json.loads(line).get("status", ""))
    ]
    return min(told_healthy)
