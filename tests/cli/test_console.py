"""What is said beside results: no secret in it, and nothing that a runner or terminal obeys."""

import os
import subprocess
import sys

import pytest

from readiness_gate.cli.console import Console
from readiness_gate.cli.progress import Lines


@pytest.fixture
def console() -> Console:
    made = Console(color=False, verbose=True)
    made.hide = lambda text: text.replace("hunter2hunter2", "***")
    return made


HOSTILE = "::add-mask::e\n  ::error::x\nmid ::notice:: ##[error]y \x1b[2Jz \u202ehunter2hunter2"


def test_nothing_said_is_a_command_or_a_secret(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    console.note(HOSTILE)
    console.detail(HOSTILE)
    console.problem(HOSTILE, HOSTILE)
    with Lines(console) as listener:
        listener.began(HOSTILE)
        listener.ended("readme", "failed", HOSTILE, 0.1)
    said = capsys.readouterr().err
    assert said.count("***") >= 4
    assert "hunter2" not in said
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in said
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("hidden", ["\u200b", "\x1b", "\b", "\u202e", "\ufeff"])
def test_a_command_behind_what_is_invisible_is_none(console: Console, hidden: str) -> None:
    said = console.harmless(f"log\n{hidden}::stop-commands::x\n{hidden}##[error]y")
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in said


def test_a_secret_behind_the_cut_is_not_cut_in_two(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lines(console) as listener:
        listener.ended("readme", "failed", "x" * 155 + "hunter2hunter2", 0.1)
    assert "hunter" not in capsys.readouterr().err


def test_ordinary_text_stays_as_it_is(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.note("✓ Größe: 3 of 4\n\tdone")
    assert capsys.readouterr().err == "✓ Größe: 3 of 4\n\tdone\n"


@pytest.mark.parametrize("gone", ["stdout", "stderr"])
def test_a_reader_that_went_away_takes_neither_the_other_stream_nor_the_exit_code(
    gone: str,
) -> None:
    program = (
        "from readiness_gate.cli.console import Console\n"
        "console = Console(color=False)\n"
        "for number in range(3):\n"
        "    console.out(f'out {number}')\n"
        "    console.note(f'note {number}')\n"
        "raise SystemExit(7)\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdout=writer if gone == "stdout" else subprocess.PIPE,
        stderr=writer if gone == "stderr" else subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 7
    if gone == "stdout":
        assert done.stderr == "note 0\nnote 1\nnote 2\n"
    else:
        assert done.stdout == "out 0\nout 1\nout 2\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_is_closed_from_the_start_hears_nothing_and_changes_nothing(
    closed: str,
) -> None:
    program = (
        "from readiness_gate.cli.console import Console; console = Console(); "
        "console.out('out'); console.note('note'); raise SystemExit(7)"
    )
    command = f'"$0" -c "{program}" {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, check=False)
    assert done.returncode == 7
