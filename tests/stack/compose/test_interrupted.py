"""A gate that is interrupted or killed in the middle leaves nothing, once torn down by name."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.doors.clock import SystemClock
from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.place import EnginePlace
from readiness_gate.stack.compose.teardown import audit
from readiness_gate.stack.open import remove_abandoned, tear_down_by_name
from tests.stack.compose.real import HOME, STACKS, unique_project

pytestmark = [pytest.mark.docker, pytest.mark.slow]

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def project() -> Iterator[str]:
    name = unique_project()
    yield name
    tear_down_by_name(name, place=EnginePlace(), timeout=60.0)


def booting(stack: str, project: str, scratch: Path) -> "subprocess.Popen[str]":
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [
            sys.executable, "-m", "tests.stack.compose.booting",
            str(STACKS / stack), project, str(scratch), str(HOME / ".docker"),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def until(gate: "subprocess.Popen[str]", line: str) -> None:
    assert gate.stdout is not None
    for said in gate.stdout:
        if said.strip() == line:
            return
    pytest.fail(f"the gate ended before it said {line!r}")


def left(project: str) -> Leftovers:
    engine = DockerEngine()
    try:
        return audit(engine, project)
    finally:
        engine.close()


def finish(gate: "subprocess.Popen[str]") -> int:
    assert gate.stdout is not None
    gate.stdout.read()
    gate.stdout.close()
    return gate.wait(60)


@pytest.mark.parametrize(
    ("stack", "moment"),
    [("slow-build", "building"), ("never-healthy", "starting"), ("never-healthy", "waiting")],
)
def test_a_killed_gate_is_cleaned_up_by_name_alone(
    stack: str, moment: str, project: str, tmp_path: Path
) -> None:
    gate = booting(stack, project, tmp_path / "scratch")
    until(gate, moment)
    time.sleep(0.3 if moment == "starting" else 1.5)
    gate.kill()
    finish(gate)
    assert tear_down_by_name(project, place=EnginePlace(), timeout=60.0) == Leftovers()
    time.sleep(1.0)
    assert left(project) == Leftovers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("stack", "moment"), [("never-healthy", "waiting"), ("slow-build", "building")]
)
def test_an_interrupted_gate_cleans_up_itself(
    stack: str, moment: str, number: signal.Signals, project: str, tmp_path: Path
) -> None:
    gate = booting(stack, project, tmp_path / "scratch")
    until(gate, moment)
    time.sleep(0.5)
    started = time.monotonic()
    gate.send_signal(number)
    finish(gate)
    assert time.monotonic() - started < 10.0
    assert left(project) == Leftovers()


def test_a_janitor_takes_what_a_killed_gate_left_and_nothing_of_a_living_one(
    project: str, tmp_path: Path
) -> None:
    living = unique_project()
    survivor = booting("never-healthy", living, tmp_path / "living")
    gate = booting("never-healthy", project, tmp_path / "killed")
    try:
        until(survivor, "waiting")
        until(gate, "waiting")
        time.sleep(1.0)
        os.kill(gate.pid, signal.SIGKILL)
        finish(gate)
        assert left(project)
        removed = remove_abandoned(place=EnginePlace(), clock=SystemClock(), ours="rg-none")
        assert project in removed
        assert living not in removed
        assert left(project) == Leftovers()
        assert left(living)
    finally:
        survivor.send_signal(signal.SIGINT)
        finish(survivor)
    assert left(living) == Leftovers()
