"""What a job of the gate may: no less than its mode needs, and no more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness_gate.adopt.doctor.files import WorkflowFile
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.formats.gate_steps import GateStep
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
_OWN_TOKEN = re.compile(r"\$\{\{\s*(github\.token|secrets\.GITHUB_TOKEN)\s*\}\}")


def own_token(step: GateStep) -> bool:
    """Return whether a step writes under another identity than the workflow's own token."""
    token = step.inputs.get("token", "")
    return bool(token) and not _OWN_TOKEN.fullmatch(token.strip())


def findings(file: WorkflowFile, job: Job) -> Iterator[Finding]:
    """Yield what is wrong with the permissions of a job that runs the gate."""
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
