import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from readiness_gate.stack.compose.own_commands import end_commands_of, end_commands_with

CODE = "import time; time.sleep(60)"
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start something that looks like a docker command."""
    (tmp_path / "docker").symlink_to(sys.executable)
    (tmp_path / "python").symlink_to(sys.executable)
    started = []

    def starter(
        *words: str, program: str = "docker", **variables: str
    ) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [str(tmp_path / program), "-c", CODE, *words], env={**os.environ, **variables}
        )
        started.append(process)
        return process

    yield starter
    for process in started:
        process.kill()
        process.wait()


def test_a_compose_command_that_outlived_its_gate_is_ended(start: Start) -> None:
    ours = start("compose", "-p", "rg-1-1-own-commands", "up")
    other = start("compose", "-p", "rg-other", "up")
    namesake = start("-p", "rg-1-1-own-commands", program="python")
    assert end_commands_of("rg-1-1-own-commands") == 1
    assert ours.wait(5) == -signal.SIGKILL
    assert other.poll() is None
    assert namesake.poll() is None


def test_a_pull_is_known_by_the_folder_in_its_environment(start: Start) -> None:
    ours = start("pull", "acme", DOCKER_CONFIG="/scratch/of-own-commands/docker")
    other = start("pull", "acme", DOCKER_CONFIG="/scratch/of-own-commands/docker-2")
    assert end_commands_with(b"DOCKER_CONFIG=/scratch/of-own-commands/docker\0") == 1
    assert ours.wait(5) == -signal.SIGKILL
    assert other.poll() is None
