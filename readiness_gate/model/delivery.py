"""What a repository delivered: workflow runs, their artifacts, releases and images."""

from datetime import datetime

from pydantic import Field

from readiness_gate.model.record import Record


class WorkflowArtifact(Record):
    """One upload of a workflow run."""

    name: str
    size: int = Field(description="Bytes, as stored.")
    expired: bool = False
    digest: str = Field(default="", description="`sha256:…`, where GitHub tells it.")


class DeliveredRun(Record):
    """One run of a workflow; `state` is its conclusion once it is completed, else its status."""

    id: int
    workflow: str = Field(description="Path of the workflow's file.")
    event: str
    state: str
    branch: str = ""
    commit: str
    repository: str = Field(default="", description="Where its head lies; another one for a fork.")
    created_at: datetime
    url: str = ""
    artifacts: tuple[WorkflowArtifact, ...] = ()


class WorkflowHistory(Record):
    """Runs of one workflow on one branch, newest first."""

    workflow: str = Field(description="The workflow's file, as it was asked for.")
    branch: str
    runs: tuple[DeliveredRun, ...] = Field(
        default=(),
        description="The newest runs, and the newest ones that succeeded; runs of forks left out.",
    )


class CommitRuns(Record):
    """Workflow runs of one commit with what they uploaded; of one workflow, where one is named."""

    commit: str
    workflow: str = ""
    runs: tuple[DeliveredRun, ...] = ()


class ReleaseAsset(Record):
    """One file of a release; `uploaded` is false while, or where, its upload did not end."""

    name: str
    size: int
    uploaded: bool = True
    digest: str = ""


class Release(Record):
    """A published release."""

    tag: str
    draft: bool = False
    prerelease: bool = False
    url: str = ""
    assets: tuple[ReleaseAsset, ...] = ()


class ReleaseAnswer(Record):
    """The release of a tag (or the `latest` one); `None` where GitHub says there is none."""

    asked: str
    release: Release | None = None


class TagAnswer(Record):
    """The object that a git tag points to; `None` where GitHub says there is none."""

    tag: str
    object: str | None = None


class ImageVersion(Record):
    """One version of a container package."""

    digest: str
    tags: tuple[str, ...] = ()
    url: str = ""


class ImageAnswer(Record):
    """The version of an image by tag or digest; `None` where the package has no such version."""

    image: str = Field(
        description="`owner/name:tag` or `owner/name@sha256:…`, as it was asked for."
    )
    version: ImageVersion | None = None


class LandedPull(Record):
    """A merged pull request, its author and the head that was merged."""

    number: int
    head_sha: str
    author: str


class LineRange(Record):
    """Lines of a file that one commit changed last."""

    first: int
    last: int
    commit: str
    pull_requests: tuple[LandedPull, ...] = Field(
        default=(), description="Merged ones of this repository that brought the commit."
    )


class LineHistory(Record):
    """Who changed the lines of a file last, as it is at a commit."""

    path: str
    commit: str
    ranges: tuple[LineRange, ...] = ()

    def brought(self, line: int) -> tuple[LandedPull, ...]:
        """Return the pull requests that changed a line last, from 1."""
        return next((one.pull_requests for one in self.ranges if one.first <= line <= one.last), ())


class OwnersFile(Record):
    """CODEOWNERS at one commit; `path` is empty where there is none."""

    commit: str
    path: str = ""
    text: str = ""
    errors: tuple[int, ...] = Field(
        default=(), description="Lines that GitHub reports as errors, and does not use."
    )
