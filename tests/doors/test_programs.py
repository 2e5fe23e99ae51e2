"""Programs: a built environment, a time limit that ends the whole group, capped output."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from readiness_gate.doors.programs import OUTPUT_CAP, HostPrograms

PROGRAMS = HostPrograms({"PATH": os.environ["PATH"], "GITHUB_TOKEN": "secret", "TZ": "UTC"})


def python(code: str, *, timeout: float = 20, stdin: bytes = b"", **environment: str):  # type: ignore[no-untyped-def]
    return PROGRAMS.run(
        [sys.executable, "-c", code], timeout=timeout, stdin=stdin, environment=environment
    )


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> bool:
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_program_ends_with_its_code_and_both_streams() -> None:
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert (done.succeeded, done.timed_out, done.output) == (False, False, "out\nerr")
    assert done.seconds > 0


def test_only_listed_names_and_added_ones_are_passed_on() -> None:
    done = python("import os; print(sorted(os.environ))", EXTRA="1")
    names = set(eval(done.stdout))
    assert "GITHUB_TOKEN" not in names
    assert {"PATH", "TZ", "HOME", "EXTRA"} <= names


def test_no_shell_reads_the_arguments() -> None:
    hostile = "$(id); `id` && * ~ \n'\""
    done = PROGRAMS.run(
        [sys.executable, "-c", "import sys; print(sys.argv[1], end='')", hostile], timeout=20
    )
    assert done.stdout == hostile


def test_standard_input_is_given_and_otherwise_empty() -> None:
    assert python("print(input())", stdin=b"asked").stdout == "asked\n"
    assert python("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_time_out_ends_the_whole_group(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    done = python(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "print('started', flush=True); time.sleep(60)",
        timeout=1.5,
    )
    assert done.timed_out
    assert done.exit_code is None
    assert done.stdout == "started\n"
    assert wait_until_gone(int(note.read_text()))


def test_a_program_that_ends_leaves_no_child_behind(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    done = python(
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))"
    )
    assert done.succeeded
    assert wait_until_gone(int(note.read_text()))


def test_a_program_that_ignores_the_polite_signal_is_killed() -> None:
    started = time.monotonic()
    done = python(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        timeout=0.5,
    )
    assert done.timed_out
    assert time.monotonic() - started < 10


def test_a_flood_keeps_its_tail_and_says_what_is_left_out() -> None:
    done = python(f"print('x' * {OUTPUT_CAP * 2}); print('the end')")
    assert done.stdout.endswith("the end\n")
    assert done.stdout.startswith("[… 1048585 bytes left out]\n")
    assert done.stdout_bytes is not None
    assert len(done.stdout_bytes) == OUTPUT_CAP


def test_bytes_that_are_not_text_are_replaced_and_kept_raw() -> None:
    done = python("import sys; sys.stdout.buffer.write(b'a\\xff')")
    assert (done.stdout, done.stdout_bytes) == ("a\N{REPLACEMENT CHARACTER}", b"a\xff")


def test_a_missing_program_is_told_apart() -> None:
    with pytest.raises(FileNotFoundError):
        PROGRAMS.run(["no-such-program-here"], timeout=1)


def test_a_file_that_may_not_run_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    with pytest.raises(PermissionError):
        PROGRAMS.run([str(tmp_path / "script")], timeout=1)


def test_a_started_program_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import time; print('up', flush=True); time.sleep(60)"
    running = PROGRAMS.start([sys.executable, "-c", code], log=log)
    for _ in range(200):
        if log.read_text():
            break
        time.sleep(0.05)
    assert (running.poll(), log.read_text()) == (None, "up\n")
    assert running.stop() == -signal.SIGTERM
    assert not alive(running.pid)
    assert running.stop() == -signal.SIGTERM


def test_a_started_program_that_ended_tells_its_code(tmp_path: Path) -> None:
    running = PROGRAMS.start([sys.executable, "-c", "raise SystemExit(4)"], log=tmp_path / "log")
    for _ in range(200):
        if running.poll() is not None:
            break
        time.sleep(0.05)
    assert running.poll() == 4
    assert running.stop() == 4
