"""`orphaned-rows`: every row finds its parent, under every foreign key, validated or not."""

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Name, Text
from readiness_gate.database.samples import SAMPLES
from readiness_gate.model.outcome import CheckClass, Family, Need


class OrphanedRowsOptions(CheckOptions):
    """Which database, and what is left out or left unsaid."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    excluding: tuple[Text, ...] = Field(
        default=(),
        alias="except",
        description="Keys that are not audited: a constraint's name, table.column or table(a, b).",
    )
    samples: int = Field(
        default=SAMPLES,
        ge=0,
        le=20,
        description="Rows shown per key, by primary key; 0 where keys are confidential.",
    )


CHECK = Check(
    id="orphaned-rows",
    title="No row has lost its parent",
    family=Family.DATABASE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.DATABASE}),
    options=OrphanedRowsOptions,
    remediation="Delete, re-attach or set aside the rows in a revision that comes first and says "
    '`readiness_gate = "clean-up"`.',
)
