"""Which events start the gate: those that are missing, filtered away, or not for this mode."""

from collections.abc import Iterator, Sequence

from readiness_gate.adopt.doctor.files import CODE_EVENTS, WorkflowFile
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.model.outcome import Half

EVERY_TYPE = (
    "opened",
    "synchronize",
    "reopened",
    "ready_for_review",
    "converted_to_draft",
    "edited",
    "labeled",
    "unlabeled",
    "closed",
)
TYPES = {
    "run": EVERY_TYPE,
    "merge": EVERY_TYPE,
    "checks": ("opened", "synchronize", "reopened", "ready_for_review", "edited"),
}
"""Types of `pull_request` and `pull_request_target` that each mode needs (DESIGN 1.1)."""
WRITERS = {Half.MERGE: ("run", "merge"), Half.CHECKS: ("run", "checks")}
_UNTRUSTED = frozenset({"run", "checks"})
_TRUSTED_EVENTS = ("pull_request_target", "workflow_run", "issue_comment")
_PUBLISHED_BY = frozenset({"workflow_run", "schedule", "workflow_dispatch"})
_MERGE_GROUP = "merge_group:\n  types: [checks_requested]"
_PATHS = ("paths", "paths-ignore")
_BRANCHES = ("branches", "branches-ignore")


def findings(files: Sequence[WorkflowFile]) -> Iterator[Finding]:
    """Yield what is wrong with the events of the gate's workflows, one file after another."""
    for file in files:
        for mode in sorted(file.modes & set(TYPES)):
            yield from _types(file, mode)
        if file.modes & set(TYPES):
            yield from _filters(file)
        yield from _not_for_the_mode(file)
    yield from _halves(files)
    if files and not any("merge" in one.modes and _sweeps(one) for one in files):
        yield _sweep(files[0])


def _types(file: WorkflowFile, mode: str) -> Iterator[Finding]:
    for event in sorted(CODE_EVENTS & file.workflow.triggers):
        missing = [one for one in TYPES[mode] if one not in file.types(event)]
        if missing:
            whole = [*file.types(event), *missing]
            yield Finding(
                rule="event-types",
                severity="error",
                file=file.path,
                line=file.line_of_trigger(event),
                message=f"{event} does not start the gate for {', '.join(missing)}",
                change=f"{event}:\n  types: [{', '.join(whole)}]",
            )


def _filters(file: WorkflowFile) -> Iterator[Finding]:
    for event in sorted(CODE_EVENTS & file.workflow.triggers):
        body = file.trigger(event)
        for key in (*_PATHS, *_BRANCHES):
            if key in body:
                yield _filtered(file, key, file.line_in(body, key, file.line_of_trigger(event)))


def _filtered(file: WorkflowFile, key: str, line: int) -> Finding:
    paths = key in _PATHS
    return Finding(
        rule="path-filter" if paths else "branch-filter",
        severity="error" if paths else "warning",
        file=file.path,
        line=line,
        message=f"a pull request that {key} leaves out waits for its status for ever"
        if paths
        else f"a pull request onto a branch that {key} leaves out is never looked at",
        change=f"Take {key} out; limit single items with `when: {{paths: [...]}}`."
        if paths
        else f"Take {key} out, or be sure that no other base can be merged.",
    )


def _not_for_the_mode(file: WorkflowFile) -> Iterator[Finding]:
    for step in file.steps:
        if "github.event_name" in str(step.job.body.get("if") or ""):
            continue
        if step.mode in _UNTRUSTED:
            wrong = [one for one in _TRUSTED_EVENTS if one in file.workflow.triggers]
            what = "it holds a writing token, and code of a pull request would run beside it"
            change = "Use mode merge under this event, and modes run or checks under pull_request."
        elif step.mode == "publish":
            wrong = sorted(file.workflow.triggers - _PUBLISHED_BY)
            what = "publish takes the end of another workflow's run"
            change = "on:\n  workflow_run:\n    workflows: [NAME]\n    types: [completed]"
        else:
            continue
        for event in wrong:
            yield Finding(
                rule="event-for-mode",
                severity="error",
                file=file.path,
                line=file.line_of_trigger(event),
                message=f"mode {step.mode} refuses {event}: {what}",
                change=change,
            )


def _halves(files: Sequence[WorkflowFile]) -> Iterator[Finding]:
    for half, modes in WRITERS.items():
        writers = [file for file in files if file.modes & set(modes)]
        if not writers:
            yield Finding(
                rule="half-missing",
                severity="warning",
                file="",
                message=f"no workflow computes the half {half}",
                change=f"Add a step with mode {' or '.join(modes)}; docs/workflows.md has them.",
            )
        elif not any("merge_group" in file.workflow.triggers for file in writers):
            yield Finding(
                rule="merge-group",
                severity="error",
                file=writers[0].path,
                line=writers[0].line_of_trigger(),
                message=f"a merge queue waits for the half {half}, which nobody computes in it",
                change=_MERGE_GROUP,
            )


def _sweeps(file: WorkflowFile) -> bool:
    return "schedule" in file.workflow.triggers


def _sweep(file: WorkflowFile) -> Finding:
    return Finding(
        rule="sweep-missing",
        severity="warning",
        file=file.path,
        line=file.line_of_trigger(),
        message="no schedule runs mode merge: what happens in other repositories, to issues, or "
        "in an event that GitHub lost is never seen",
        change='schedule:\n  - cron: "17 * * * *"',
    )
