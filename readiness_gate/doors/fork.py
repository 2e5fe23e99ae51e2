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
from typing import Generic, TypeVar

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
    # Ctrl-C waits until somebody is there to end the copy, and until the copy would end by it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    copy = _Copy(work, _begun(work, before))
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield copy.found
    finally:
        copy.end()


class _Copy(Generic[Found]):
    def __init__(self, work: Callable[[], Found], begun: tuple[int, int] | None) -> None:
        self._work = work
        self._begun = begun
        self._waited_for = False

    def found(self) -> Found:
        """Return what the copy sent, where it ended well; else what the work returns here."""
        if self._begun is None:
            return self._work()
        process, answers = self._begun
        with os.fdopen(answers, "rb", closefd=False) as answer:
            data = answer.read()
        status = _status(process)
        self._waited_for = True
        if status != 0:
            return self._work()
        try:
            # Out of our own pipe, from a copy of this very program.
            found: Found = pickle.loads(data)  # noqa: S301
        except Exception:  # whatever a class does when it is made again
            return self._work()
        return found

    def end(self) -> None:
        """Leave no process behind, and no pipe."""
        if self._begun is None:
            return
        process, answers = self._begun
        if not self._waited_for:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            _status(process)
        os.close(answers)


def _begun(work: Callable[[], object], mask: set[int | signal.Signals]) -> tuple[int, int] | None:
    """Return the copy's process id and where it answers, `None` where there can be no copy."""
    try:
        answers, told = os.pipe()
    except OSError:  # no file more may be open
        return None
    try:
        process = os.fork()
    except OSError:  # no process more may be begun, or no memory
        os.close(answers)
        os.close(told)
        return None
    if process == 0:
        _work_and_end(work, answers, told, mask)
    os.close(told)
    return process, answers


def _work_and_end(
    work: Callable[[], object], answers: int, told: int, mask: set[int | signal.Signals]
) -> None:
    """Do it and end: nothing of the process that was copied is flushed, closed or cleaned up."""
    code = 1
    try:
        os.close(answers)  # or the copy would wait for itself to read, once nobody else does
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        data = pickle.dumps(work(), protocol=pickle.HIGHEST_PROTOCOL)
        with os.fdopen(told, "wb") as out:
            out.write(data)
        code = 0
    finally:
        os._exit(code)


def _status(process: int) -> int | None:
    try:
        return os.waitpid(process, 0)[1]
    except ChildProcessError:  # whoever began this program has it ignore SIGCHLD
        return None


def _worthwhile() -> bool:
    if threading.active_count() > 1 or not hasattr(os, "sched_getaffinity"):
        return False
    try:
        return len(os.sched_getaffinity(0)) > 1
    except OSError:
        return False
