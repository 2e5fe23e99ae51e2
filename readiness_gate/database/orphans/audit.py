"""The audit of every key in one state of the database, over several connections where it pays."""

# ruff: noqa: S608 - every name is quoted by `child`
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.orphans.count import Orphans, count
from readiness_gate.database.orphans.queries import child
from readiness_gate.database.samples import SAMPLES
from readiness_gate.database.session import Session, StatementFailed
from readiness_gate.doors.clock import Deadline

CONNECTIONS = 3
_WORTH_IT = 200_000
"""Rows of all audited tables together from which further connections pay."""
_ESTIMATE = """
SELECT c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""

Another = Callable[[], AbstractContextManager[Session]]
"""Opens a further connection, in a transaction that has not begun to read."""


@dataclass(frozen=True)
class Audit:
    """What was found, key by key, and which tables had nothing in them."""

    found: tuple[Orphans, ...]
    tables: tuple[str, ...]
    """The tables that hold foreign keys."""
    empty: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return how many broken references there are; a row counts once per key."""
        return sum(each.rows + each.partial for each in self.found)

    @property
    def errors(self) -> tuple[Orphans, ...]:
        """Return the keys that could not be looked at."""
        return tuple(each for each in self.found if each.error)


def audit(
    session: Session,
    keys: Iterable[ForeignKey],
    *,
    samples: int = SAMPLES,
    deadline: Deadline | None = None,
    another: Another | None = None,
) -> Audit:
    """Count the orphans of every key in the state that the session's transaction sees.

    With `another`, a large PostgreSQL database is read over further connections that share the
    session's snapshot, the longest table first.

    Raises:
        StatementFailed: only where the transaction itself is lost.
    """
    keys = tuple(keys)
    tables = {key.child: key for key in sorted(keys, key=lambda key: (key.schema, key.table))}
    sizes = {name: _estimate(session, key) for name, key in tables.items()}
    longest = sorted(keys, key=lambda key: -sizes[key.child])
    large = session.dialect == "postgresql" and sum(sizes.values()) > _WORTH_IT
    # A standby exports no snapshot.
    if another is not None and large and not session.value("SELECT pg_is_in_recovery()"):
        found = _beside_each_other(session, longest, samples, deadline, another)
    else:
        found = [count(session, key, samples=samples, deadline=deadline) for key in longest]
    by_key = {id(each.key): each for each in found}
    empty = [name for name, key in tables.items() if _is_empty(session, key)]
    return Audit(tuple(by_key[id(key)] for key in keys), tuple(tables), tuple(empty))


def _beside_each_other(
    session: Session,
    keys: Sequence[ForeignKey],
    samples: int,
    deadline: Deadline | None,
    another: Another,
) -> list[Orphans]:
    snapshot = str(session.value("SELECT pg_export_snapshot()"))
    waiting = list(reversed(keys))

    def work(own: Session) -> list[Orphans]:
        found = []
        while waiting:
            try:
                key = waiting.pop()
            except IndexError:  # another connection took the last one
                break
            found.append(count(own, key, samples=samples, deadline=deadline))
        return found

    def beside() -> list[Orphans]:
        with another() as own:
            own.rows(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            return work(own)

    with ThreadPoolExecutor(CONNECTIONS - 1, "orphans") as pool:
        others = [pool.submit(beside) for _ in range(CONNECTIONS - 1)]
        found = work(session)
        for other in others:
            try:
                found += other.result()
            except StatementFailed:
                # A server that gives no further connection is slower, not wrong: the session
                # itself goes on until no key is left.
                continue
    done = {id(each.key) for each in found}
    missed = [key for key in keys if id(key) not in done]
    return found + [count(session, key, samples=samples, deadline=deadline) for key in missed]


def _estimate(session: Session, key: ForeignKey) -> int:
    if session.dialect != "postgresql":
        return 0
    return int(session.value(_ESTIMATE, key.schema, key.table) or 0)


def _is_empty(session: Session, key: ForeignKey) -> bool:
    try:
        with session.guarded():
            return not session.value(f"SELECT EXISTS (SELECT 1 FROM {child(key)})")
    except StatementFailed:
        return False  # its keys carry the error
