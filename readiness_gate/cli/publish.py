"""`readiness-gate publish`: says in a trusted job what an untrusted run of the checks reported.

No checkout, no Docker, nothing of the pull request: GitHub tells what the run is of, the base
tells what had to be answered, and the artifact is hostile input (notes on security S-01, S-06).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import Doors, open_doors, open_live
from readiness_gate.cli.evaluation import Gate, open_gate, plan_case
from readiness_gate.cli.publication import (
    Publication,
    Published,
    or_error,
    publication_of,
)
from readiness_gate.cli.published_run import Job, own_workflow, report_of, standing, unusable
from readiness_gate.cli.subject import case_of, read_payload
from readiness_gate.cli.written import check_formats, write_formats, write_outputs_without_checkout
from readiness_gate.doors.settings import Settings
from readiness_gate.engine.conclude import exit_code, step_exit_code
from readiness_gate.errors import ConfigurationError, GateError
from readiness_gate.forge.events import Event, Mode, QueuedGroup
from readiness_gate.forge.events import Subject as EventSubject
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.payload import Payload
from readiness_gate.forge.queue import parse_queue_branch
from readiness_gate.model.outcome import Half, Outcome
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Report
from readiness_gate.model.workflow_run import WorkflowRun
from readiness_gate.publish import runs
from readiness_gate.publish.artifact import PACKED_CAP, read_report
from readiness_gate.publish.runs import Unusable

_CHECKS = frozenset({Half.CHECKS})
SWEEPS = ("schedule", "workflow_dispatch")
"""Events that publish what a lost `workflow_run` left unsaid."""
COULD_NOT_WRITE = 3


@dataclass(frozen=True)
class Told:
    """What the event, or the caller, says of the run; GitHub is asked for the rest."""

    run: int
    attempt: int | None = None
    completed: bool = True


def command(
    settings: Settings, console: Console, *, run: int | None = None, formats: Sequence[str] = ()
) -> int:
    """Publish the checks half that a run reported; return the exit code.

    Args:
        settings: the event is `workflow_run`, or one that sweeps, unless `run` is given.
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
    doors = open_doors(settings)
    if run is None and settings.event_name in SWEEPS:
        from readiness_gate.cli.publish_sweep import sweep  # noqa: PLC0415 - it calls this module

        return sweep(settings, console, doors, open_live(settings, doors.clock))
    told = Told(run) if run is not None else _told(settings)
    return publish_run(
        settings, console, doors, open_live(settings, doors.clock), told, list(formats)
    )


def publish_run(
    settings: Settings,
    console: Console,
    doors: Doors,
    forge: GitHubForge,
    told: Told,
    formats: list[str],
) -> int:
    """Publish one run; return the exit code.

    Raises:
        ConfigurationError: the run is not one that can be published.
        ForgeError: GitHub gave no usable answer.
    """
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
    return _published(job, reported, formats)


def _told(settings: Settings) -> Told:
    if settings.event_name != "workflow_run":
        raise ConfigurationError(
            f"mode publish does not support the event {settings.event_name or 'without a name'}",
            advice=f"supported: workflow_run, {', '.join(SWEEPS)}; or name a run with --run",
        )
    payload = Payload("workflow_run", read_payload(settings))
    claimed = payload.text("workflow_run", "repository", "full_name", default="")
    home = settings.repository or ""
    if claimed and claimed.lower() != home.lower():
        raise ConfigurationError(f"the run is of {claimed}, not of {home or 'this repository'}")
    return Told(
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
        return unusable(error)


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


def _job(gate: Gate, forge: GitHubForge, run: WorkflowRun, event: Event) -> Job | None:
    case = or_error(gate, event, lambda: case_of(event, gate.settings, gate.doors, forge))
    own = case.subject.pull_request
    if own is not None and own.state != "open":
        gate.console.note(f"#{own.reference.number} is closed: nothing is published")
        return None
    base, base_sha = case.base_branch or "", case.subject.base_sha or ""
    path = runs.workflow_file(run)
    workflow = or_error(gate, event, lambda: forge.file(path, base_sha))
    runs.require_workflow(run, workflow, base)
    items = or_error(gate, event, lambda: plan_case(gate, case))
    return Job(gate, forge, run, event, case, items, workflow)


def _publication(job: Job) -> Publication:
    made = publication_of(job.gate, job.case, job.event, _CHECKS, job.items)
    page = runs.run_page(job.gate.settings.server_url, job.forge.repository, job.run)
    return replace(made, target=made.target and replace(made.target, url=page, of_run=True))


def _published(job: Job, reported: Report | Unusable, formats: list[str]) -> int:
    gate, event = job.gate, job.event
    found = or_error(gate, event, lambda: standing(job))
    if found is None:
        why = "was skipped" if job.run.conclusion == "skipped" else "is not the newest"
        gate.console.note(f"run {job.run.id} {why}: what stands is left")
        return 0
    own = or_error(gate, event, lambda: [*found, *own_workflow(job)])
    published = _publication(job).publish(report_of(job, reported, own))
    write_outputs_without_checkout(gate, published)
    write_formats(gate, published.report, formats)
    return _code(job, published)


def _code(job: Job, published: Published) -> int:
    if any(one.became in {"refused", "failed"} for one in published.statuses):
        return COULD_NOT_WRITE
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
