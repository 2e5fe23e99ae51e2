import os
import subprocess
import sys
from pathlib import Path


def post_step(tmp_path: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    program = "from readiness_gate.cli.action import main; raise SystemExit(main(teardown=True))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "GITHUB_WORKSPACE": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_post_step_that_cannot_remove_says_so_and_fails_nobody(tmp_path: Path) -> None:
    done = post_step(
        tmp_path,
        GITHUB_ACTIONS="true",
        GITHUB_RUN_ID="1",
        GITHUB_RUN_ATTEMPT="1",
        DOCKER_HOST="tcp://127.0.0.1:1",
    )
    assert done.returncode == 0
    assert "error" in done.stderr


def test_a_post_step_with_a_wrong_input_fails_nobody_either(tmp_path: Path) -> None:
    done = post_step(tmp_path, GITHUB_ACTIONS="true", INPUT_MODE="nonsense")
    assert done.returncode == 0
    assert "nonsense" in done.stderr
