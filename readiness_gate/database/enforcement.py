"""Whether PostgreSQL really refuses a row without its parent: by state, then by trying.

`DISABLE TRIGGER ALL` leaves a constraint "valid", and a deferred one accepts the row until
`SET CONSTRAINTS ALL IMMEDIATE` (notes on databases 2.2). Every attempt is rolled back.
"""

# ruff: noqa: S608 - names are quoted by `quoted`, values are parameters or the server's literals
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.orphans import orphaned
from readiness_gate.database.session import Session, StatementFailed

_FOREIGN_KEY_VIOLATION = "23503"
_ROLES = """
SELECT coalesce(r.rolname, 'every role')::text, s.setting
FROM pg_db_role_setting d
LEFT JOIN pg_roles r ON r.oid = d.setrole
CROSS JOIN LATERAL unnest(d.setconfig) AS s(setting)
WHERE d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND s.setting LIKE 'session_replication_role=%' AND s.setting <> 'session_replication_role=origin'
"""
_TYPE = """
SELECT format_type(t.oid, NULL)::text, a.atttypmod FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND a.attname = %s
"""
_NUMBERS = "(VALUES (0), (-1), (-2), (-9), (-104), (-7919), (-32768), (32767)) AS v(x)"
_TEXTS = "generate_series(1, 8) AS s(i), LATERAL (SELECT {cut}) AS v(x)"


class Attempt(StrEnum):
    """How an attempted violation ended."""

    REJECTED = "rejected"
    ACCEPTED = "accepted"
    NOT_MADE = "not made"


@dataclass(frozen=True)
class Attempted:
    """One attempt; `reason` says why none could be made."""

    key: ForeignKey
    attempt: Attempt
    reason: str = ""


def switched_off(session: Session) -> tuple[str, ...]:
    """Return who runs with triggers off: this session's setting, and those of roles."""
    own = session.value("SELECT current_setting('session_replication_role')")
    found = [f"{role}: {setting}" for role, setting in session.rows(_ROLES)]
    if own != "origin":
        found.insert(0, f"every session: session_replication_role={own}")
    return tuple(found)


def problems(_session: Session, keys: Iterable[ForeignKey]) -> list[tuple[str, str]]:
    """Return the keys that are not enforced by their state in the catalogue, and why."""
    return [(key.label, why) for key in keys if (why := state(key))]


def state(key: ForeignKey) -> str:
    """Return what is wrong with a key in the catalogue, empty where nothing is."""
    if not key.enforced:
        return "NOT ENFORCED"
    if key.disabled_triggers:
        return f"its triggers are disabled ({', '.join(key.disabled_triggers[:3])})"
    return "" if key.validated else "NOT VALID: rows from before were never looked at"


def attempts(session: Session, keys: Iterable[ForeignKey]) -> list[Attempted]:
    """Return one attempted violation for every key; the session is one that rolls back."""
    return [attempt(session, key) for key in keys]


def attempt(session: Session, key: ForeignKey) -> Attempted:
    """Point one existing row nowhere, and undo it; the session is one that rolls back.

    An empty table, a type that we cannot invent a missing value for, or another refusal that
    comes first (a check, a trigger of the application) leave the attempt unmade, with the reason.
    """
    try:
        with session.guarded():
            return _attempt(session, key)
    except StatementFailed as error:
        if error.sqlstate == _FOREIGN_KEY_VIOLATION:
            return Attempted(key, Attempt.REJECTED)
        return Attempted(key, Attempt.NOT_MADE, error.message.partition("\n")[0])


def _attempt(session: Session, key: ForeignKey) -> Attempted:
    missing = _missing_value(session, key)
    if missing is None:
        return Attempted(key, Attempt.NOT_MADE, "no missing value of this type can be made up")
    only = "" if key.partitioned else "ONLY "
    table = f"{only}{quoted(key.schema)}.{quoted(key.table)}"
    others = [f"{quoted(name)} IS NOT NULL" for name in key.columns[1:]] or ["true"]
    changed = session.rows(
        f"UPDATE {table} SET {quoted(key.columns[0])} = {missing} "
        f"WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM {table} "
        f"WHERE {' AND '.join(others)} LIMIT 1) RETURNING tableoid::bigint, ctid::text"
    )
    if not changed:
        return Attempted(key, Attempt.NOT_MADE, "there is no row to try it on")
    session.rows("SET CONSTRAINTS ALL IMMEDIATE")
    row, place = changed[0]
    broken = session.value(
        f"SELECT 1 FROM {table} c WHERE c.tableoid = {int(row)} AND c.ctid = '{place}'::tid "
        f"AND {orphaned(key)}"
    )
    if not broken:
        return Attempted(key, Attempt.NOT_MADE, "the made-up value has a parent")
    return Attempted(key, Attempt.ACCEPTED)


def _missing_value(session: Session, key: ForeignKey) -> str | None:
    """Return a literal of the first column's type that no parent has, or `None`."""
    order = "1"
    kind, modifier = session.rows(_TYPE, key.schema, key.table, key.columns[0])[0]
    if kind in {"smallint", "integer", "bigint", "numeric"}:
        candidates, order = _NUMBERS, "abs(v.x)"  # the smallest fits into the least precision
    elif kind in {"text", "character varying", "character"}:
        length = modifier - 4 if modifier > 4 else 32
        candidates = _TEXTS.format(cut=f"left(md5(random()::text), {min(length, 32)})")
    elif kind == "uuid":
        candidates = _TEXTS.format(cut="gen_random_uuid()")
    else:
        return None
    parent = f"{quoted(key.referenced_schema)}.{quoted(key.referenced_table)}"
    column = quoted(key.referenced_columns[0])
    value = session.value(
        f"SELECT quote_literal(v.x::text) FROM {candidates} WHERE NOT EXISTS "
        f"(SELECT 1 FROM {parent} p WHERE p.{column}::text = v.x::text) "
        f"ORDER BY {order} LIMIT 1"
    )
    # A plain `character` is one character long.
    return None if value is None else f"{value}::{'bpchar' if kind == 'character' else kind}"
