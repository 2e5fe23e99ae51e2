"""What the audit of one key finds: a number, a few samples, or why it could not look."""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.lock_holders import named
from readiness_gate.database.orphans.plan import limited, planned
from readiness_gate.database.orphans.queries import counting, partly_null, sampling, with_value
from readiness_gate.database.samples import SAMPLES
from readiness_gate.database.session import Session, StatementFailed
from readiness_gate.doors.clock import Deadline

_VALUE_CAP = 60


@dataclass(frozen=True)
class Orphans:
    """What the audit of one key found."""

    key: ForeignKey
    rows: int = 0
    """Rows without their parent."""
    missing: int = 0
    """Distinct values that point nowhere."""
    partial: int = 0
    """Under MATCH FULL, rows with some columns NULL and others not."""
    total: int = 0
    """Rows of the table that have a value; counted only where there are orphans."""
    samples: tuple[str, ...] = ()
    """A few rows by primary key, with the value that points nowhere."""
    error: str = ""
    """Why it could not be looked at; such a key is never clean."""

    @property
    def share(self) -> float:
        """Return the orphans' share of the rows that have a value, from 0 to 1."""
        return self.rows / self.total if self.total else 0.0


def count(
    session: Session, key: ForeignKey, *, samples: int = SAMPLES, deadline: Deadline | None = None
) -> Orphans:
    """Return what one key's table holds that points nowhere; a refusal is in `error`."""
    if key.problem:
        return Orphans(key, error=key.problem)
    if deadline is not None and deadline.passed:
        return Orphans(key, error="not looked at: no time was left")
    try:
        with session.guarded():
            planned(session, key)
            if deadline is not None:
                limited(session, deadline.remaining())
            rows, missing = session.rows(counting(key))[0]
            partial = session.value(partly_null(key)) if key.match == "FULL" else 0
            seen = session.rows(sampling(key, samples)) if rows and samples else []
            total = session.value(with_value(key)) if rows else 0
    except StatementFailed as error:
        tables = [key.table, key.referenced_table]
        return Orphans(key, error=named(session, error, key.schema, tables))
    shown = tuple(_sample(key, row) for row in seen)
    return Orphans(key, int(rows), int(missing), int(partial), int(total), shown)


def _sample(key: ForeignKey, row: Sequence[object]) -> str:
    split = len(key.primary_key)
    names = [*key.primary_key, *key.columns]
    parts = [f"{name}={_cut(value)}" for name, value in zip(names, row, strict=True)]
    identity, reference = ", ".join(parts[:split]), ", ".join(parts[split:])
    return f"{identity}: {reference}" if identity else reference


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= _VALUE_CAP else f"{text[:_VALUE_CAP]}…"
