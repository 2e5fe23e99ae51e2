"""`backup-restore`: a backup is made, restored into a scratch database, and is the same.

By the engine's own tools inside the database's container (`pg_dump` and `pg_restore`,
`mariadb-dump`, SQLite's backup), or by the team's own commands. Tables, indexes, foreign keys, rows
and Alembic's version are compared in one state of the database, and orphans are looked for in the
copy: a dump of PostgreSQL restores without the key that they break, and one of MariaDB never looks.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.place import CommandLine
from readiness_gate.config.values import Duration, Name
from readiness_gate.model.outcome import CheckClass, Family, Need


class BackupRestoreOptions(CheckOptions):
    """Which database, by what, and within which time."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    command: CommandLine | None = Field(
        default=None,
        description="The team's own backup, run in the database's service; writes $BACKUP_FILE.",
    )
    restore: CommandLine | None = Field(
        default=None,
        description="The team's own restore, run there too; reads $BACKUP_FILE into the empty "
        "database $SCRATCH_DATABASE.",
    )
    within: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None, description="Time that the restore may take (the recovery time objective)."
    )

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.command is None) != (self.restore is None):
            raise ValueError("write command and restore, or neither")
        return self


CHECK = Check(
    id="backup-restore",
    title="A backup can be restored, and is complete",
    family=Family.DATABASE,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.DATABASE, Need.STACK}),
    options=BackupRestoreOptions,
    remediation="Read what the tool said, clean up orphans first, and back up again.",
    example={"within": "15m"},
)
