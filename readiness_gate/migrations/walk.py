"""A rehearsal on a copy: what is sent to the probe, and what its answer means; pure.

`walk` goes the history step by step, `drift` compares with the models, `create` makes a database
out of the models alone, `build` goes all revisions. All of them open copies only: the probe refuses
any other connection.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.probe import answer_of, source

Rehearsal = Literal["walk", "drift", "create", "build"]
_PROBES = ("connections.py", "guard.py", "database_state.py", "alembic_probe.py")
_LOG_CAP = 8_000
# Alembic's own table, and what SQLAlchemy asks the catalogue.
_BOOKKEEPING = re.compile(
    r"\balembic_version\b|^PRAGMA (?:main|temp)\.|^SELECT .*"
    r"\b(?:sqlite_master|sqlite_temp_master|pg_catalog|information_schema)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Asked:
    """What the probe shall do on a copy."""

    command: Rehearsal
    wanted: Collection[str] | None = None
    """Revisions to look at; `None` for all that are not applied."""
    skip: Collection[str] = ()
    """Revisions whose way back is not tried."""
    down: bool = False
    """Whether to go down and up again after each wanted revision."""
    rows: bool = False
    """Whether to compare rows."""
    server_defaults: bool = False
    """Whether Alembic compares defaults of the server."""
    extensions: Collection[str] = ()
    """What `create` installs first on PostgreSQL."""


@dataclass(frozen=True)
class Statement:
    """One statement as it ran, without its parameters."""

    text: str
    seconds: float
    autocommit: bool = False
    """Whether it ran outside a transaction."""


@dataclass(frozen=True)
class Loss:
    """Rows that a step lost in one table."""

    table: str
    before: int
    after: int
    keys: int
    """Primary keys that are no longer there; 0 where they were not compared."""

    @property
    def line(self) -> str:
        """Return it for people."""
        if self.after < self.before:
            return f"{self.table}: {self.before} rows before, {self.after} after"
        least = "some" if self.keys == 1 else str(self.keys)
        return f"{self.table}: {least} of {self.before} rows are gone, others came"


@dataclass(frozen=True)
class WayBack:
    """One step down and up again; lines say what is not as it was."""

    error: str
    """Why the downgrade, or the second upgrade, fails; empty where they do not."""
    down: tuple[str, ...]
    up: tuple[str, ...]
    rows: tuple[str, ...]
    """Tables whose rows are others after the way back; they had rows before."""


@dataclass(frozen=True)
class Step:
    """What one revision did."""

    revision: str
    statements: tuple[Statement, ...]
    locks: tuple[tuple[str, str], ...]
    """Table and mode, held at the end of its transaction; PostgreSQL only."""
    lost: tuple[Loss, ...]
    unsure: tuple[str, ...]
    """Large tables that got further rows, of which it is not known whether all old ones stayed."""
    keyless: tuple[str, ...]
    """Tables without a key, or none any more, whose rows are others: the same of them."""
    counted: tuple[str, ...]
    """Tables that never had a key whose rows were only counted, because their columns changed."""
    indexes: Mapping[str, str]
    """Indexes that came with it, by schema and name, and their tables; PostgreSQL only."""
    new: tuple[str, ...]
    """Tables and constraints that came with it, each as `additional: kind name definition`."""
    back: WayBack | None
    """`None` where no way back was tried."""
    whole: bool = True
    """Whether all of its statements are there: of very many, or very long ones, some are not."""


@dataclass(frozen=True)
class Rehearsed:
    """An answer of the probe about a copy."""

    heads: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """Where `build` leads, read on a new connection."""
    applied: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    rows: Mapping[str, int] | None = None
    """Rows of each table before the first wanted step; `None` where they were not counted."""
    tables: tuple[str, ...] = ()
    """Tables before the first wanted step."""
    indexes: Mapping[str, str] = field(default_factory=dict)
    """Indexes before the first wanted step, and their tables; PostgreSQL only."""
    stopped: str = ""
    """Revision whose way back left the copy in a state that nobody knows."""
    differences: tuple[str, ...] = ()
    """What Alembic's comparison with the models says."""
    schema: Mapping[str, str] | None = None
    version: tuple[int, ...] = ()
    """The server's; empty where it was not asked."""
    error: str = ""
    failed_revision: str = ""
    answered: bool = True
    timed_out: bool = False
    log: str = ""


