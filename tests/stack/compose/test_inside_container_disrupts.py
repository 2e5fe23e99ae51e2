"""The gate in a container of its own disturbs a stack whose networks it has joined."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.teardown import tear_down
from tests.stack.compose.real import HOME, STACKS, unique_project
from tests.stack.compose.test_inside_container import (
    PYTHON_IMAGE,
    REPOSITORY,
    SOCKET,
    WORKSPACE,
    lent,
    nothing_left,
)

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture
def project() -> Iterator[str]:
    name = unique_project()
    yield name
    engine = DockerEngine()
    try:
        assert tear_down(engine, name, 60.0) == Leftovers()
    finally:
        engine.close()


def test_every_disturbance_works_from_inside_a_container(tmp_path: Path, project: str) -> None:
    checkout = tmp_path / "_work" / "shop" / "shop"
    shutil.copytree(STACKS / "disrupted", checkout)
    done = subprocess.run(
        [
            "docker", "run", "--name", f"{project}-gate", "--label", "test-of-the-runner",
            "--workdir", WORKSPACE, "--rm",
            "-e", f"PYTHONPATH={REPOSITORY}", "-e", f"PATH={os.environ['PATH']}",
            "-e", f"HOME={HOME}", "-v", f"{checkout}:{WORKSPACE}",
            "-v", f"{SOCKET}:{SOCKET}", *lent(),
            PYTHON_IMAGE,
            sys.executable, "-m", "tests.stack.compose.disrupting",
            WORKSPACE, project, "/tmp/scratch", str(HOME / ".docker"),
        ],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    outcomes = json.loads(next(one for one in done.stdout.splitlines() if one.startswith("{")))
    assert outcomes.pop("boot") == "healthy"
    assert set(outcomes) == {
        "volume-persistence", "graceful-shutdown", "rolling-update", "fault-injection",
    }  # fmt: skip
    for said in outcomes.values():
        assert said.startswith("passed: ")
        assert said.endswith(": healthy")
    assert done.returncode == 0, done.stdout
    assert nothing_left(project)
