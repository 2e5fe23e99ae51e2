"""What people said on a pull request, as far as it can be a sign-off."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from readiness_gate.model.record import Record


class Remark(Record):
    """One comment on the conversation, or one review, of anybody."""

    kind: Literal["comment", "review"] = "comment"
    id: int = Field(description="GitHub's number of it.")
    author: str = Field(description="Login; of a bot with its suffix `[bot]`.")
    body: str = Field(default="", description="Empty where it holds no command.")
    url: str = ""
    created_at: datetime = Field(description="When it was written; of a review, submitted.")
    edited: bool = Field(default=False, description="Whether its text was changed afterwards.")
    hidden: bool = Field(default=False, description="Whether somebody minimised it.")
    state: str = Field(
        default="",
        description="Of a review: `approved`, `changes_requested`, `commented` or `dismissed`.",
    )
    commit: str | None = Field(default=None, description="The head that a review was given on.")

    @property
    def bot(self) -> bool:
        """Whether a program wrote it."""
        return self.author.endswith("[bot]")
