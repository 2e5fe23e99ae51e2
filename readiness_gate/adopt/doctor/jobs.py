"""What a job of the gate cancels, checks out, leaves behind and calls its statuses."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness_gate.adopt.doctor import permissions
from readiness_gate.adopt.doctor.files import WorkflowFile
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.checks.repository.workflow_rules import RULES
from readiness_gate.formats.gate_steps import TEARDOWN
from readiness_gate.formats.workflow import Job

_SAME_COMMIT = frozenset(
    {"edited", "labeled", "unlabeled", "converted_to_draft", "ready_for_review", "closed"}
)


def findings(files: Sequence[WorkflowFile]) -> Iterator[Finding]:
    """Yield what is wrong with the jobs that run the gate, one file after another."""
    for file in files:
        yield from _unsafe_checkout(file)
        yield from _cancels(file, file.workflow.body, file.modes)
        for job in file.jobs:
            yield from permissions.findings(file, job)
            yield from _cancels(file, job.body, file.modes_of(job))
            yield from _kept_credentials(file, job)
        yield from _teardown(file)
    yield from _prefixes(files)


def prefix_of(files: Sequence[WorkflowFile]) -> str:
    """Return the first word of the statuses, as the first step has it."""
    steps = [step for file in files for step in file.steps]
    return steps[0].given("status-prefix", "readiness") if steps else "readiness"


def _cancels(
    file: WorkflowFile, body: Mapping[str, Any], modes: frozenset[str]
) -> Iterator[Finding]:
    concurrency = body.get("concurrency")
    if not isinstance(concurrency, dict) or not modes:
        return
    value = concurrency.get("cancel-in-progress")
    if not _may_cancel(value):
        return
    told = [event for event in sorted(file.workflow.triggers) if _same_commit(file, event)]
    if not told and modes <= {"run", "checks"}:
        return
    trusted = bool(modes & {"merge", "publish"})
    yield Finding(
        rule="cancel-in-progress",
        severity="error",
        file=file.path,
        line=file.line_in(
            concurrency, "cancel-in-progress", file.document.line_of(body, "concurrency")
        ),
        message="a run is cancelled by an event of the same commit, and its status stays as it "
        f"was: {', '.join(told) or 'any event'}",
        change="cancel-in-progress: "
        + ("false" if trusted else "${{ github.event.action == 'synchronize' }}"),
    )


def _may_cancel(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return bool(value)
    return "synchronize" not in str(value) and str(value).strip().lower() != "false"


def _same_commit(file: WorkflowFile, event: str) -> bool:
    if event in {"pull_request", "pull_request_target"}:
        return bool(_SAME_COMMIT & set(file.types(event)))
    return event in {"pull_request_review", "issue_comment", "merge_group", "workflow_run"}


def _unsafe_checkout(file: WorkflowFile) -> Iterator[Finding]:
    if not file.steps:
        return
    for line, cause in RULES["no-untrusted-checkout"](file.workflow):
        yield Finding(
            rule="unsafe-checkout",
            severity="error",
            file=file.path,
            line=line,
            message=cause,
            change="Take the checkout out: modes merge and publish need none.",
        )


def _kept_credentials(file: WorkflowFile, job: Job) -> Iterator[Finding]:
    if not file.modes_of(job) & {"run", "checks"}:
        return
    for step in job.steps:
        kept = step.inputs.get("persist-credentials")
        if step.uses.startswith("actions/checkout") and kept not in {False, "false"}:
            yield Finding(
                rule="persisted-credentials",
                severity="warning",
                file=file.path,
                line=step.line,
                message="the checkout leaves the token in .git/config, beside the code that runs",
                change="with:\n  persist-credentials: false",
            )


def _teardown(file: WorkflowFile) -> Iterator[Finding]:
    for step in file.steps:
        if not step.command or step.mode not in {"run", "checks"}:
            continue
        after = [one for one in file.raw_steps(step.job) if one.line >= step.step.line]
        if not any(
            TEARDOWN.search(str(one.body.get("run") or "")) and "always()" in one.condition
            for one in after
        ):
            yield Finding(
                rule="teardown-missing",
                severity="warning",
                file=file.path,
                line=step.step.line,
                message="a job that is cancelled leaves its stack behind: the command, unlike "
                "the action, has no post step",
                change="- if: always()\n  run: readiness-gate teardown",
            )


def _prefixes(files: Sequence[WorkflowFile]) -> Iterator[Finding]:
    first = prefix_of(files)
    for file in files:
        for step in file.steps:
            prefix = step.given("status-prefix", "readiness")
            if prefix != first:
                yield Finding(
                    rule="prefixes-differ",
                    severity="error",
                    file=file.path,
                    line=step.step.line,
                    message=f"this step writes `{prefix} / …`, another one `{first} / …`",
                    change=f"status-prefix: {first}",
                )
