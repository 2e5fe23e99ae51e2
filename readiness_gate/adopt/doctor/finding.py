"""One thing that a workflow, or a rule of the branch, does not do as the gate needs it."""

from typing import Literal

from pydantic import Field

from readiness_gate.model.record import Record


class Finding(Record):
    """What is wrong, where, and the lines that put it right.

    An `error` lets something merge unproven, or keeps everything from merging; a `warning` is
    worth a look.
    """

    rule: str
    severity: Literal["error", "warning"]
    file: str = Field(description="Path of the workflow; empty for the rules of the branch.")
    line: int | None = None
    message: str
    change: str = Field(description="Lines to write, or what to set.")

    @property
    def place(self) -> str:
        """Return `file:line` as editors and terminals know it."""
        if not self.file:
            return "rules of the branch"
        return f"{self.file}:{self.line}" if self.line else self.file
