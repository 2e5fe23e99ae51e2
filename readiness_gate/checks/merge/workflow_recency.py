"""`workflow-recency`: a workflow succeeded on a branch not long ago.

For what runs apart from pull requests: nightly suites, scans, restore drills. Only runs of this
repository's own branch count: a branch of a fork can have the same name. A run is as old as its
code, so running an old one again does not make it new.
"""

from datetime import datetime

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext, MergeFacts
from readiness_gate.checks.judged import base_branch
from readiness_gate.config.values import Duration, Flag, OneOrMany, Text
from readiness_gate.model.delivery import DeliveredRun, WorkflowHistory
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed, pending

_GOING = frozenset({"queued", "in_progress", "waiting", "requested", "pending"})
_SHOWN = 5


class WorkflowRecencyOptions(CheckOptions):
    """Which workflow, where, and how old its newest success may be."""

    workflow: Text = Field(
        pattern=r"^(\.github/workflows/)?[A-Za-z0-9_.-]+\.ya?ml$",
        description="File of the workflow, such as nightly.yml.",
    )
    max_age: Duration = Field(gt=0, description="How old the newest success may be, such as 26h.")
    branch: Text | None = Field(
        default=None, description="Branch of the runs; default the one that is merged into."
    )
    event: OneOrMany = Field(
        default=(), description="Events that count, such as schedule; default any."
    )
    newest: Flag = Field(
        default=False,
        description="Whether the newest run that ended has to be the success, too.",
    )


def run(context: CheckContext, options: WorkflowRecencyOptions) -> CheckResult:
    """Compare the age of the newest success with what is allowed."""
    if context.github is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no GitHub to ask")
    branch = options.branch or _base(context.merge)
    if not branch:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "no branch is known here",
            remediation="Name the branch in the item's options.",
        )
    name = options.workflow.removeprefix(".github/workflows/")
    history = context.github.inventory.history(name, branch)
    return _judged(history, options, context.clock.now())


def _judged(
    history: WorkflowHistory, options: WorkflowRecencyOptions, now: datetime
) -> CheckResult:
    runs = [one for one in history.runs if not options.event or one.event in options.event]
    runs.sort(key=lambda one: one.created_at, reverse=True)
    where = f"{history.workflow} on {history.branch}"
    evidence = (_table(runs),) if runs else ()
    success = next((one for one in runs if one.state == "success"), None)
    ended = next((one for one in runs if one.state not in _GOING), None)
    age = (now - success.created_at).total_seconds() if success else 0.0
    recent = success is not None and age <= options.max_age
    broken = ended is not None and ended is not success
    if success is not None and recent and not (options.newest and broken):
        return passed(f"{where} succeeded {_words(age)} ago", evidence=evidence)
    said = "never succeeded"
    if success is not None:
        said = f"succeeded {_words(age)} ago"
        said += f", at most {_words(options.max_age)} is allowed" if not recent else ""
    if broken and ended is not None:
        said += f"; its newest run ended as {ended.state}"
    going = next((one for one in runs if one.state in _GOING), None)
    if going is not None:
        return pending(
            f"{where} {said}; a run of it is {going.state.replace('_', ' ')}",
            waiting_for=f"the run of {history.workflow} to end",
            evidence=evidence,
            remediation="Once it succeeded, ask for a recheck.",
        )
    return failed(
        f"{where} {said}",
        evidence=evidence,
        remediation=f"Run {history.workflow} on {history.branch} and see it succeed; GitHub turns "
        "schedules off in a repository without activity.",
    )


def _base(facts: MergeFacts | None) -> str:
    return base_branch(facts) if facts is not None else ""


def _table(runs: list[DeliveredRun]) -> TableEvidence:
    return TableEvidence(
        title="Newest runs",
        columns=("created", "event", "state", "run"),
        rows=tuple(
            (one.created_at.isoformat(timespec="minutes"), one.event, one.state, one.url)
            for one in runs[:_SHOWN]
        ),
        omitted=max(0, len(runs) - _SHOWN),
    )


def _words(seconds: float) -> str:
    minutes = int(max(seconds, 0) // 60)
    days, hours = minutes // 1440, minutes // 60
    if days >= 2:
        return f"{days} d"
    return f"{hours} h" if hours >= 2 else f"{minutes} min"


CHECK = Check(
    id="workflow-recency",
    title="A workflow passed lately",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=WorkflowRecencyOptions,
    work=run,
    remediation="Run the workflow on that branch and see it succeed.",
    example={"workflow": "restore-drill.yml", "max-age": "30d", "branch": "main"},
)
