"""What is sent to the SQLite probe inside the target, and what its answer means; pure."""

import json
from collections.abc import Sequence
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


@dataclass(frozen=True)
class Observed:
    """What programs of the application opened."""

    connections: tuple[SqliteConnection, ...]
    """To databases that have foreign keys."""
    others: int
    """To databases that have none."""
    unseen: tuple[str, ...] = ()
    """Why a connection could not be looked at."""


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


def observing_arguments(
    commands: Sequence[Sequence[str]], *, seconds: float, nonce: str
) -> tuple[str, ...]:
    """Return what follows the interpreter's name to run programs under observation.

    Raises:
        ValueError: the nonce could be guessed.
    """
    if len(nonce) < 16:
        raise ValueError("the nonce of a probe has at least 16 characters")
    asked = {
        "nonce": nonce,
        "commands": [list(each) for each in commands],
        "observer": source("sqlite_observer.py").decode(),
        "seconds": seconds,
    }
    return ("-", json.dumps(asked, sort_keys=True))


def observing_probe() -> bytes:
    """Return the text of the probe that runs programs, for the interpreter's standard input."""
    return source("named_object.py") + source("observer_probe.py")


def observed(completed: Completed, *, nonce: str) -> Observed:
    """Return every connection that the programs opened, at least one.

    Raises:
        ValueError: there is no whole answer, a program failed, or none was opened.
    """
    if completed.timed_out:
        raise ValueError(f"the probe did not end in {completed.seconds:.0f} s")
    answer = answer_of(completed, nonce)
    if answer.get("error"):
        raise ValueError(str(answer["error"]))
    try:
        found = [_of_one_process(lines) for lines in answer["lines"]]
    except (KeyError, TypeError) as error:
        raise ValueError("the probe's answer is not understood") from error
    every = [each for connections, _, _ in found for each in connections]
    unseen = tuple(text for _, _, texts in found for text in texts)
    others = sum(number for _, number, _ in found)
    if not every and not unseen:
        raise ValueError(
            "no connection to a database with foreign keys was opened"
            + (f", {others} to others" if others else "")
        )
    return Observed(tuple(every), others, unseen)


def _of_one_process(lines: Any) -> tuple[list[SqliteConnection], int, list[str]]:
    seen = {line["number"]: line for line in lines if line["kind"] == "seen"}
    opened = {line["number"] for line in lines if line["kind"] == "opened"}
    unseen = ["its program ended without closing it"] * len(opened - seen.keys())
    unseen += [str(line["problem"]) for line in seen.values() if "problem" in line]
    looked_at = [line for line in seen.values() if "problem" not in line]
    kept = [_connection(line) for line in looked_at if line["keys"]]
    return kept, len(looked_at) - len(kept), unseen


def _connection(each: Any) -> SqliteConnection:
    if not isinstance(each, dict) or each.get("violation") not in {"rejected", "accepted"}:
        raise ValueError("the probe's answer is not understood")
    pragma = each.get("pragma")
    return SqliteConnection(
        pragma=pragma if isinstance(pragma, int) else None,
        rejected=each["violation"] == "rejected",
        file=str(each.get("file", "")),
    )
