"""What a job of the gate may, cancels, checks out and is called."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness_gate.adopt.doctor.files import WorkflowFile
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.checks.repository.workflow_rules import RULES
from readiness_gate.formats.gate_steps import TEARDOWN, GateStep
from readiness_gate.formats.workflow import Job

NEEDED: Mapping[str, Mapping[str, str]] = {
    "run": {"contents": "read", "pull-requests": "write", "statuses": "write"},
    "checks": {"contents": "read", "pull-requests": "read"},
    "merge": {"contents": "read", "pull-requests": "write", "statuses": "write"},
    "publish": {
        "actions": "read",
        "contents": "read",
        "pull-requests": "write",
        "statuses": "write",
    },
}
"""Permissions of the job by mode; docs/workflows.md has the same table."""
_MAY_WRITE = {"merge": frozenset({"actions"})}
_LEVELS = {"none": 0, "read": 1, "write": 2}
_SAME_COMMIT = frozenset(
    {"edited", "labeled", "unlabeled", "converted_to_draft", "ready_for_review", "closed"}
)
_OWN_TOKEN = re.compile(r"\$\{\{\s*(github\.token|secrets\.GITHUB_TOKEN)\s*\}\}")


def findings(files: Sequence[WorkflowFile]) -> Iterator[Finding]:
    """Yield what is wrong with the jobs that run the gate, one file after another."""
    for file in files:
        yield from _unsafe_checkout(file)
        yield from _cancels(file, file.workflow.body, file.modes)
        for job in file.jobs:
            yield from _permissions(file, job)
            yield from _cancels(file, job.body, file.modes_of(job))
            yield from _kept_credentials(file, job)
        yield from _teardown(file)
    yield from _prefixes(files)


def own_token(step: GateStep) -> bool:
    """Return whether a step writes under another identity than the workflow's own token."""
    token = step.inputs.get("token", "")
    return bool(token) and not _OWN_TOKEN.fullmatch(token.strip())


def prefix_of(files: Sequence[WorkflowFile]) -> str:
    """Return the first word of the statuses, as the first step has it."""
    steps = [step for file in files for step in file.steps]
    return steps[0].given("status-prefix", "readiness") if steps else "readiness"


def _permissions(file: WorkflowFile, job: Job) -> Iterator[Finding]:
    modes = sorted(file.modes_of(job) & set(NEEDED))
    needed = _together([NEEDED[mode] for mode in modes])
    steps = [step for step in file.steps if step.job.id == job.id]
    if any(own_token(step) for step in steps) or not modes:
        return
    holder = job.body if "permissions" in job.body else file.workflow.body
    line = file.line_in(holder, "permissions", job.line)
    change = _permission_lines(needed)
    if "permissions" not in holder:
        yield Finding(
            rule="permissions-unstated",
            severity="warning",
            file=file.path,
            line=job.line,
            message=f"job {job.id} has whatever permissions the repository gives",
            change=change,
        )
        return
    granted = holder["permissions"]
    lacking = [
        f"{scope}: {level}"
        for scope, level in needed.items()
        if _level(granted, scope) < _LEVELS[level]
    ]
    if lacking:
        yield Finding(
            rule="permissions-missing",
            severity="error",
            file=file.path,
            line=line,
            message=f"job {job.id} in mode {', '.join(modes)} lacks {', '.join(lacking)}",
            change=change,
        )
    allowed = {scope for scope, level in needed.items() if level == "write"}
    allowed |= {scope for mode in modes for scope in _MAY_WRITE.get(mode, ())}
    wide = _writes(granted, allowed)
    if wide:
        yield Finding(
            rule="permissions-wide",
            severity="error" if modes == ["checks"] else "warning",
            file=file.path,
            line=line,
            message=f"job {job.id} in mode {', '.join(modes)} may write {', '.join(wide)}"
            + (", and the code of the pull request runs beside it" if "checks" in modes else ""),
            change=change,
        )


def _together(tables: Sequence[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in tables:
        for scope, level in table.items():
            if _LEVELS[level] > _LEVELS[found.get(scope, "none")]:
                found[scope] = level
    return dict(sorted(found.items()))


def _level(granted: Any, scope: str) -> int:
    if isinstance(granted, dict):
        return _LEVELS.get(str(granted.get(scope) or "none"), 0)
    return {"write-all": 2, "read-all": 1}.get(str(granted), 0)


def _writes(granted: Any, allowed: set[str]) -> list[str]:
    if granted == "write-all":
        return ["everything"]
    if not isinstance(granted, dict):
        return []
    return sorted(
        scope for scope, level in granted.items() if level == "write" and scope not in allowed
    )


def _permission_lines(needed: Mapping[str, str]) -> str:
    return "\n".join(["permissions:", *(f"  {scope}: {level}" for scope, level in needed.items())])


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
