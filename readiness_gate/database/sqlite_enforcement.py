"""What is sent to the SQLite probe inside the target, and what its answer means; pure."""

import json
from dataclasses import dataclass
from typing import Any

from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.probe import answer_of, source


@dataclass(frozen=True)
class SqliteConnection:
    """One connection that the application opened."""

    pragma: int | None
    """`PRAGMA foreign_keys`; `None` where this build of SQLite has no foreign keys at all."""
    rejected: bool
    """Whether it refused a row without its parent."""
    file: str

    @property
    def enforces(self) -> bool:
        """Return whether setting and behaviour both say yes."""
        return self.pragma == 1 and self.rejected


def arguments(engine: str, *, nonce: str) -> tuple[str, ...]:
    """Return what follows the interpreter's name on the command line.

    Raises:
        ValueError: the nonce could be guessed.
    """
    if len(nonce) < 16:
        raise ValueError("the nonce of a probe has at least 16 characters")
    return ("-", json.dumps({"nonce": nonce, "engine": engine}, sort_keys=True))


def probe() -> bytes:
    """Return the probe's text, for the interpreter's standard input."""
    return source("sqlite_enforcement_probe.py")


def parse(completed: Completed, *, nonce: str) -> tuple[SqliteConnection, ...]:
    """Return the connections that the probe looked at, at least one.

    Raises:
        ValueError: there is no whole answer, or the answer is that nothing could be looked at.
    """
    if completed.timed_out:
        raise ValueError(f"the probe did not end in {completed.seconds:.0f} s")
    answer = answer_of(completed, nonce)
    if answer.get("error"):
        raise ValueError(str(answer["error"]))
    listed = answer.get("connections")
    if not isinstance(listed, list) or not listed:
        raise ValueError("the probe opened no connection")
    return tuple(_connection(each) for each in listed)


def _connection(each: Any) -> SqliteConnection:
    if not isinstance(each, dict) or each.get("violation") not in {"rejected", "accepted"}:
        raise ValueError("the probe's answer is not understood")
    pragma = each.get("pragma")
    return SqliteConnection(
        pragma=pragma if isinstance(pragma, int) else None,
        rejected=each["violation"] == "rejected",
        file=str(each.get("file", "")),
    )
