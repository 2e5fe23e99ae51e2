"""From the untrusted run of the checks to the job that publishes it: one artifact, one name."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

from readiness_gate.adopt.doctor.files import RawStep, WorkflowFile
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.formats.gate_steps import GateStep

_FOLDER = "readiness-report"
_IDLE = ("labeled", "unlabeled", "converted_to_draft", "closed")
_ENDS = ("always()", "cancelled()", "failure()")


def findings(files: Sequence[WorkflowFile]) -> Iterator[Finding]:
    """Yield what keeps a report of the mode checks from being published."""
    checks = [(file, step) for file in files for step in file.steps if step.mode == "checks"]
    publishers = [(file, step) for file in files for step in file.steps if step.mode == "publish"]
    for file, step in checks:
        if publishers:
            yield from _upload(file, step, publishers[0][1])
            yield from _nothing_to_report(file, step)
        elif not _writes_itself(step):
            yield _finding(
                "publish-missing", file, step.step.line,
                "nobody publishes what this run reports: its token only reads",
                "Add a workflow with mode publish under workflow_run; docs/workflows.md has it.",
            )  # fmt: skip
    for file, step in publishers:
        yield from _source(file, step, [one for one, _ in checks])


def _writes_itself(step: GateStep) -> bool:
    permissions = step.job.body.get("permissions")
    return isinstance(permissions, dict) and permissions.get("statuses") == "write"


def _upload(file: WorkflowFile, step: GateStep, publisher: GateStep) -> Iterator[Finding]:
    name = PurePosixPath(publisher.given("report-dir", _FOLDER)).name
    path = f"{step.given('report-dir', _FOLDER)}/report.json"
    lines = (
        "- if: always()\n  uses: actions/upload-artifact@COMMIT\n  with:\n"
        f"    name: {name}\n    path: {path}"
    )
    after = [one for one in file.raw_steps(step.job) if one.line > step.step.line]
    uploads = [one for one in after if "/upload-artifact@" in str(one.body.get("uses") or "")]
    if not uploads:
        yield _finding(
            "upload-missing", file, step.step.line,
            "the run hands its report to nobody: publish will find no artifact", lines,
        )  # fmt: skip
        return
    mine = [one for one in uploads if _given(one, "name") == name] or uploads[:1]
    for upload in mine:
        if _given(upload, "name") != name:
            yield _finding(
                "artifact-name", file, upload.line,
                f"the artifact is called {_given(upload, 'name') or 'artifact'}, and publish "
                f"looks for {name}", f"name: {name}",
            )  # fmt: skip
        if _given(upload, "path").removeprefix("./") != path:
            yield _finding(
                "artifact-path", file, upload.line,
                "publish takes an artifact that holds report.json and nothing else",
                f"path: {path}",
            )  # fmt: skip
        if not any(one in upload.condition for one in _ENDS):
            yield _finding(
                "upload-condition", file, upload.line,
                "where the gate finds something the report is not handed on, and publish says "
                "that it could not check", "if: always()",
            )  # fmt: skip


def _nothing_to_report(file: WorkflowFile, step: GateStep) -> Iterator[Finding]:
    """Yield types that start the checks though they can have changed nothing of them."""
    condition = str(step.job.body.get("if") or "")
    types = file.types("pull_request") if "pull_request" in file.workflow.triggers else ()
    line = file.line_of_trigger("pull_request")
    if "edited" in types and "changes.base" not in condition:
        yield _finding(
            "edited-text", file, step.job.line,
            "an edited text starts the checks, which then have nothing to report, and publish "
            "says that it could not check",
            "if: github.event.action != 'edited' || github.event.changes.base",
        )  # fmt: skip
    idle = [one for one in types if one in _IDLE]
    if idle:
        yield _finding(
            "idle-types", file, line,
            f"{', '.join(idle)} start the checks: unless the `when` of an item of them names "
            "labels or draft, they have nothing to report, and publish says so",
            f"Take {', '.join(idle)} out of the types.", severity="warning",
        )  # fmt: skip


def _source(
    file: WorkflowFile, step: GateStep, checks: Sequence[WorkflowFile]
) -> Iterator[Finding]:
    if not checks:
        yield _finding(
            "checks-missing", file, step.step.line,
            "no workflow runs the gate in the mode checks: there is nothing to publish",
            "Add a workflow with mode checks under pull_request; docs/workflows.md has it.",
        )  # fmt: skip
        return
    body = file.trigger("workflow_run")
    line = file.line_of_trigger("workflow_run")
    known = _list(body.get("workflows"))
    for one in checks:
        if one.name not in known:
            yield _finding(
                "publish-source", file, file.line_in(body, "workflows", line),
                f"publish is not started by {one.name} ({one.path})",
                f"workflows: [{', '.join([*known, one.name])}]",
            )  # fmt: skip
    if body.get("types") is not None and "completed" not in file.types("workflow_run"):
        yield _finding(
            "publish-types", file, file.line_in(body, "types", line),
            "publish is not started when a run ends", "types: [completed]",
        )  # fmt: skip
    for key in ("branches", "branches-ignore"):
        if key in body:
            yield _finding(
                "publish-branches", file, file.line_in(body, key, line),
                f"{key} is about the branch of the run: a pull request's own, not its base",
                f"Take {key} out.",
            )  # fmt: skip


def _finding(
    rule: str,
    file: WorkflowFile,
    line: int,
    message: str,
    change: str,
    severity: Literal["error", "warning"] = "error",
) -> Finding:
    return Finding(
        rule=rule, severity=severity, file=file.path, line=line, message=message, change=change
    )


def _given(step: RawStep, name: str) -> str:
    inputs = step.body.get("with")
    value = inputs.get(name) if isinstance(inputs, dict) else None
    return str(value or "").strip()


def _list(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value] if value else [])]
