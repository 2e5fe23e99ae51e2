"""The report: everything that a run found, and the one thing that crosses to rendering."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Conclusion, Verdict
from readiness_gate.model.pull_request import EdgeSource, EdgeState
from readiness_gate.model.record import Record

DRAFT = "draft: the merge half waits until it is marked as ready for review"
"""Note of a report on a draft (DESIGN 1.1)."""


class Conclusions(Record):
    """Conclusion of each half; `None` where nothing of it was planned."""

    merge: Conclusion | None = None
    checks: Conclusion | None = None


class ReportEdge(Record):
    """`from` waits for `to`; both are written `owner/repo#n`."""

    waiting: str = Field(alias="from")
    dependency: str = Field(alias="to")
    sources: tuple[EdgeSource, ...]
    state: EdgeState


class ReportNode(Record):
    """A pull request or an issue in the picture of the graph."""

    name: str
    state: EdgeState


class ReportMover(Record):
    """Who can act now on something that is waited for; `who` is empty where nobody is named."""

    name: str
    who: str
    what: Literal["finish", "merge", "complete"]


class MergeReport(Record):
    """The merge graph around the pull request."""

    order: tuple[str, ...] = ()
    edges: tuple[ReportEdge, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()
    parsed: tuple[str, ...] = Field(default=(), description="What the body was read to depend on.")
    warnings: tuple[str, ...] = ()
    nodes: tuple[ReportNode, ...] = Field(
        default=(), description="What stands around it in the graph."
    )
    around: tuple[ReportEdge, ...] = Field(default=(), description="The edges between the nodes.")
    omitted: int = Field(default=0, description="Further nodes, which are not in the picture.")
    blocks: tuple[str, ...] = Field(default=(), description="Open ones that wait for it.")
    movers: tuple[ReportMover, ...] = ()
    landing: tuple[str, ...] = Field(default=(), description="What to mind when it merges.")


class Claim(Record):
    """Something that the checklist states, and what the gate found beside it."""

    text: str
    declared: str
    computed: str
    agrees: bool = Field(description="Whether nothing that was found speaks against it.")
    kind: Literal[
        "tick", "share", "statistic", "decision", "signature", "contradiction", "placeholder"
    ] = Field(default="tick", description="What is stated: a tick, a percentage, a count, …")
    item: str | None = Field(
        default=None, description="Id of the item that a tick, a count or a signature is about."
    )
    path: str = Field(default="", description="The checklist's file.")
    line: int | None = Field(default=None, description="Line in that file, from 1.")


class TargetShare(Record):
    """Share of passed items of a category, against the target of a phase (both in percent)."""

    category: str
    phase: str
    target: int
    passed: int
    applicable: int = Field(description="Items that count: neither waived nor skipped.")
    open: int = Field(
        default=0, description="Items of the same category that this run did not ask for."
    )
    waived: int = Field(default=0, description="Items that are waived, and count as neither.")
    met: bool | None = Field(
        default=None, description="Whether the target is met; null where open items decide it."
    )


class Span(Record):
    """One stretch of the run's timeline, in milliseconds since its start."""

    name: str
    kind: Literal["build", "boot", "seed", "migrate", "check", "teardown", "forge"]
    start_ms: int
    end_ms: int


class ApiUsage(Record):
    """What the run spent on GitHub's interfaces."""

    requests: int = 0
    points: int = 0


class Origin(Record):
    """The run whose own claim the checks half is, where a trusted job published it."""

    run: int
    attempt: int
    workflow: str = Field(description="The run's workflow file, at the base branch.")
    event: str
    repository: str = Field(description="Where the tested commit is from; empty where it is gone.")
    fork: bool


class CommandAnswer(Record):
    """What became of a command in a comment."""

    text: str
    url: str = Field(default="", description="A page of GitHub's that it is about, or empty.")


class Report(Record):
    """`report.json` (DESIGN 1.6); changes within a schema version are additive only."""

    schema_version: Literal[1] = 1
    verdict: Verdict
    conclusions: Conclusions
    repository: str | None
    pull_request: int | None
    head_sha: str | None
    base_sha: str | None
    tested_sha: str | None
    config_digest: str
    preview: bool = Field(default=False, description="First adoption: says, never decides.")
    origin: Origin | None = Field(
        default=None, description="The run that reported the checks half, where it was published."
    )
    started_at: datetime
    finished_at: datetime
    items: tuple[ItemResult, ...]
    merge: MergeReport = MergeReport()
    targets: tuple[TargetShare, ...] = ()
    claims: tuple[Claim, ...] = ()
    timeline: tuple[Span, ...] = ()
    notes: tuple[str, ...] = Field(default=(), description="One-line warnings for the reader.")
    answers: tuple[CommandAnswer, ...] = Field(
        default=(), description="What became of the commands of a comment."
    )
    versions: dict[str, str] = Field(default_factory=dict)
    api: ApiUsage = ApiUsage()
