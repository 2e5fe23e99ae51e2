"""Work in a forked copy: in processes of their own, since the copy is of whoever forks."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.doors.fork import forked

BEGIN = """\
import os, signal, sys, threading, time
from readiness_gate.doors.fork import forked
# A shell's background job, as some runners begin one, ignores Ctrl-C, and its children do.
signal.signal(signal.SIGINT, signal.default_int_handler)
def left():
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return "nobody is left"
    return "somebody is left"
"""
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def said(script: str, *, seconds: float = 20.0) -> list[str]:
    """Return the lines that a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(script)],
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_answer_of_the_copy_comes_back_and_what_was_printed_before_is_printed_once() -> None:
    assert said("""
        print("before")
        with forked(lambda: (os.getpid(), "x" * 1_000_000)) as found:
            where, text = found()
        print(where != os.getpid(), len(text), left())
    """) == ["before", f"{PROCESSORS > 1} 1000000 nobody is left"]


def test_an_error_is_raised_as_if_the_work_had_been_done_here() -> None:
    assert said("""
        from readiness_gate.errors import ConfigurationError
        def work():
            raise ConfigurationError("line 3", advice="mend it")
        try:
            with forked(work) as found:
                found()
        except ConfigurationError as error:
            print(error.message, error.advice, left())
    """) == ["line 3 mend it nobody is left"]


@pytest.mark.parametrize(
    "end",
    ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "os._exit(7)", "sys.exit(0)",
     "return lambda: None"],
)  # fmt: skip
def test_a_copy_that_answers_nothing_is_no_answer(end: str) -> None:
    assert said(f"""
        here = os.getpid()
        def work():
            if os.getpid() != here:
                {end}
            return "done here"
        with forked(work) as found:
            print(found(), left())
    """) == ["done here nobody is left"]


def test_who_leaves_without_the_answer_ends_the_copy() -> None:
    begun = time.monotonic()
    assert said("""
        here = os.getpid()
        try:
            with forked(lambda: time.sleep(60)):
                raise KeyError
        except KeyError:
            print(left())
    """) == ["nobody is left"]
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_a_copy_whose_master_is_gone_waits_for_nobody_to_read(how: str) -> None:
    script = f"""
        with forked(lambda: (time.sleep(0.5), "x" * 1_000_000)):
            os.kill(os.getpid(), signal.{how})
    """
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + textwrap.dedent(script)], stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        program.wait(timeout=20)
        begun = time.monotonic()
        assert program.stdout.read() == b"", "the copy holds it until it ends"
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("who", ["copy == 0", "copy != 0"], ids=["the copy", "the master"])
def test_ctrl_c_at_the_moment_of_the_fork_ends_who_hears_it(who: str) -> None:
    assert said(f"""
        real = os.fork
        def fork():
            copy = real()
            if {who}:
                signal.raise_signal(signal.SIGINT)
            return copy
        os.fork = fork
        here = os.getpid()
        try:
            with forked(lambda: "done") as found:
                print(found(), left())
        except KeyboardInterrupt:
            print("interrupted", os.getpid() == here, left())
    """) == (
        ["done nobody is left"]
        if who == "copy == 0" or PROCESSORS < 2
        else ["interrupted True nobody is left"]
    )


@pytest.mark.parametrize("door", ["pipe", "sched_getaffinity"])
def test_where_the_machine_refuses_the_work_is_done_here(door: str) -> None:
    assert said(f"""
        def refuse(*_):
            raise OSError(38, "not here")
        os.{door} = refuse
        with forked(os.getpid) as found:
            print(found() == os.getpid(), left())
    """) == ["True nobody is left"]


def test_what_cannot_be_brought_back_is_found_here() -> None:
    assert said("""
        class Two(Exception):
            def __init__(self, one, two):
                super().__init__(one)
        with forked(lambda: Two(1, 2)) as found:
            print(type(found()).__name__, left())
    """) == ["Two nobody is left"]


def test_ctrl_c_ends_both() -> None:
    script = """
        with forked(lambda: time.sleep(60)) as found:
            print("waiting", flush=True)
            found()
    """
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + textwrap.dedent(script)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stdout.readline() == b"waiting\n"
        os.killpg(program.pid, signal.SIGINT)
        program.communicate(timeout=20)
    assert program.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.killpg(program.pid, 0)


def test_where_the_end_of_children_is_ignored_the_work_is_done_here() -> None:
    assert said("""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        with forked(os.getpid) as found:
            print(found() == os.getpid(), left())
        for seconds in (60, 0):
            with forked(lambda: time.sleep(seconds)):
                time.sleep(0.2)
            print(left())
    """) == ["True nobody is left", "nobody is left", "nobody is left"]


def test_where_no_process_may_be_begun_the_work_is_done_here() -> None:
    assert said("""
        import resource
        os.setresuid(65534, 65534, 65534) if os.getuid() == 0 else None
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        with forked(os.getpid) as found:
            print(found() == os.getpid(), left())
    """) == ["True nobody is left"]


@pytest.mark.parametrize(
    "because",
    [
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})",
        "threading.Thread(target=time.sleep, args=(3,), daemon=True).start()",
    ],
    ids=["one processor", "another thread"],
)
def test_where_it_gains_nothing_or_is_not_safe_the_work_is_done_here(because: str) -> None:
    assert said(f"""
        {because}
        with forked(os.getpid) as found:
            print(found() == os.getpid(), left())
    """) == ["True nobody is left"]


def test_a_second_thread_of_this_very_process_is_seen() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        with forked(os.getpid) as found:
            assert found() == os.getpid()
    finally:
        over.set()
        thread.join()


def test_a_checklist_comes_back_as_it_was_read() -> None:
    text = (
        "# Ready\n\n## Critical\n\n- [x] PR #14 merged before #17 <!-- id: order -->\n"
        "- [ ] p95 < 200 ms `make load`\n  - Owner: somebody\n\n| Role | Name | Date |\n|-|-|-|\n"
        "| Lead | | |\n"
    )
    lines = said(f"""
        from readiness_gate.checklist.markdown import read_checklists
        sources = [("LIST.md", {text.encode()!r})]
        with forked(lambda: read_checklists(sources)) as found:
            there = found()
        print(there == read_checklists(sources), len(there.lines))
    """)
    assert lines == [f"True {len(read_checklists([('LIST.md', text.encode())]).lines)}"]
