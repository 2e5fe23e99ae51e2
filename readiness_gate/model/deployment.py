"""What was deployed of a commit, and what became of it."""

from datetime import datetime

from pydantic import Field

from readiness_gate.model.record import Record


class Deployment(Record):
    """One deployment; `state` is GitHub's own word in lower case.

    `success`, `active`, `failure`, `error`, `pending`, `queued`, `in_progress`, `waiting`,
    `inactive`, `abandoned` or `destroyed`.
    """

    environment: str
    state: str
    creator: str = ""
    created_at: datetime | None = None
    url: str = ""


class CommitDeployments(Record):
    """The newest deployments of one commit, newest first."""

    deployments: tuple[Deployment, ...] = ()
    complete: bool = Field(default=True, description="Whether there are no further, older ones.")
