"""Checklists read: the five documents' lines, 10,000 items, 10 MB, and the work per line."""

import random
import time
from collections.abc import Callable

from benchmarks import told
from readiness_gate.checklist.markdown import read_checklists
from tests.checklist.counted import calls
from tests.checklist.golden_lists import NAMES, golden, rebuilt

ITEMS, SECONDS = 10_000, 2
FIVE_SECONDS = 0.5
MEGABYTES = 10
TIMES = 5


def run() -> None:
    """Print the figures of the two budgets, and how the work grows."""
    told.heading("Checklists: reading, ids, everything around the items")
    documents = [(f"{name}.md", rebuilt(name).encode()) for name in NAMES]
    found = len(read_checklists(documents).lines)
    best = min(_seconds(lambda: read_checklists(documents)) for _ in range(TIMES))
    told.figure(
        f"five documents, {found} items", f"{best:.2f} s", told.budget(best, FIVE_SECONDS, "s")
    )
    many = [("many.md", long_list(ITEMS).encode())]
    best = min(_seconds(lambda: read_checklists(many)) for _ in range(TIMES))
    told.figure(
        f"{ITEMS} items, {len(many[0][1]) // 1000} kB",
        f"{best:.2f} s",
        told.budget(best, SECONDS, "s"),
    )
    text = long_list(ITEMS)
    large = [("large.md", (text * (MEGABYTES * 1_000_000 // len(text.encode()) + 1)).encode())]
    items = len(read_checklists(large).lines)
    told.figure(
        f"{MEGABYTES} MB, {items} items", f"{_seconds(lambda: read_checklists(large)):.1f} s"
    )
    once, twice = calls(long_list(1_000)), calls(long_list(2_000))
    told.figure("calls for 2,000 items / for 1,000", f"{twice / once:.2f}", "linear is 2")
    told.note(f"processor seconds, best of {TIMES}; the lines are those of the golden lists")


def long_list(items: int) -> str:
    """Return a checklist with so many items, of every form, the same each time."""
    numbers = random.Random(7)
    words = sorted({word for name in NAMES for row in golden(name) for word in row["text"].split()})
    lines = ["# A long list"]
    for number in range(items):
        if number % 25 == 0:
            lines.append(f"\n## {numbers.choice(words)} {number}\n")
        text = " ".join(numbers.choices(words, k=6))
        lines.append(f"- [{numbers.choice(' x')}] {text} (Phase {number % 3 + 1})")
        if number % 10 == 0:
            lines += ["  - **Fix:** run `make check` in < 200ms", "  - an option"]
    return "\n".join([*lines, ""])


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
