"""Whether MariaDB or MySQL refuses a row without its parent: by settings, engines, and by trying.

`foreign_key_checks` is a setting of every session; a table of an engine without foreign keys keeps
none, although the statement that made it was accepted (notes on databases 2.2).
"""

# ruff: noqa: S608 - names are quoted by `quoted`, and the made-up value is a number or a digest
from collections.abc import Iterable

from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.enforcement import Attempt, Attempted
from readiness_gate.database.orphans import orphaned
from readiness_gate.database.session import Session, StatementFailed
from readiness_gate.database.structure import tables
from readiness_gate.database.structure.reference_like import reference_like
from readiness_gate.database.structure.table import Table

_VIOLATION = "1452"
_CHECKING = frozenset({"InnoDB", "NDB", "ndbcluster"})
_NUMBERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal")


def switched_off(session: Session) -> tuple[str, ...]:
    """Return by what new sessions do not check foreign keys, empty where they do."""
    found = []
    if not session.value("SELECT @@GLOBAL.foreign_key_checks"):
        found.append("every new session: foreign_key_checks is 0 on the server")
    elif not session.value("SELECT @@SESSION.foreign_key_checks"):
        found.append("sessions of this role: foreign_key_checks is 0")
    initial = str(session.value("SELECT @@GLOBAL.init_connect") or "")
    if "foreign_key_checks" in initial.lower():
        found.append(f"every new session: init_connect is {initial!r}")
    return tuple(found)


def problems(session: Session, keys: Iterable[ForeignKey]) -> list[tuple[str, str]]:
    """Return the tables whose engine keeps no foreign keys, and what of them looks like one."""
    known = tables(session)
    looks = {
        table: f"{table.engine} keeps no foreign keys, and {column.name} looks like a reference "
        f"to {target.label}"
        for table, column, target in reference_like(known, keys)
        if table.engine not in _CHECKING
    }
    gone = [(key.label, f"there is no {key.parent}") for key in keys if key.referenced_missing]
    return gone + [(table.label, why) for table, why in looks.items()]


def attempts(session: Session, keys: Iterable[ForeignKey]) -> list[Attempted]:
    """Return one attempted violation for every key; the session is one that rolls back."""
    known = {table.name: table for table in tables(session)}
    return [attempt(session, key, known[key.table]) for key in keys]


def attempt(session: Session, key: ForeignKey, table: Table) -> Attempted:
    """Point one existing row nowhere, and undo it."""
    column = table.column(key.columns[0])
    made_up = _made_up(column.type.lower()) if column is not None else None
    identity = table.primary_key
    if made_up is None:
        return Attempted(key, Attempt.NOT_MADE, "no missing value of this type can be made up")
    if not identity or set(identity) & set(key.columns):
        return Attempted(key, Attempt.NOT_MADE, "no primary key beside it tells one row")
    try:
        with session.guarded():
            return _tried(session, key, made_up, identity)
    except StatementFailed as error:
        if error.sqlstate == _VIOLATION:
            return Attempted(key, Attempt.REJECTED)
        return Attempted(key, Attempt.NOT_MADE, error.message)


def _made_up(type_: str) -> str | None:
    kind, _, size = type_.partition("(")
    if kind.partition(" ")[0] in _NUMBERS:
        return "0" if "unsigned" in type_ else "-1"
    length = size.partition(")")[0]
    if kind in {"char", "varchar"} and length.isdigit():
        return f"left(md5(uuid()), {min(int(length), 32)})"
    return None


def _tried(session: Session, key: ForeignKey, made_up: str, identity: tuple[str, ...]) -> Attempted:
    table, column = quoted(key.table), quoted(key.columns[0])
    # The server writes the literals: a % in a name could not stand beside parameters.
    literals = ", ".join(f"quote({quoted(name)})" for name in identity)
    others = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key.columns[1:]) or "1 = 1"
    rows = session.rows(f"SELECT {literals} FROM {table} WHERE {others} LIMIT 1")
    if not rows:
        return Attempted(key, Attempt.NOT_MADE, "there is no row to try it on")
    this = " AND ".join(
        f"c.{quoted(name)} = {literal}" for name, literal in zip(identity, rows[0], strict=True)
    )
    session.rows(f"UPDATE {table} c SET c.{column} = {made_up} WHERE {this}")
    if not session.value(f"SELECT 1 FROM {table} c WHERE {this} AND {orphaned(key)}"):
        return Attempted(key, Attempt.NOT_MADE, "the made-up value has a parent")
    return Attempted(key, Attempt.ACCEPTED)
