"""`readiness-gate publish`: says in a trusted job what an untrusted run of the checks reported.

No checkout, no Docker, nothing of the pull request: GitHub tells what the run is of, the base
tells what had to be answered, and the artifact is read as hostile input (notes on security 1, 2).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeVar

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors, open_live
from readiness_gate.cli.evaluation import Gate, open_gate, plan_case
from readiness_gate.cli.publication import (
    Publication,
    Published,
    could_not_begin,
    publication_of,
)
from readiness_gate.cli.subject import Case, case_of, read_payload
from readiness_gate.cli.written import check_formats, write_formats, write_outputs_without_checkout
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.assemble import Circumstance, assemble
from readiness_gate.engine.conclude import exit_code, step_exit_code
from readiness_gate.engine.plan import PlannedItem
from readiness_gate.errors import ConfigurationError, ForgeError, GateError, NoConfiguration
from readiness_gate.forge.events import Event, Mode, QueuedGroup
from readiness_gate.forge.events import Subject as EventSubject
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.payload import Payload
from readiness_gate.forge.queue import parse_queue_branch
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Half, Outcome
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Conclusions, Origin, Report
from readiness_gate.model.workflow_run import WorkflowRun
from readiness_gate.publish import claims, runs
from readiness_gate.publish.artifact import PACKED_CAP, read_report
from readiness_gate.publish.runs import Unusable
from readiness_gate.publish.statuses import context_of

_CHECKS = frozenset({Half.CHECKS})
_COULD_NOT_WRITE = 3
Step = TypeVar("Step")


@dataclass(frozen=True)
class _Told:
    """What the event, or the caller, says of the run; GitHub is asked for the rest."""

    run: int
    attempt: int | None = None
    completed: bool = True


@dataclass(frozen=True)
class _Job:
    """One run that may be published, with everything GitHub says of it."""

    gate: Gate
    forge: GitHubForge
    run: WorkflowRun
    event: Event
    case: Case
    items: tuple[PlannedItem, ...]
    workflow: bytes | None
    """The run's workflow file at the base."""


def command(
    settings: Settings, console: Console, *, run: int | None = None, formats: Sequence[str] = ()
) -> int:
    """Publish the checks half that a run reported; return the exit code.

    Args:
        settings: the event is `workflow_run`, unless `run` is given.
        console: where notes go.
        run: id of the workflow run, for publishing by hand.
        formats: as of `run`.

    Raises:
        ConfigurationError: the event, or the run, is not one that can be published.
        ForgeError: GitHub gave no usable answer.
    """
    check_formats(list(formats))
    if settings.snapshot is not None:
        raise ConfigurationError("publish: a snapshot holds no workflow runs")
    told = _Told(run) if run is not None else _told(settings)
    doors = open_doors(settings)
    forge = open_live(settings, doors.clock)
    found = forge.runs.run(told.run)
    runs.require_origin(found, forge.repository)
    # From here on everything points at the run of the checks, and is as old as that one.
    settings = replace(settings, run_id=str(found.id), run_attempt=str(found.attempt))
    gate = open_gate(settings, doors, forge, console)
    if told.attempt not in {None, found.attempt}:
        console.note(f"attempt {found.attempt} of run {found.id} has begun: nothing is published")
        return 0
    if told.completed != (found.status == "completed"):
        console.note(f"run {found.id} is {found.status} by now: nothing is published")
        return 0
    reported = _reported(gate, forge, found) if told.completed else None
    event = _event(gate, found, reported)
    if event is None:
        console.note(f"no open pull request has the head {found.head_sha[:7]} of run {found.id}")
        return 0
    job = _job(gate, forge, found, event)
    if job is None:
        return 0
    if reported is None:
        _publication(job).begin()
        return 0
    return _published(job, reported, list(formats))


def _told(settings: Settings) -> _Told:
    if settings.event_name != "workflow_run":
        raise ConfigurationError(
            f"mode publish does not support the event {settings.event_name or 'without a name'}",
            advice="supported: workflow_run; outside of it, name a run with --run",
        )
    payload = Payload("workflow_run", read_payload(settings))
    claimed = payload.text("workflow_run", "repository", "full_name", default="")
    home = settings.repository or ""
    if claimed and claimed.lower() != home.lower():
        raise ConfigurationError(f"the run is of {claimed}, not of {home or 'this repository'}")
    return _Told(
        payload.number("workflow_run", "id"),
        payload.number("workflow_run", "run_attempt"),
        payload.text("action") == "completed",
    )


def _reported(gate: Gate, forge: GitHubForge, run: WorkflowRun) -> Report | Unusable:
    """Return what the run uploaded; whatever is wrong with it is an answer, too."""
    broken = runs.unusable(run)
    if broken is not None:
        return broken
    name = PurePosixPath(gate.settings.report_dir).name
    try:
        artifact = runs.chosen(run, forge.runs.artifacts(run.id, name), name)
        if isinstance(artifact, Unusable):
            return artifact
        if artifact.size > PACKED_CAP:
            return Unusable(Outcome.ERROR, f"the artifact {name} is over {PACKED_CAP} bytes")
        packed = forge.runs.content(artifact, limit=PACKED_CAP)
        if packed is None:
            return Unusable(Outcome.ERROR, f"the artifact {name} has expired")
        return read_report(packed)
    except GateError as error:
        return _unusable(error)


