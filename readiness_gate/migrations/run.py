"""What became of one database's migrations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AlembicProject:
    """Where the migrations of one database run."""

    service: str
    config: str
    """Alembic's configuration file, relative to the folder."""
    directory: str | None
    python: str


@dataclass(frozen=True)
class MigrationRun:
    """What the probe inside the target said about one database's migrations."""

    database: str
    heads: tuple[str, ...]
    """Heads of the project's own script directory."""
    before: tuple[str, ...]
    """Revisions of the database before the upgrade."""
    after: tuple[str, ...]
    """Revisions read on a new connection after the upgrade."""
    applied: tuple[str, ...]
    error: str = ""
    """Cause of a failed upgrade, with `failed_revision` where it is known."""
    failed_revision: str | None = None
    timed_out: bool = False
    log: str = ""
    answered: bool = True
    """False where the probe gave no usable answer; `error` says why, and nothing is known."""
    pending: tuple[str, ...] = ()
    """Revisions between the database and the heads, oldest first, as `current` lists them."""
    preview: str = ""
    """What `alembic upgrade --sql` says of the steps; values of rows are left out."""
    tables: int = 0
    """Tables before the upgrade where no revision was recorded."""
    not_previewed: str = ""
    """Why it says nothing, where steps were taken or are pending."""
