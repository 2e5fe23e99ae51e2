"""`.github/readiness-attestations.yml`: who signed for which item, with what evidence."""

import re
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from readiness_gate.checklist.entries import Day, Entries, ItemId, list_schema, read_entries
from readiness_gate.model.record import Record
from readiness_gate.model.written import Written

DEFAULT_PATH = ".github/readiness-attestations.yml"
_SCOPE = r"(repository|pull-request [1-9][0-9]{0,9}|commit [0-9a-f]{40})"
Text = Annotated[str, StringConstraints(min_length=1)]


def _scope(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(_SCOPE, value):
        return value
    raise ValueError("write repository, pull-request 30, or commit with a full SHA")


Scope = Annotated[str, Written(before=_scope, schema={"type": "string", "pattern": f"^{_SCOPE}$"})]


class AttestationRecord(Record):
    """One person's sign-off. It holds to the end of `expires` in UTC, or for good."""

    id: ItemId = Field(description="Id of the item that is true.")
    by: Text = Field(description="Who says so.")
    evidence: Text = Field(description="Where the proof can be read.")
    date: Day = Field(description="Day on which it was signed.")
    expires: Day | None = Field(
        default=None, description="Last day on which it holds, to its end in UTC."
    )
    scope: Scope = Field(
        default="repository",
        description="What it covers: repository, pull-request N, or commit with a full SHA.",
    )

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.expires is not None and self.expires < self.date:
            raise ValueError("expires lies before date")
        return self


def load_attestations(text: str | bytes, *, name: str = DEFAULT_PATH) -> Entries[AttestationRecord]:
    """Return the attestations of a file; an item may have several.

    Raises:
        ConfigurationError: an entry is malformed; all with line and column.
    """
    return Entries(*read_entries(text, name=name, record=AttestationRecord))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return list_schema(
        AttestationRecord,
        "readiness-attestations.yml",
        "Sign-offs of items that no machine can measure. Read at the tip of the base branch, at "
        ".github/readiness-attestations.yml; an item may have several.",
    )
