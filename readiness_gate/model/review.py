"""What reviewers said of a pull request, and what GitHub makes of it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from readiness_gate.model.record import Record


class Review(Record):
    """The last review with an opinion of one person; comments change no opinion."""

    author: str
    state: Literal["approved", "changes_requested", "dismissed"]
    commit: str = Field(default="", description="The commit that was looked at, if it is known.")
    writer: bool = Field(default=False, description="Whether the author may push here.")
    bot: bool = False
    submitted_at: datetime | None = None


class Reviews(Record):
    """The opinions on one pull request, and GitHub's own decision by the branch's rules.

    `decision` is null where the branch requires no review.
    """

    decision: Literal["approved", "changes_requested", "review_required"] | None = None
    opinions: tuple[Review, ...] = ()
