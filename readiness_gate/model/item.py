"""One line of the checklist, as it stands in the report (DESIGN 1.6)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from readiness_gate.model.evidence import Evidence
from readiness_gate.model.outcome import ErrorClass, Half, Outcome, Severity, SkippedBy, Stage
from readiness_gate.model.record import Record

REPRODUCE = r"readiness-gate run --half checks --only [A-Za-z0-9._-]{1,120}[a-z -]{0,40}"
"""The only commands that a report may tell a reader to run."""
FigureName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class ItemResult(Record):
    """An item with its outcome; the only form in which results leave the engine."""

    id: str = Field(description="Stable id of the item, unique in the report.")
    title: str
    category: str = ""
    severity: Severity = Severity.HIGH
    phase: str | None = None
    stage: Stage = Stage.PRE_MERGE
    half: Half
    check: str = Field(description="Id of the catalogue's check, or `rollup`.")
    outcome: Outcome
    error_class: ErrorClass | None = Field(default=None, alias="class")
    cause: str | None = Field(default=None, description="Id of the item whose failure came first.")
    skipped_by: SkippedBy | None = None
    blocking: bool = True
    summary: str = ""
    details: str = ""
    remediation: str = ""
    reproduce: str = Field(
        default="",
        # A report may come from a stranger; nobody is told to run what it makes up.
        pattern=rf"^({REPRODUCE})?$",
        description="Command that shows the same on a laptop, in a checkout.",
    )
    waiting_for: str | None = None
    evidence: tuple[Evidence, ...] = ()
    figures: dict[FigureName, Figure] = Field(
        default_factory=dict, max_length=40, description="What was counted, by name."
    )
    duration_ms: int = 0
    started_at: datetime | None = None

    @model_validator(mode="after")
    def _outcome_carries_its_reason(self) -> "ItemResult":
        if (self.outcome is Outcome.ERROR) != (self.error_class is not None):
            raise ValueError("class belongs to the outcome error, and only to it")
        if (self.outcome is Outcome.SKIPPED) != (self.skipped_by is not None):
            raise ValueError("skipped-by belongs to the outcome skipped, and only to it")
        return self
