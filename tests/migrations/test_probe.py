import json
from typing import Any

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.probe import parse, request
from readiness_gate.migrations.run import MigrationRun

NONCE = "0123456789abcdef"
ANSWER: dict[str, Any] = {
    "heads": ["b"],
    "before": ["a"],
    "after": ["b"],
    "applied": ["b"],
    "pending": [],
    "tables": 0,
    "failed": "",
    "error": "",
    "kind": "",
    "complete": True,
}


def answered(stdout: str, exit_code: int | None = 0) -> MigrationRun:
    done = Completed(("python",), exit_code, stdout, "the log", 9.4)
    return parse(done, nonce=NONCE, database="main")


def line(nonce: str = NONCE, **changed: object) -> str:
    return f"\nreadiness-gate:{nonce} {json.dumps({**ANSWER, **changed})}\n"


def test_one_whole_line_is_the_answer() -> None:
    run = answered(f"noise{line()}")
    assert run == MigrationRun("main", ("b",), ("a",), ("b",), ("b",), log="the log")


def test_the_request_is_an_interpreter_s_arguments_and_the_script() -> None:
    arguments, stdin = request("upgrade", nonce=NONCE, config="alembic.ini")
    assert arguments[0] == "-"
    assert json.loads(arguments[1])["nonce"] == NONCE
    assert b"def main" in stdin
    with pytest.raises(ValueError, match="nonce"):
        request("upgrade", nonce="short")


@pytest.mark.parametrize(
    "stdout",
    [
        "",
        "noise\n",
        line("fedcba9876543210"),
        line() + line(),
        line()[:-20],
        line(complete=False),
        line(heads="b"),
        line(heads=[1]),
        line(error=None),
        f"\nreadiness-gate:{NONCE} []\n",
        f"\nreadiness-gate:{NONCE} {'[' * 100_000}\n",
        f"x readiness-gate:{NONCE} {json.dumps(ANSWER)}\n",
    ],
)
def test_an_answer_that_is_not_exactly_one_whole_line_is_no_answer(stdout: str) -> None:
    run = answered(stdout)
    assert not run.answered
    assert run.error
    assert run.after == ()


def test_a_time_out_is_no_answer_even_with_a_line() -> None:
    run = answered(line(), exit_code=None)
    assert run.timed_out
    assert not run.answered
    assert "did not end in 9 s" in run.error


def test_a_target_without_alembic_is_no_answer() -> None:
    run = answered(line(error="Alembic cannot be imported", kind="setup"))
    assert not run.answered
    assert run.error == "Alembic cannot be imported"


def test_a_failed_revision_is_named() -> None:
    run = answered(line(error="boom", failed="b", after=["a"], applied=[]), exit_code=1)
    assert run.answered
    assert (run.error, run.failed_revision) == ("boom", "b")


def test_a_filled_database_without_a_stamp_is_named() -> None:
    run = answered(line(error="table exists", before=[], tables=12, after=[]))
    assert run.error.startswith("12 tables but no revision recorded")
    assert run.tables == 12
    assert answered(line(tables=12, before=["a"])).tables == 0
