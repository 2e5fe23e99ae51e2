"""`.github/readiness-waivers.yml`: who let which failing item pass, why, and until when."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from readiness_gate.checklist.entries import Day, Entries, ItemId, list_schema, read_entries
from readiness_gate.doors.records import failure
from readiness_gate.model.record import Record

DEFAULT_PATH = ".github/readiness-waivers.yml"
Text = Annotated[str, StringConstraints(min_length=1)]


class Waiver(Record):
    """One exception. It holds to the end of `expires` in UTC."""

    id: ItemId = Field(description="Id of the item that may fail.")
    reason: Text = Field(description="Why the risk is taken.")
    requested_by: Text = Field(description="Who asked for it.")
    approved_by: Text = Field(description="Who answers for it; somebody else than who asked.")
    expires: Day = Field(description="Last day on which it holds, to its end in UTC.")
    link: Text | None = Field(default=None, description="Where the decision can be read.")

    @model_validator(mode="after")
    def _two_people(self) -> Self:
        if _login(self.requested_by) == _login(self.approved_by):
            raise ValueError("approved-by has to be somebody else than requested-by")
        return self


def load_waivers(text: str | bytes, *, name: str = DEFAULT_PATH) -> Entries[Waiver]:
    """Return the waivers of a file.

    Raises:
        ConfigurationError: an entry is malformed, or an item has two; all with line and column.
    """
    waivers, document = read_entries(text, name=name, record=Waiver)
    entries = Entries(waivers, document)
    first: dict[str, int] = {}
    doubled = []
    for index, waiver in enumerate(waivers):
        if first.setdefault(waiver.id, index) != index:
            line = document.position((first[waiver.id], "id")).line
            doubled.append(
                entries.problem(index, "id", f"{waiver.id!r} has a waiver in line {line}")
            )
    if doubled:
        raise failure(name, doubled)
    return entries


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return list_schema(
        Waiver,
        "readiness-waivers.yml",
        "Items that may fail or wait for now. Read at the tip of the base branch, at "
        ".github/readiness-waivers.yml; at most one for each item.",
    )


def _login(text: str) -> str:
    return text.strip().removeprefix("@").casefold()
