"""Whether a backup has the parents that are missing."""

# ruff: noqa: S608 - every name is quoted by `quoted`, and literals are written by the server
from readiness_gate.database.catalogue.foreign_key import ForeignKey, quoted
from readiness_gate.database.orphans.queries import child, orphaned, parent
from readiness_gate.database.session import Session, StatementFailed

_MOST = 10_000
"""Missing parents that are looked up one by one; more are for a restore of the whole database."""


def has_every_parent(session: Session, backup: Session, key: ForeignKey) -> bool:
    """Return whether each value that points nowhere is there in the backup's parent table."""
    if key.referenced_missing:
        return False
    quote = "quote_literal" if session.dialect == "postgresql" else "quote"
    columns = ", ".join(f"{quote}(c.{quoted(name)})" for name in key.columns)
    missing = session.rows(
        f"SELECT DISTINCT {columns} FROM {child(key)} c WHERE {orphaned(key)} LIMIT {_MOST + 1}"
    )
    if not missing or len(missing) > _MOST:
        return False
    try:
        return all(_is_there(backup, key, values) for values in missing)
    except StatementFailed:
        return False


def _is_there(backup: Session, key: ForeignKey, values: tuple[str, ...]) -> bool:
    same = " AND ".join(
        f"p.{quoted(name)} = {value}"
        for name, value in zip(key.referenced_columns, values, strict=True)
    )
    return bool(backup.value(f"SELECT EXISTS (SELECT 1 FROM {parent(key)} p WHERE {same})"))
