"""Which workflow runs may be published, and what a run that reported nothing comes to. Pure.

Everything here is GitHub's own word about the run; what the run says of itself is not asked
(notes on security S-06, S-07, S-18, S-20).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from readiness_gate.doors.project_yaml import load_placed
from readiness_gate.errors import ConfigurationError
from readiness_gate.forge.base import CommitStatus
from readiness_gate.formats.gate_steps import gate_steps
from readiness_gate.formats.workflow import workflow
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.workflow_run import Artifact, WorkflowRun

EVENTS = ("pull_request", "merge_group")
"""Events of runs whose commit GitHub itself ties to a pull request or to a merge group."""
_ENDED = frozenset({"success", "failure"})
_WHY = {
    "cancelled": "the run was cancelled",
    "timed_out": "the run ran out of time",
    "skipped": "the run was skipped: no job of it began",
    "startup_failure": "the run could not start",
    "stale": "the run was given up by GitHub",
    "neutral": "the run ended without an answer",
}
_RUN = re.compile(r"/actions/runs/(?P<id>[1-9]\d{0,17})(?:/attempts/(?P<attempt>[1-9]\d{0,5}))?")
_LOCAL = re.compile(r"uses:\s*['\"]?\./([^\s'\"#@{},\[\]]+)")
_AGAIN = "Run the workflow again."


@dataclass(frozen=True)
class Unusable:
    """Why nothing can be taken from a run; `pending` where somebody can still let it run."""

    outcome: Outcome
    reason: str
    remediation: str = _AGAIN
    waiting_for: str | None = None


def require_origin(run: WorkflowRun, repository: str) -> None:
    """Return where the run is one of this repository's, for an event that can be published.

    Raises:
        ConfigurationError: it is another repository's, or of another event.
    """
    if run.repository.lower() != repository.lower():
        raise ConfigurationError(f"run {run.id} is of {run.repository}, not of {repository}")
    if run.event not in EVENTS:
        raise ConfigurationError(
            f"run {run.id} was started by {run.event}; a report of it is of no pull request",
            advice=f"Publish runs of the mode checks under {' and '.join(EVENTS)}.",
        )


def require_workflow(run: WorkflowRun, text: bytes | None, base_branch: str) -> None:
    """Return where the run's file, as it stands at the base, runs the gate in the mode checks.

    A name can be given to any workflow, also to one that a pull request adds; a path cannot.

    Raises:
        ConfigurationError: there is no such file at the base, or it does not.
    """
    path = workflow_file(run)
    refused = f"run {run.id} is of {path}, which"
    if text is None:
        raise ConfigurationError(
            f"{refused} is not on {base_branch}", advice="Merge the workflow first."
        )
    documents = load_placed(text.decode("utf-8", "replace"), name=path)
    steps = [step for one in documents for step in gate_steps(workflow(one))]
    if "checks" not in {step.mode for step in steps}:
        raise ConfigurationError(
            f"{refused} does not run the gate in the mode checks on {base_branch}",
            advice="Name the workflow of the mode checks under `workflow_run.workflows`.",
        )


def workflow_file(run: WorkflowRun) -> str:
    """Return the path of the run's file; GitHub adds a reference where another one requires it."""
    return run.path.partition("@")[0]


def changed_workflow(run: WorkflowRun, text: bytes | None, changed: Collection[str]) -> str:
    """Return the changed file that decides over the run itself, empty where none does.

    `text` is the workflow at the base; a local action or workflow that it uses counts, too.
    """
    path = workflow_file(run)
    steps = _LOCAL.findall((text or b"").decode("utf-8", "replace"))
    local = tuple(one.rstrip("/") for one in steps)
    # What a local one uses in its turn is not followed: any other of its kind may be it.
    below = [f"{own}/" for own in local]
    ends: tuple[str, ...] = ()
    if local:
        below.append(".github/actions/")
        ends = ("/action.yml", "/action.yaml")
    if any(one.endswith((".yml", ".yaml")) for one in local):
        below.append(".github/workflows/")
    return next(
        (
            one
            for one in sorted(changed)
            if one == path or one in local or one.startswith(tuple(below)) or one.endswith(ends)
        ),
        "",
    )


def unusable(run: WorkflowRun) -> Unusable | None:
    """Return why a completed run can have reported nothing, `None` where it may have."""
    if run.conclusion in _ENDED:
        return None
    if run.conclusion == "action_required":
        return Unusable(
            Outcome.PENDING,
            "the run waits for approval",
            "Look at the change, then approve the workflow run.",
            waiting_for="a maintainer to approve the workflow run",
        )
    why = _WHY.get(run.conclusion or "", f"the run ended as {str(run.conclusion)[:40]}")
    return Unusable(Outcome.ERROR, why)


def left_alone(run: WorkflowRun, others: Collection[WorkflowRun]) -> bool:
    """Return whether a run that was skipped leaves the verdict to another one of its commit.

    An edited text starts no check. Where no other run of the workflow began, nothing is proven.
    """
    return run.conclusion == "skipped" and any(
        one.path == run.path and one.head_sha == run.head_sha and one.conclusion != "skipped"
        for one in others
    )


def chosen(run: WorkflowRun, artifacts: Collection[Artifact], name: str) -> Artifact | Unusable:
    """Return the artifact of the newest attempt, or why there is none to read."""
    mine = [one for one in artifacts if one.name == name and one.run == run.id]
    if run.started_at is not None:
        # What an earlier attempt uploaded says nothing about this one.
        mine = [one for one in mine if one.created_at and one.created_at >= run.started_at]
    if not mine:
        return Unusable(
            Outcome.ERROR,
            f"the run left no artifact {name}",
            "Upload the report in a step with `if: always()`; then run the workflow again.",
        )
    newest = max(mine, key=lambda one: one.id)
    if newest.expired:
        return Unusable(Outcome.ERROR, f"the artifact {name} has expired")
    return newest


def run_page(server_url: str, repository: str, run: WorkflowRun) -> str:
    """Return the page of the run's attempt; a status that points at it says what it is of."""
    return f"{server_url}/{repository}/actions/runs/{run.id}/attempts/{run.attempt}"


def published_run(status: CommitStatus | None, identity: str) -> tuple[int, int] | None:
    """Return run and attempt that a status of our own was published from, `None` for any other."""
    if status is None or status.creator != identity:
        return None
    found = _RUN.search(status.target_url)
    return (int(found["id"]), int(found["attempt"] or 0)) if found else None


def foreign(status: CommitStatus | None, identity: str) -> str:
    """Return who else wrote the status that stands there, empty where nobody did."""
    return status.creator if status is not None and status.creator != identity else ""