def request(
    asked: Asked, *, nonce: str, config: str, scratch: Mapping[str, str]
) -> tuple[tuple[str, ...], bytes]:
    """Return what follows the interpreter's name on the command line, and its standard input.

    `config` is Alembic's configuration file, `nonce` at least 16 characters that nobody can guess,
    new for each call. `scratch` is the real name of a database → that of its copy; file names for
    SQLite.

    Raises:
        ValueError: the nonce could be guessed, or there is no copy to work on.
    """
    if len(nonce) < 16 or not scratch:
        raise ValueError("a rehearsal has a nonce of at least 16 characters and a copy")
    told = {
        "nonce": nonce,
        "command": asked.command,
        "config": config,
        "revision": "heads",
        "scratch": dict(scratch),
        "wanted": sorted(asked.wanted) if asked.wanted is not None else None,
        "skip": sorted(asked.skip),
        "down": asked.down,
        "rows": asked.rows,
        "server_defaults": asked.server_defaults,
        "extensions": sorted(asked.extensions),
    }
    text = b"\n".join(source(name) for name in _PROBES)
    return ("-", json.dumps(told, sort_keys=True)), text


def parse(completed: Completed, *, nonce: str) -> Rehearsed:
    """Return what the probe said; a time-out and an unusable answer are answers too."""
    log = completed.stderr[-_LOG_CAP:]
    if completed.timed_out:
        cause = f"the migrations did not end in {completed.seconds:.0f} s"
        return Rehearsed(error=cause, answered=False, timed_out=True, log=log)
    try:
        answer = answer_of(completed, nonce)
        found = _read(answer, log)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        cause = str(problem) or "the probe's answer is not understood"
        return Rehearsed(error=cause, answered=False, log=completed.output[-_LOG_CAP:])
    return found


def _read(answer: Mapping[str, Any], log: str) -> Rehearsed:
    schema = answer.get("schema")
    rows = answer.get("rows")
    return Rehearsed(
        heads=_texts(answer["heads"]),
        before=_texts(answer["before"]),
        after=_texts(answer["after"]),
        applied=_texts(answer["applied"]),
        steps=tuple(_step(one) for one in answer.get("walk", [])),
        rows={str(name): int(count) for name, count in rows.items()} if rows is not None else None,
        tables=_texts(answer.get("start", [])),
        indexes=_names(answer.get("indexes", {})),
        stopped=str(answer.get("stopped", "")),
        differences=_texts(answer.get("diffs", [])),
        schema={str(key): str(text) for key, text in schema.items()}
        if schema is not None
        else None,
        version=tuple(int(one) for one in answer.get("version", [])),
        error=str(answer["error"]),
        failed_revision=str(answer["failed"]),
        answered=answer["kind"] != "setup",
        log=log,
    )


def _step(told: Mapping[str, Any]) -> Step:
    back = told["down"]
    return Step(
        revision=str(told["revision"]),
        statements=tuple(
            Statement(str(text), float(took), bool(alone))
            for text, took, alone in told["statements"]
            if text and not _BOOKKEEPING.search(str(text))
        ),
        locks=tuple((str(table), str(mode)) for table, mode in told["locks"]),
        lost=tuple(
            Loss(str(one["table"]), int(one["before"]), int(one["after"]), int(one["keys"]))
            for one in told["lost"]
        ),
        unsure=_texts(told["unsure"]),
        keyless=_texts(told["keyless"]),
        counted=_texts(told["counted"]),
        indexes=_names(told["indexes"]),
        new=_texts(told["new"]),
        back=WayBack(
            str(back["error"]), _texts(back["down"]), _texts(back["up"]), _texts(back["rows"])
        )
        if back is not None
        else None,
        whole=all(text for text, _, _ in told["statements"]),
    )


def _names(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("the probe's answer has something else in place of a mapping")
    return {str(name): str(one) for name, one in value.items()}


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("the probe's answer has something else in place of a list")
    return tuple(str(each) for each in value)
