"""What publishing makes of a run: its report held against the plan, and its own findings."""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.subject import Case
from readiness_gate.engine.assemble import Circumstance, assemble
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.errors import ForgeError, GateError
from readiness_gate.forge.events import Event
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Half, Outcome
from readiness_gate.model.report import Conclusions, Origin, Report
from readiness_gate.model.workflow_run import WorkflowRun
from readiness_gate.publish import claims, runs
from readiness_gate.publish.runs import Unusable
from readiness_gate.publish.statuses import context_of


@dataclass(frozen=True)
class Job:
    """One run that may be published, with everything GitHub says of it."""

    gate: Gate
    forge: GitHubForge
    run: WorkflowRun
    event: Event
    case: Case
    items: tuple[PlannedItem, ...]
    workflow: bytes | None
    """The run's workflow file at the base."""


def standing(job: Job) -> tuple[ItemResult, ...] | None:
    """Return what the status that stands there adds, `None` where it is to stay.

    It stays if it is of a newer run, or where this one was skipped and another one was not.
    """
    if job.run.conclusion == "skipped":
        others = job.forge.runs.of_commit(job.run.head_sha, job.run.event)
        if runs.left_alone(job.run, others):
            return None
    context = context_of(job.gate.settings.status_prefix, Half.CHECKS)
    status = job.forge.statuses(job.run.head_sha).get(context)
    if status is None:
        return ()
    identity = job.forge.runs.identity()
    newer = runs.published_run(status, identity)
    if newer is not None and newer > (job.run.id, job.run.attempt) and _is_run(job, *newer):
        return None
    other = runs.foreign(status, identity)
    if not other:
        return ()
    return (
        claims.own_item(
            "status-author",
            Outcome.FAILED,
            title="The status is the gate's own",
            check="status-checks",
            summary=f"{context} was set to {status.state} by {other}, not by {identity}",
            remediation="Find out who set it, then run the workflow again.",
        ),
    )


def _is_run(job: Job, run: int, attempt: int) -> bool:
    """Return whether a run that a status names is really one of this commit and workflow."""
    try:
        other = job.forge.runs.run(run)
    except ForgeError:
        return False
    same = (other.head_sha, other.path) == (job.run.head_sha, job.run.path)
    return same and other.attempt >= attempt


def unusable(error: GateError) -> Unusable:
    """Return an error as the reason why nothing was taken from a run."""
    return Unusable(Outcome.ERROR, error.message, error.advice or "Run the workflow again.")


def own_workflow(job: Job) -> tuple[ItemResult, ...]:
    """Return a failure where the pull request wrote the workflow that ran, and nobody looks."""
    guarded = any(
        bound.check.id == "gate-files-unchanged" and item.blocking and item.skipped is None
        for item in job.items
        for bound in item.checks
    )
    if guarded:
        return ()
    changed = {
        name
        for one in job.case.subject.pull_requests
        for name in job.forge.changed_files(one.number)
    }
    file = runs.changed_workflow(job.run, job.workflow, changed)
    if not file:
        return ()
    return (
        claims.own_item(
            "workflow-unchanged",
            Outcome.FAILED,
            title="The run is not of the pull request's own making",
            check="gate-files-unchanged",
            summary=f"the pull request changes {file}, by which its own checks ran",
            remediation="Change it in a pull request of its own, or bind gate-files-unchanged.",
        ),
    )


def report_of(job: Job, reported: Report | Unusable, own: Sequence[ItemResult]) -> Report:
    """Return what is published; `own` are the findings of publishing itself."""
    policy = job.case.policy
    if isinstance(reported, Report):
        try:
            _require_subject(job, reported)
            items = claims.claimed_items(job.items, reported, policy.waivers)
            return _assembled(job, items, own, reported)
        except GateError as error:
            reported = unusable(error)
    cause = claims.own_item(
        "published-report",
        reported.outcome,
        title="The run of the checks reported",
        check="artifact-exists",
        summary=reported.reason,
        remediation=reported.remediation,
        waiting_for=reported.waiting_for,
    )
    return _assembled(job, claims.unreported(job.items, cause), [*own, cause], None)


def _require_subject(job: Job, report: Report) -> None:
    subject = job.case.subject
    own = subject.pull_request
    number = own.reference.number if own is not None else None
    expected = claims.Expected(
        job.forge.repository, number, job.run.head_sha, preview=job.case.policy.preview
    )
    claims.require_subject(report, expected)
    base = report.base_sha or ""
    if base != subject.base_sha and not job.forge.runs.contains(subject.base_sha or "", base):
        raise claims.ClaimRefused(f"the report is of another base than {job.case.base_branch}")


def _assembled(
    job: Job,
    items: Sequence[ItemResult],
    own: Sequence[ItemResult],
    claimed: Report | None,
) -> Report:
    subject, run, policy = job.case.subject, job.run, job.case.policy
    now = job.gate.doors.clock.now()
    number = subject.pull_request.reference.number if subject.pull_request else None
    about = Circumstance(
        repository=job.forge.repository,
        pull_request=number,
        head_sha=run.head_sha,
        base_sha=subject.base_sha,
        tested_sha=claimed.tested_sha if claimed is not None else None,
        draft=False,
        started_at=claimed.started_at if claimed is not None else run.started_at or now,
        finished_at=claimed.finished_at if claimed is not None else now,
        api=job.forge.usage,
    )
    conclusion = claims.concluded(job.items, items, own)
    notes = []
    if claimed is not None and claimed.config_digest != policy.loaded.digest:
        notes.append(f"{policy.loaded.name} has changed on {job.case.base_branch} since the run")
    report = assemble(
        policy,
        (*own, *items),
        Conclusions(merge=None, checks=conclusion),
        None,
        claimed.timeline if claimed is not None else (),
        about,
        notes,
    )
    origin = Origin(
        run=run.id,
        attempt=run.attempt,
        workflow=runs.workflow_file(run),
        event=run.event,
        repository=run.head_repository,
        fork=run.from_fork,
    )
    return report.model_copy(update={"origin": origin})