def _unusable(error: GateError) -> Unusable:
    again = "Run the workflow again."
    return Unusable(Outcome.ERROR, error.message, error.advice or again)


def _event(gate: Gate, run: WorkflowRun, reported: Report | Unusable | None) -> Event | None:
    """Return what the run would have been called for, `None` where nothing open has its head."""
    if run.event == "merge_group":
        branch = parse_queue_branch(run.head_branch)
        ref = f"refs/heads/{run.head_branch}"
        group = QueuedGroup(ref, run.head_sha, branch.parent_sha, branch.base_branch)
        return Event(
            run.event, "checks_requested", Mode.CHECKS, EventSubject.MERGE_GROUP, _CHECKS,
            merge_group=group, head_sha=run.head_sha,
        )  # fmt: skip
    opened = gate.graphs.opened() if gate.graphs is not None else ()
    numbers = [one.reference.number for one in opened if _is_head(one, run)]
    if not numbers:
        return None
    claimed = reported.pull_request if isinstance(reported, Report) else None
    return Event(
        run.event, "", Mode.CHECKS, EventSubject.PULL_REQUEST, _CHECKS,
        pull_request=claimed if claimed in numbers else numbers[0], head_sha=run.head_sha,
    )  # fmt: skip


def _is_head(pull_request: PullRequest, run: WorkflowRun) -> bool:
    # GitHub names no pull requests of a fork's run: repository, branch and commit do.
    return (
        pull_request.head_sha == run.head_sha
        and pull_request.head_branch == run.head_branch
        and pull_request.head_repository.lower() == run.head_repository.lower()
    )


def _job(gate: Gate, forge: GitHubForge, run: WorkflowRun, event: Event) -> _Job | None:
    case = _or_error(gate, event, lambda: case_of(event, gate.settings, gate.doors, forge))
    own = case.subject.pull_request
    if own is not None and own.state != "open":
        gate.console.note(f"#{own.reference.number} is closed: nothing is published")
        return None
    base, base_sha = case.base_branch or "", case.subject.base_sha or ""
    path = runs.workflow_file(run)
    workflow = _or_error(gate, event, lambda: forge.file(path, base_sha))
    runs.require_workflow(run, workflow, base)
    items = _or_error(gate, event, lambda: plan_case(gate, case))
    return _Job(gate, forge, run, event, case, items, workflow)


def _or_error(gate: Gate, event: Event, step: Callable[[], Step]) -> Step:
    try:
        return step()
    except NoConfiguration:
        raise
    except GateError as error:
        could_not_begin(gate, event, error)
        raise


def _publication(job: _Job) -> Publication:
    made = publication_of(job.gate, job.case, job.event, _CHECKS, job.items)
    page = runs.run_page(job.gate.settings.server_url, job.forge.repository, job.run)
    return replace(made, target=made.target and replace(made.target, url=page))


def _published(job: _Job, reported: Report | Unusable, formats: list[str]) -> int:
    gate, event = job.gate, job.event
    standing = _or_error(gate, event, lambda: _standing(job))
    if standing is None:
        gate.console.note(f"a newer run than {job.run.id} is published: nothing is written")
        return 0
    own = _or_error(gate, event, lambda: [*standing, *_own_workflow(job)])
    published = _publication(job).publish(_report(job, reported, own))
    write_outputs_without_checkout(gate, published)
    write_formats(gate, published.report, formats)
    return _code(job, published)


def _standing(job: _Job) -> tuple[ItemResult, ...] | None:
    """Return what the status that stands there adds, `None` where it is of a newer run."""
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


def _is_run(job: _Job, run: int, attempt: int) -> bool:
    """Return whether a run that a status names is really one of this commit and workflow."""
    try:
        other = job.forge.runs.run(run)
    except ForgeError:
        return False
    same = (other.head_sha, other.path) == (job.run.head_sha, job.run.path)
    return same and other.attempt >= attempt


def _own_workflow(job: _Job) -> tuple[ItemResult, ...]:
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


def _report(job: _Job, reported: Report | Unusable, own: Sequence[ItemResult]) -> Report:
    policy = job.case.policy
    if isinstance(reported, Report):
        try:
            _require_subject(job, reported)
            items = claims.claimed_items(job.items, reported, policy.waivers)
            return _assembled(job, items, own, reported)
        except GateError as error:
            reported = _unusable(error)
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


def _require_subject(job: _Job, report: Report) -> None:
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
    job: _Job,
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


def _code(job: _Job, published: Published) -> int:
    if any(one.became in {"refused", "failed"} for one in published.statuses):
        return _COULD_NOT_WRITE
    report, settings = published.report, job.gate.settings
    if report.preview or job.case.policy.loaded.config.enforce == "none":
        return 0
    if report.conclusions.checks is None:
        return 0
    if settings.in_actions:
        return step_exit_code(
            report.verdict, settings.fail_on, pending_written=published.pending_written
        )
    return exit_code(report.verdict)
