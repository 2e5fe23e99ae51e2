"""What GitHub says of a workflow run and of what it uploaded."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class WorkflowRun:
    """One run as it stands now, with its newest attempt."""

    id: int
    attempt: int
    repository: str
    path: str
    """The workflow's file, such as `.github/workflows/readiness.yml`; the name can be anybody's."""
    event: str
    status: str
    conclusion: str | None
    """`success`, `failure`, `cancelled`, `timed_out`, …; `None` while it is not `completed`."""
    head_branch: str
    head_sha: str
    head_repository: str
    """`owner/repo` that the commit is from; empty where it is gone."""
    started_at: datetime | None
    """When the newest attempt began."""

    @property
    def from_fork(self) -> bool:
        """Whether the code of the run is another repository's."""
        return self.head_repository.lower() != self.repository.lower()


@dataclass(frozen=True)
class Artifact:
    """One upload of a run; `size` is that of the zip, in bytes."""

    id: int
    name: str
    run: int
    size: int
    expired: bool
    created_at: datetime | None
