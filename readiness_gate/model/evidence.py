"""What a check saw, as data; the report decides how it is shown (DESIGN 1.6)."""

from typing import Annotated, Literal

from pydantic import Field

from readiness_gate.model.record import Record


class TextEvidence(Record):
    """Lines of untrusted text, for example the tail of a log."""

    kind: Literal["text"] = "text"
    title: str
    text: str


class CommandEvidence(Record):
    """A program that ran, with its exit code (`None`: it did not end in time)."""

    kind: Literal["command"] = "command"
    argv: tuple[str, ...]
    exit_code: int | None
    output: str = ""
    where: str = "host"


class RequestEvidence(Record):
    """One HTTP exchange; `status` is `None` where no answer came."""

    kind: Literal["request"] = "request"
    method: str
    url: str
    status: int | None
    duration_ms: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class LocationEvidence(Record):
    """A place in the repository; `line` counts from 1."""

    kind: Literal["location"] = "location"
    path: str
    line: int | None = None
    text: str = ""


class TableEvidence(Record):
    """Rows of untrusted cells under named columns."""

    kind: Literal["table"] = "table"
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    omitted: int = 0


Evidence = Annotated[
    TextEvidence | CommandEvidence | RequestEvidence | LocationEvidence | TableEvidence,
    Field(discriminator="kind"),
]
