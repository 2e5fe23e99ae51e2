"""The rules of `ci-config`, one function each: what does not hold, with its line."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from readiness_gate.checks.project_files import mapping
from readiness_gate.formats.workflow import Step, Workflow

Rule = Literal[
    "permissions",
    "pinned-actions",
    "timeouts",
    "concurrency",
    "no-script-injection",
    "no-untrusted-checkout",
]
Places = Iterator[tuple[int | None, str]]
"""Line and cause."""
_SHA = re.compile(r"[0-9a-f]{40}")
_EXPRESSION = re.compile(r"\$\{\{([^{}]{0,1000})\}\}")
_UNTRUSTED = re.compile(
    r"github\.head_ref\b|github\.event\.[\w.\[\]*'-]*\b(title|body|message|page_name|head_branch|"
    r"head\.ref|head\.label|(author|committer)\.(email|name))\b"
)
_HEAD = re.compile(r"github\.head_ref|github\.event\.(pull_request|workflow_run)\.head|refs/pull/")
_PRIVILEGED = frozenset({"pull_request_target", "workflow_run", "issue_comment"})


def _permissions(workflow: Workflow) -> Places:
    if workflow.body.get("permissions") == "write-all":
        yield None, "permissions are write-all"
    for job in workflow.jobs:
        if job.body.get("permissions") == "write-all":
            yield job.line, f"job {job.id} has permissions write-all"
        elif "permissions" not in job.body and "permissions" not in workflow.body:
            yield job.line, f"job {job.id} has whatever permissions the repository gives"


def _pinned_actions(workflow: Workflow) -> Places:
    for job in workflow.jobs:
        used = [(step.uses, step.line) for step in job.steps if step.uses]
        for uses, line in [*used, *([(job.uses, job.line)] if job.uses else [])]:
            if uses.startswith("./"):
                continue
            reference = uses.rpartition("@")[2]
            pinned = reference.startswith("sha256:") if uses.startswith("docker://") else None
            if not (_SHA.fullmatch(reference) if pinned is None else pinned):
                yield line, f"{uses[:100]} is not pinned to a commit"


def _timeouts(workflow: Workflow) -> Places:
    for job in workflow.jobs:
        if not job.uses and not job.body.get("timeout-minutes"):
            yield job.line, f"job {job.id} has no timeout-minutes"


def _concurrency(workflow: Workflow) -> Places:
    if not workflow.body.get("concurrency"):
        for job in workflow.jobs:
            if not job.body.get("concurrency"):
                yield job.line, f"job {job.id} has no concurrency group"


def _no_script_injection(workflow: Workflow) -> Places:
    for job in workflow.jobs:
        for step in job.steps:
            script = str(step.inputs.get("script") or "") if "github-script" in step.uses else ""
            for found in _EXPRESSION.finditer(step.run + script):
                if _UNTRUSTED.search(found[1]):
                    what = " ".join(found[1].split())[:80]
                    yield step.line, f"a script of job {job.id} is built with {what}"


def _no_untrusted_checkout(workflow: Workflow) -> Places:
    if not _PRIVILEGED & workflow.triggers:
        return
    for job in workflow.jobs:
        for step in job.steps:
            if _checks_out_head(step):
                named = ", ".join(sorted(_PRIVILEGED & workflow.triggers))
                yield step.line, f"code of a pull request is checked out under {named}"


def _checks_out_head(step: Step) -> bool:
    if step.uses.startswith("actions/checkout"):
        inputs = mapping(step.inputs)
        return bool(_HEAD.search(f"{inputs.get('ref', '')} {inputs.get('repository', '')}"))
    return "gh pr checkout" in step.run


RULES: Mapping[Rule, Callable[[Workflow], Places]] = {
    "permissions": _permissions,
    "pinned-actions": _pinned_actions,
    "timeouts": _timeouts,
    "concurrency": _concurrency,
    "no-script-injection": _no_script_injection,
    "no-untrusted-checkout": _no_untrusted_checkout,
}
"""Every rule by its name."""
