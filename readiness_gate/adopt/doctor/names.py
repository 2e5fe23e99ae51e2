"""Names that GitHub would take for each other: statuses, check runs, required contexts."""

from collections.abc import Iterator, Mapping, Sequence

from readiness_gate.adopt.doctor.files import WorkflowFile
from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.formats.workflow import Job
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.outcome import Half

RULESET = "readiness-gate doctor --ruleset > ruleset.json, then import it under Settings → Rules"


def contexts(prefix: str) -> tuple[str, ...]:
    """Return the contexts of both statuses."""
    return tuple(f"{prefix} / {half.value}" for half in Half)


def same_names(files: Sequence[WorkflowFile], prefix: str) -> Iterator[Finding]:
    """Yield every job whose check run has the name of a status: GitHub then requires both."""
    for file in files:
        for job in file.workflow.jobs:
            for name in _check_runs(job, files):
                if name in contexts(prefix):
                    yield Finding(
                        rule="status-and-check",
                        severity="error",
                        file=file.path,
                        line=job.line,
                        message=f"the check run of job {job.id} has the name of the status {name}:"
                        " where the name is required, both are, and one of them may never come",
                        change="name: Production readiness",
                    )


def live(
    files: Sequence[WorkflowFile], rules: BranchRules, prefix: str, branch: str
) -> Iterator[Finding]:
    """Yield what the rules of a branch lack, as far as the token sees them."""
    required = {one.context: one for one in rules.required_checks}
    for context in contexts(prefix):
        found = required.get(context)
        if found is None and "checks" not in rules.hidden:
            near = next((one for one in required if _plain(one) == _plain(context)), None)
            yield _of_rules(
                "context-name" if near else "not-required",
                f"{branch} requires {near!r}, and the gate writes {context!r}"
                if near
                else f"{branch} does not require {context}: nothing holds a merge back",
                f"Require {context!r}. {RULESET}",
            )
        elif found is not None and found.app_id is None:
            yield _of_rules(
                "any-source",
                f"{branch} takes {context} from anybody who may write a status",
                f"Set an expected source for {context}.",
                error=False,
            )
    jobs = {job.name or job.id: (file, job) for file in files for job in file.jobs}
    for name in sorted(set(required) & set(jobs)):
        file, job = jobs[name]
        yield Finding(
            rule="job-required",
            severity="error",
            file=file.path,
            line=job.line,
            message=f"{branch} requires the job {name}: one that is skipped counts as passed, and "
            "one that waits for another pull request is green",
            change=f"Require {' and '.join(contexts(prefix))} in its place.",
        )
    if rules.hidden:
        yield _of_rules(
            "rules-hidden",
            f"there may be more rules of {branch} than the token sees: {', '.join(rules.hidden)}",
            "Look with a token that has `administration: read`.",
            error=False,
        )


def _of_rules(rule: str, message: str, change: str, *, error: bool = True) -> Finding:
    return Finding(
        rule=rule,
        severity="error" if error else "warning",
        file="",
        message=message,
        change=change,
    )


def _check_runs(job: Job, files: Sequence[WorkflowFile]) -> Iterator[str]:
    own = job.name or job.id
    if not job.uses:
        yield own
        return
    # GitHub joins the names of the caller and of each job that it calls.
    called: Mapping[str, WorkflowFile] = {f"./{one.path}": one for one in files}
    target = called.get(job.uses)
    for inner in target.workflow.jobs if target is not None else ():
        yield f"{own} / {inner.name or inner.id}"


def _plain(context: str) -> str:
    return "".join(context.lower().split())
