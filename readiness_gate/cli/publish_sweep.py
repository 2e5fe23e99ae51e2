"""Publishes what a lost delivery of `workflow_run` left unsaid; GitHub does not promise any.

A head without a verdict of the checks, or with one that is still running, is looked up: if a run of
the checks has ended there, it is published. A head that no run was ever started for is left alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import Doors
from readiness_gate.cli.publish import COULD_NOT_WRITE, Told, publish_run
from readiness_gate.doors.settings import Settings
from readiness_gate.errors import ConfigurationError, GateError
from readiness_gate.forge.base import Standing
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.outcome import Conclusion, Half
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.workflow_run import WorkflowRun
from readiness_gate.publish import runs
from readiness_gate.publish.statuses import context_of

AT_ONCE = 20
"""Pull requests that one sweep looks up; the others are the next one's."""


def sweep(settings: Settings, console: Console, doors: Doors, forge: GitHubForge) -> int:
    """Publish for every open pull request that lacks it; return 0, or 3 where one failed.

    Raises:
        ForgeError: the open pull requests could not be listed.
    """
    context = context_of(settings.status_prefix, Half.CHECKS)
    number = settings.pull_request
    waiting = [
        one.pull_request
        for one in forge.open_list().standing
        if one.pull_request.reference.number == number or (number is None and _lacks(one, context))
    ]
    failed = False
    # The statuses tell each verdict; the step is about whether they could be said.
    settings = replace(settings, fail_on="never")
    for one in waiting[:AT_ONCE]:
        try:
            failed |= _published(settings, console, doors, forge, one) == COULD_NOT_WRITE
        except GateError as error:
            failed = True
            console.problem(f"#{one.reference.number}: {error.message}", error.advice)
    if len(waiting) > AT_ONCE:
        console.note(f"{len(waiting) - AT_ONCE} are left to the next sweep")
    return COULD_NOT_WRITE if failed else 0


def _lacks(standing: Standing, context: str) -> bool:
    if standing.statuses is None:
        return True
    status = standing.statuses.get(context)
    return status is None or status.state is Conclusion.PENDING


def _published(
    settings: Settings,
    console: Console,
    doors: Doors,
    forge: GitHubForge,
    pull_request: PullRequest,
) -> int:
    base = pull_request.base_branch
    tip = forge.branch_tip(base)
    for run in _newest(forge.runs.of_commit(pull_request.head_sha, "pull_request")):
        try:
            runs.require_workflow(run, forge.file(runs.workflow_file(run), tip), base)
        except ConfigurationError:
            continue  # of another workflow: most runs are
        if run.status != "completed":
            return 0
        told = Told(run.id, run.attempt)
        return publish_run(settings, console, doors, forge, told, ["text"])
    console.note(f"#{pull_request.reference.number}: no run of the checks on its head")
    return 0


def _newest(found: tuple[WorkflowRun, ...]) -> Iterator[WorkflowRun]:
    """Yield the newest run of each workflow; one that was skipped says nothing."""
    seen: set[str] = set()
    for run in found:
        if run.conclusion != "skipped" and run.path not in seen:
            seen.add(run.path)
            yield run
