"""`migrations-reversible`: every new revision goes down and up again, and the schema is the same.

Each step is taken alone on a copy; the schema is compared by the engine's own catalogue. What is
named as irreversible is not tried. Where the copy has rows, they are compared too.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Name, Text
from readiness_gate.model.outcome import CheckClass, Family, Need


class MigrationsReversibleOptions(CheckOptions):
    """Whose revisions, and which of them have no way back."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    revisions: Literal["new", "all"] = Field(
        default="new",
        description="Those that the base does not have, or all from an empty database.",
    )
    irreversible: Mapping[Text, Text] = Field(
        default={}, description="Revisions that have no way back, each with the reason."
    )
    lossless: bool = Field(
        default=False, description="Whether rows have to be the same after the way back, too."
    )

    @model_validator(mode="after")
    def _has_rows_to_compare(self) -> Self:
        if self.lossless and self.revisions == "all":
            raise ValueError("lossless holds for new revisions: an empty database has no rows")
        return self


CHECK = Check(
    id="migrations-reversible",
    title="Every new revision has a way back",
    family=Family.DATABASE,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.DATABASE, Need.STACK}),
    options=MigrationsReversibleOptions,
    remediation="Write the downgrade, give keys a name so that it can drop them, or name the "
    "revision under irreversible with a reason.",
    example={"irreversible": {"3f2a91c04b77": "the old column held nothing that is needed"}},
)
