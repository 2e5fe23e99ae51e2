"""An upgrade over orphaned rows is refused, unless its first revision cleans them up.

A migration that rebuilds a table or adds a constraint over broken references fails half-way, or
silently takes rows away (notes on databases 2.10 and 3).
"""

from collections.abc import Mapping
from contextlib import suppress

from readiness_gate.database import address
from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans import audit
from readiness_gate.engine.reach import file_of
from readiness_gate.errors import DatabaseError
from readiness_gate.migrations import history
from readiness_gate.migrations.run import MigrationRun


def refusal(url: str, before: MigrationRun, files: Mapping[str, bytes]) -> str:
    """Return why the upgrade must not run, an empty text where it may.

    Args:
        url: address of the database as it stands before the upgrade.
        before: what the probe read, with the pending revisions, oldest first.
        files: revision files of the checkout, by path.

    Raises:
        DatabaseError: the database could not be read.
    """
    if not before.pending or _absent(url) or _cleans_up(before.pending[0], files):
        return ""
    with reading(url) as session:
        found = audit(session, foreign_keys(session), samples=0)
    if found.errors:
        first = found.errors[0]
        return (
            f"refused: {len(found.errors)} foreign keys could not be audited before "
            f"{before.pending[0]}: {first.error}"
        )
    if not found.rows:
        return ""
    return (
        f"refused: {found.rows} orphaned rows stand in the way of {before.pending[0]}; "
        'let the first pending revision clean them up (readiness_gate = "clean-up")'
    )


def nothing_to_orphan(url: str) -> bool:
    """Return whether a database surely holds no reference: a new one has none.

    The upgrade then needs no look at what is pending, which is a container less to start.
    """
    if _absent(url):
        return True
    with suppress(DatabaseError), reading(url) as session:
        return not foreign_keys(session)
    return False


def _absent(url: str) -> bool:
    return address.dialect(url) == "sqlite" and not file_of(url).exists()


def _cleans_up(revision: str, files: Mapping[str, bytes]) -> bool:
    found = history.read(files).find(revision)
    return found is not None and found.cleans_up
