"""`migrations-applied`: the upgrade ran to the end, and the database is at the head.

Reports what the probe inside the target saw: the revisions are read on a new connection, since an
`env.py` that hides an error ends well and leaves the database behind (notes on databases 2.7). What
Alembic's `upgrade --sql` says of the steps is shown. With `from_empty` all revisions are gone on an
empty scratch database, too.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, Name
from readiness_gate.model.outcome import CheckClass, Family, Need


class MigrationsAppliedOptions(CheckOptions):
    """Whose migrations."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    from_empty: Flag = Field(
        default=False,
        description="Whether all revisions have to run on an empty scratch database, too.",
    )


CHECK = Check(
    id="migrations-applied",
    title="The migrations run, and the database is at the head",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=MigrationsAppliedOptions,
    refine_needs=lambda options: (
        frozenset({Need.DATABASE, Need.STACK}) if options.from_empty else frozenset({Need.DATABASE})
    ),
    remediation="Repair the revision that fails; run the upgrade on a copy with data.",
)
