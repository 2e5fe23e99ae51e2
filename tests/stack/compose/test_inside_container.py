"""The gate in a container, started as GitHub's runner starts it (notes on stacks 2.1).

The default bridge, the engine's socket, and the workspace mounted under another path than the
host's. The interpreter of this test is lent to the container, so that no image has to be built.
"""

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
from readiness_gate.stack.compose.teardown import audit, tear_down
from tests.stack.compose.real import HOME, STACKS, unique_project

pytestmark = [pytest.mark.docker, pytest.mark.slow]

REPOSITORY = Path(__file__).parents[3]
PYTHON_IMAGE = "python:3.13-slim-trixie"
WORKSPACE = "/github/workspace"
SOCKET = "/var/run/docker.sock"


@pytest.fixture
def project() -> Iterator[str]:
    name = unique_project()
    yield name
    engine = DockerEngine()
    try:
        assert tear_down(engine, name, 60.0) == Leftovers()
    finally:
        engine.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout where the runner has it: a folder that the container knows by another name."""
    root = tmp_path / "_work" / "shop" / "shop"
    shutil.copytree(STACKS / "healthy", root)
    return root


def lent() -> list[str]:
    """Mounts that give the container this interpreter, its libraries and the docker command."""
    folders = {"/usr", str(REPOSITORY), sys.prefix, sys.base_prefix, str(HOME / ".docker")}
    own = [f for f in sorted(folders) if not any(f.startswith(f"{g}/") for g in folders)]
    return [part for folder in own for part in ("-v", f"{folder}:{folder}:ro")]


def run(checkout: Path, project: str, *options: str, url: str = "http://web:8000/") -> list[str]:
    done = subprocess.run(
        [
            "docker", "run", "--name", f"{project}-gate", "--label", "test-of-the-runner",
            "--workdir", WORKSPACE, "--rm",
            "-e", f"PYTHONPATH={REPOSITORY}", "-e", f"PATH={os.environ['PATH']}",
            "-e", f"HOME={HOME}",
            "-v", f"{SOCKET}:{SOCKET}", *lent(), *options,
            PYTHON_IMAGE,
            sys.executable, "-m", "tests.stack.compose.booting",
            WORKSPACE, project, "/tmp/scratch", str(HOME / ".docker"), url,
        ],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.stdout.splitlines()


def answer(lines: list[str]) -> dict[str, object]:
    found = json.loads(next(line for line in lines if line.startswith("{")))
    assert isinstance(found, dict)
    return found


def nothing_left(project: str) -> bool:
    engine = DockerEngine()
    try:
        return audit(engine, project) == Leftovers()
    finally:
        engine.close()


def test_on_the_default_bridge_mounts_resolve_and_services_have_names(
    checkout: Path, project: str
) -> None:
    lines = run(checkout, project, "-v", f"{checkout}:{WORKSPACE}")
    assert answer(lines) == {
        "healthy": True,
        "reached": "http://web:8000/",
        "body": "the bind mount is there\n",
        "one-off": "the bind mount is there\n",
    }
    assert lines[-1].startswith("left: Leftovers(containers=(), networks=()")
    assert nothing_left(project)


def test_in_the_host_s_network_as_act_has_it_containers_are_reached_directly(
    checkout: Path, project: str
) -> None:
    found = answer(run(checkout, project, "--network", "host", "-v", f"{checkout}:{WORKSPACE}"))
    assert found["body"] == "the bind mount is there\n"
    assert nothing_left(project)


def test_a_workspace_in_a_volume_is_refused_with_the_way_out(project: str) -> None:
    volume = f"{project}-act"
    subprocess.run(["docker", "volume", "create", volume], check=True, capture_output=True)
    try:
        _fill(volume)
        found = answer(run(Path(), project, "-v", f"{volume}:{WORKSPACE}"))
    finally:
        subprocess.run(["docker", "volume", "rm", volume], check=True, capture_output=True)
    assert found["advice"] == "Run act with --bind."
    assert nothing_left(project)


def _fill(volume: str) -> None:
    subprocess.run(
        ["docker", "run", "--rm", "-i", "-v", f"{volume}:/w", PYTHON_IMAGE,
         "sh", "-c", "cat > /w/compose.yml"],
        input="services: {web: {image: 'redis:8'}}\n", text=True, check=True, capture_output=True,
    )  # fmt: skip
