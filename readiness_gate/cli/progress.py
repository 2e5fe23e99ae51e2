"""Progress on standard error: a live table where a person watches, plain lines in a log."""

import threading
import time
from typing import Any

from readiness_gate.cli.console import Console
from readiness_gate.engine.run import Listener

_MARKS = {"passed": "✓", "done": "✓", "failed": "✗", "error": "!", "pending": "…", "skipped": "-"}


class Lines:
    """One line when something begins or ends; what is long enough to wonder about says so."""

    def __init__(self, console: Console) -> None:
        """Write to the console's notes."""
        self._console = console
        self._lock = threading.Lock()

    def __enter__(self) -> Listener:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End; nothing is kept on the screen."""

    def began(self, name: str) -> None:
        """Write that a step or check begins, with `-v`."""
        with self._lock:
            self._console.detail(f"… {name}")

    def waiting(self, text: str) -> None:
        """Write what is waited for."""
        with self._lock:
            self._console.note(f"… {_first_line(self._console, text)}")

    def ended(self, name: str, outcome: str, summary: str, seconds: float) -> None:
        """Write how a step or check ended."""
        mark = _MARKS.get(outcome, "?")
        first = _first_line(self._console, summary)
        with self._lock:
            self._console.note(f"{mark} {name:<24} {outcome:<8} {seconds:6.1f} s  {first}")


class Table:
    """A table that redraws itself; the lines of what ended stay behind it."""

    def __init__(self, console: Console) -> None:
        """Draw on standard error."""
        self._console = console
        self._running: dict[str, float] = {}
        self._waiting = ""
        self._lock = threading.Lock()
        self._live: Any = None

    def __enter__(self) -> Listener:
        """Begin to draw."""
        from rich.console import Console as RichConsole  # noqa: PLC0415 - only where it is shown
        from rich.live import Live  # noqa: PLC0415

        screen = RichConsole(stderr=True, no_color=not self._console.color, highlight=False)
        self._live = Live(
            console=screen, get_renderable=self._drawn, refresh_per_second=8, transient=True
        )
        self._live.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        """Take the table away."""
        self._live.__exit__(*details)

    def began(self, name: str) -> None:
        """Show a line with a running clock."""
        with self._lock:
            self._running[name] = time.monotonic()

    def waiting(self, text: str) -> None:
        """Show what is waited for below what runs."""
        with self._lock:
            self._waiting = _first_line(self._console, text)

    def ended(self, name: str, outcome: str, summary: str, seconds: float) -> None:
        """Leave a line behind."""
        from rich.text import Text  # noqa: PLC0415

        color = {"passed": "green", "done": "green", "failed": "red", "error": "yellow"}
        first = _first_line(self._console, summary)
        line = Text(f"{_MARKS.get(outcome, '?')} {name:<24} ", style=color.get(outcome, ""))
        line.append(f"{seconds:6.1f} s  {first}", style="default")
        with self._lock:
            self._running.pop(name, None)
            self._waiting = ""
        self._live.console.print(line, no_wrap=True, overflow="ellipsis")

    def _drawn(self) -> Any:
        from rich.table import Table as RichTable  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = RichTable.grid(padding=(0, 1))
        with self._lock:
            running, waiting = list(self._running.items()), self._waiting
        for name, since in running:
            table.add_row("…", name, f"{time.monotonic() - since:5.1f} s")
        if waiting:
            table.add_row("", Text(waiting), "")
        return table


def _first_line(console: Console, summary: str) -> str:
    # Whole first: what a cut leaves of a secret is known by nobody.
    lines = console.harmless(summary).splitlines()
    return lines[0][:160] if lines else ""


def progress(console: Console) -> Lines | Table:
    """Return the form that fits who watches."""
    return Table(console) if console.interactive and not console.verbose else Lines(console)


class Silence:
    """Says nothing, for evaluations beside the one that a person asked for."""

    def __enter__(self) -> Listener:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def began(self, name: str) -> None:
        """Say nothing."""

    def waiting(self, text: str) -> None:
        """Say nothing."""

    def ended(self, name: str, outcome: str, summary: str, seconds: float) -> None:
        """Say nothing."""


def silence() -> Silence:
    """Return progress that nobody sees."""
    return Silence()
