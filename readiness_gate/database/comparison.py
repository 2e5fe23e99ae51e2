"""Whether a copy of a database is the database: tables, keys, and every row by number."""

# ruff: noqa: S608 - every name is quoted by `quoted`
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.catalogue.foreign_key import quoted
from readiness_gate.database.orphans import audit
from readiness_gate.database.session import Session
from readiness_gate.database.structure import tables
from readiness_gate.database.structure.table import Table

_VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Contents:
    """What is compared of a database."""

    tables: tuple[Table, ...]
    keys: frozenset[str]
    """Foreign keys as text: columns, actions, whether validated."""
    rows: Mapping[str, int]
    revisions: frozenset[str]
    """What stands in Alembic's version table."""


def contents(session: Session) -> Contents:
    """Return what the session's transaction sees.

    Raises:
        StatementFailed: something could not be read.
    """
    known = tables(session)
    versions = next((table for table in known if table.name == _VERSION_TABLE), None)
    return Contents(
        tables=known,
        keys=frozenset(
            f"{key.label} ON DELETE {key.on_delete} ON UPDATE {key.on_update}"
            f"{'' if key.validated else ' NOT VALID'}"
            for key in foreign_keys(session)
        ),
        rows={
            table.label: int(session.value(f"SELECT count(*) FROM {_name(table)}"))
            for table in known
        },
        revisions=frozenset(
            str(row[0]) for row in session.rows(f"SELECT version_num FROM {_name(versions)}")
        )
        if versions is not None
        else frozenset(),
    )


def orphans(session: Session) -> Iterator[str]:
    """Yield a line for every foreign key of a copy that has orphans or cannot be looked at."""
    for one in audit(session, foreign_keys(session), samples=0).found:
        if one.error:
            yield f"{one.key.label} could not be audited: {one.error}"
        elif one.rows or one.partial:
            yield f"{one.rows + one.partial} orphaned rows under {one.key.label}"


def differences(original: Contents, copy: Contents) -> tuple[str, ...]:
    """Return a line for everything that the copy does not have as the original has it."""
    before = {table.label: table for table in original.tables}
    after = {table.label: table for table in copy.tables}
    found = [f"table {name} is missing" for name in before if name not in after]
    found += [f"table {name} is additional" for name in after if name not in before]
    for name, table in before.items():
        if name in after:
            found += _of_table(table, after[name])
            if original.rows[name] != copy.rows[name]:
                found.append(f"{name} has {copy.rows[name]} rows, and had {original.rows[name]}")
    found += [f"foreign key is missing: {key}" for key in sorted(original.keys - copy.keys)]
    found += [f"foreign key is additional: {key}" for key in sorted(copy.keys - original.keys)]
    if original.revisions != copy.revisions:
        now, then = _listed(copy.revisions), _listed(original.revisions)
        found.append(f"alembic_version says {now}, and said {then}")
    return tuple(found)


def _of_table(one: Table, other: Table) -> Iterator[str]:
    for column in one.columns:
        if column not in other.columns:
            yield f"column {one.label}.{column.name} is missing or another"
    mine = {index.name: index for index in one.indexes}
    for name, index in mine.items():
        if index not in other.indexes:
            yield f"index {name or 'of the primary key'} of {one.label} is missing or another"


def _name(table: Table) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}" if table.schema else quoted(table.name)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
