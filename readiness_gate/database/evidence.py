"""Tables of keys for the report."""

from collections.abc import Iterable

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.model.evidence import TableEvidence

ROWS = 50


def keys_table(
    title: str, columns: tuple[str, ...], rows: Iterable[tuple[ForeignKey, tuple[str, ...]]]
) -> TableEvidence:
    """Return a table with one row for each key, its label first, cut at `ROWS`."""
    cells = [(key.label, *more) for key, more in rows]
    return TableEvidence(
        title=title,
        columns=("foreign key", *columns),
        rows=tuple(cells[:ROWS]),
        omitted=max(0, len(cells) - ROWS),
    )


def counted(number: int, word: str) -> str:
    """Return `1 foreign key`, `3 foreign keys`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
