"""Counts work in calls of functions, which no other load of the machine changes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from readiness_gate.checklist.markdown import read_checklists


def calls(text: str) -> int:
    """Return how many functions, of Python and of C, are called to read a text."""
    data = text.encode()
    read_checklists([("a.md", data)])
    with counting() as count:
        read_checklists([("a.md", data)])
    return count()


@contextmanager
def counting() -> Iterator[Callable[[], int]]:
    """Count the calls until the end of the block."""
    counted = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield lambda: counted
    finally:
        sys.setprofile(before)
