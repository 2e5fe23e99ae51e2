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
from contextlib import contextmanager
from typing import TypeVar

Found = TypeVar("Found")


@contextmanager
def forked(work: Callable[[], Found]) -> Iterator[Callable[[], Found]]:
    """Begin `work`, and give what waits for it and returns what it returned, or raises as it does.

    `work` changes nothing: where the copy fails for whatever reason, it is done again here. The
    copy is over when the block is left.
    """
    if not _worthwhile():
        yield work
        return
    near, far = os.pipe()
    copy = os.fork()
    if copy == 0:
        _answer(work, far)
    os.close(far)
    waited_for: list[int] = []

    def found() -> Found:
        with open(near, "rb", closefd=False) as answer:
            data = answer.read()
        waited_for.append(os.waitpid(copy, 0)[1])
        if waited_for[0] != 0:
            return work()
        # Out of our own pipe, from a copy of this very program.
        back: Found = pickle.loads(data)  # noqa: S301
        return back

    try:
        yield found
    finally:
        os.close(near)
        if not waited_for:
            os.kill(copy, signal.SIGKILL)
            os.waitpid(copy, 0)


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
