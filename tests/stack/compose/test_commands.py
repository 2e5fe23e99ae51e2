"""Commands in containers: what the docker command says, and what is made of it."""

from pathlib import Path

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.commands import Commands
from tests.fakes.programs import FakePrograms, Run
from tests.fakes.stack import completed
from tests.stack.compose.fake_engine import InMemoryEngine


def execute(tmp_path: Path, *answers: Completed) -> tuple[Completed, list[Run]]:
    left = list(answers)
    programs = FakePrograms(lambda _run: left.pop(0))
    line = CommandLine(
        programs, DockerAccess(), project="rg-1", scratch=tmp_path / "s", passed_on={}
    )
    done = Commands(InMemoryEngine(), line, "rg-1", tmp_path).execute(
        "c0ffee", "web", ["sleep", "9"],
        timeout=1.0, environment={}, stdin=b"", directory=None,
    )  # fmt: skip
    return done, programs.runs


def test_a_command_past_its_time_is_killed_in_the_container_by_its_mark(tmp_path: Path) -> None:
    done, runs = execute(tmp_path, completed(None), completed(0))
    assert done.timed_out
    assert done.argv == ("sleep", "9")
    mark = next(word for word in runs[0].argv if word.startswith("READINESS_GATE_COMMAND="))
    assert runs[1].argv[:4] == ("docker", "exec", "c0ffee", "sh")
    assert runs[1].argv[-1] == mark


def test_what_cannot_be_killed_is_said(tmp_path: Path) -> None:
    done, _ = execute(tmp_path, completed(None), completed(126))
    assert done.timed_out
    assert "may still run in the container" in done.stderr


def test_a_command_in_its_time_kills_nobody(tmp_path: Path) -> None:
    done, runs = execute(tmp_path, completed(3, stdout="x"))
    assert (done.exit_code, done.stdout, len(runs)) == (3, "x", 1)


def test_a_service_that_stopped_is_no_exit_code(tmp_path: Path) -> None:
    gone = completed(1, stderr="Error response from daemon: container c0ffee is not running")
    with pytest.raises(StackError, match="service web stopped"):
        execute(tmp_path, gone)
