"""`migrations-data-safety`: no row is lost over any new revision.

Rows and primary keys of every table are compared before and after each step, on a copy with the
rows from before the upgrade. A batch of SQLite that drops a table deletes the children by cascade
and still ends well: only their rows tell.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Name, Text
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.record import Record


class ExpectedLoss(Record):
    """Rows that a revision is meant to remove."""

    revision: Text = Field(description="The revision's id.")
    table: Text = Field(
        description="The table as the finding names it: with its schema where that is not the "
        "default, and with its database where one history goes through several."
    )
    reason: Text = Field(description="Why they may go.")


class MigrationsDataSafetyOptions(CheckOptions):
    """Whose revisions, and which losses are meant."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    losses: tuple[ExpectedLoss, ...] = Field(default=(), description="Losses that are meant.")


CHECK = Check(
    id="migrations-data-safety",
    title="The migrations lose no rows",
    family=Family.DATABASE,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.DATABASE, Need.STACK}),
    options=MigrationsDataSafetyOptions,
    remediation="Keep the rows (SQLite: foreign keys off while a batch rebuilds a table), or "
    "declare the loss with its reason.",
    example={
        "losses": [
            {
                "revision": "3f2a91c04b77",
                "table": "sessions",
                "reason": "everybody signs in again",
            }
        ]
    },
)
