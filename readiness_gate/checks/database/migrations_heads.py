"""`migrations-heads`: the revision files of the checkout form one line with one head.

Read by `ast` alone: needs no stack, runs no code of the pull request.
"""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Name
from readiness_gate.model.outcome import CheckClass, Family, Need


class MigrationsHeadsOptions(CheckOptions):
    """Whose migrations."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )


CHECK = Check(
    id="migrations-heads",
    title="The migrations have one head",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=MigrationsHeadsOptions,
    remediation="Give the history one head, with `alembic merge` or by re-basing a revision.",
)
