"""The golden files, and how they are made anew: `python -m tests.report.golden_files`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from readiness_gate.publish.compose import standalone
from readiness_gate.report.summary import summary
from readiness_gate.report.text import to_text
from tests.report import builders as made

FOLDER = Path(__file__).parent / "golden"
_FORK = "This pull request comes from a fork, so the result is here instead of in a comment."

CASES: Mapping[str, Callable[[], str]] = {
    "blocked.md": lambda: standalone(made.BLOCKED, made.PAGE, run="4711", attempt="1"),
    "waiting.md": lambda: standalone(made.WAITING, made.PAGE, run="4711", attempt="1"),
    "ready.md": lambda: standalone(made.READY, made.PAGE, run="4711", attempt="1"),
    "preview.md": lambda: standalone(made.PREVIEW, made.PAGE, run="4711", attempt="1"),
    "blocked-summary.md": lambda: summary(made.BLOCKED, made.PAGE),
    "merge-group-summary.md": lambda: summary(made.MERGE_GROUP, made.PAGE),
    "fork-summary.md": lambda: summary(made.WAITING, made.PAGE, note=_FORK),
    "blocked.txt": lambda: to_text(made.BLOCKED, width=100),
    "waiting.txt": lambda: to_text(made.WAITING, width=60),
    "ready.txt": lambda: to_text(made.READY, width=100, verbose=True),
}

if __name__ == "__main__":
    for name, rendered in CASES.items():
        (FOLDER / name).write_text(rendered(), "utf-8")
