"""What was reported on a commit: check runs and statuses side by side, and workflow runs."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from readiness_gate.model.record import Record


class ReportedCheck(Record):
    """One check run, or the newest status of one context.

    `state` is one of GitHub's own words in lower case: the conclusion of a check run that is
    completed (`success`, `neutral`, `skipped`, `cancelled`, `timed_out`, `action_required`,
    `stale`, `startup_failure`, `failure`), else its status (`queued`, `in_progress`, `waiting`,
    `requested`, `pending`); of a status `success`, `failure`, `error`, `pending` or `expected`.
    """

    name: str
    kind: Literal["check-run", "status"]
    state: str
    app: str = Field(default="", description="Slug of the app; of a status its bot's, or empty.")
    app_id: int | None = None
    creator: str = Field(default="", description="Login of who wrote a status.")
    workflow: str = Field(default="", description="Name of the workflow, of a check run of one.")
    started_at: datetime | None = None
    url: str = ""


class WorkflowState(Record):
    """One workflow run on a commit; `state` as of a check run, `jobs` how many of it there are."""

    workflow: str
    event: str
    state: str
    jobs: int
    url: str = ""


class CommitChecks(Record):
    """All that was reported on one commit; empty where nothing was."""

    checks: tuple[ReportedCheck, ...] = ()
    runs: tuple[WorkflowState, ...] = ()
