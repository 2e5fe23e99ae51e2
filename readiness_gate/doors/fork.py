"""Work in a forked copy of this process, on another processor: what it finds out comes back.

Only where that is safe and gains something: on Linux, with a second processor, in a process of one
thread (a lock that another thread holds stays locked in the copy; `os.fork`, Python's library).
Everywhere else the same work is done here, later.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

Found = TypeVar("Found")


@contextmanager
def forked(work: Callable[[], Found]) -> Iterator[Callable[[], Found]]:
    """Begin `work`, and give what waits for it and returns what it returned, or raises as it does.

    `work` changes nothing: where the copy fails for whatever reason, it is done again here. The
    copy is over when the block is left.
    """
    begun = _begun(work) if _worthwhile() else None
    if begun is None:
        yield work
        return
    copy, near = begun
    ended = False

    def found() -> Found:
        nonlocal ended
        with open(near, "rb", closefd=False) as answer:
            data = answer.read()
        status = _status(copy)
        ended = True
        if status != 0 or not data:
            return work()
        # Out of our own pipe, from a copy of this very program.
        back: Found = pickle.loads(data)  # noqa: S301
        return back

    try:
        yield found
    finally:
        os.close(near)
        if not ended:
            with suppress(ProcessLookupError):
                os.kill(copy, signal.SIGKILL)
            _status(copy)


def _begun(work: Callable[[], object]) -> tuple[int, int] | None:
    """Return the copy's process id and where it answers, `None` where there can be no copy."""
    near, far = os.pipe()
    try:
        copy = os.fork()
    except OSError:  # no process more may be begun, or no memory
        os.close(near)
        os.close(far)
        return None
    if copy == 0:
        _answer(work, far)
    os.close(far)
    return copy, near


def _status(copy: int) -> int | None:
    try:
        return os.waitpid(copy, 0)[1]
    except ChildProcessError:  # whoever began this process has it ignore SIGCHLD
        return None


def _worthwhile() -> bool:
    processors = getattr(os, "sched_getaffinity", None)
    alone = threading.active_count() == 1
    return alone and processors is not None and len(processors(0)) > 1


def _answer(work: Callable[[], object], far: int) -> None:
    """Do it and end: nothing of the process that was copied is flushed, closed or cleaned up."""
    code = 1
    try:
        data = pickle.dumps(work(), protocol=pickle.HIGHEST_PROTOCOL)
        with open(far, "wb") as out:
            out.write(data)
        code = 0
    finally:
        os._exit(code)
