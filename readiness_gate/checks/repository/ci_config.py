"""`ci-config`: workflows run what they must when they must, and bots keep dependencies fresh.

Reads GitHub's workflow files, Dependabot's file and Renovate's. Every workflow has triggers and
jobs with steps; the options ask for more. Whether a run was green is `status-checks`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import (
    Problem,
    Unclear,
    chosen,
    counted,
    documents_of,
    judged,
    text_of,
)
from readiness_gate.checks.repository.workflow_rules import RULES, Rule
from readiness_gate.config.values import OneOrMany
from readiness_gate.doors.workspace import Workspace, matches
from readiness_gate.formats.update_bots import Kept, dependabot, renovate
from readiness_gate.formats.workflow import Workflow, workflow
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.result import CheckResult, failed

_WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml")
_DEPENDABOT = (".github/dependabot.yml", ".github/dependabot.yaml")
_RENOVATE = (
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
)


class CiConfigOptions(CheckOptions):
    """What the workflows do, the rules they keep, and what bots keep up to date."""

    path: OneOrMany = Field(
        default=(), description="Workflow files; default all below .github/workflows."
    )
    workflows: OneOrMany = Field(
        default=(), description="File names or names of workflows that have to be there."
    )
    triggers: OneOrMany = Field(
        default=(),
        description="Events that each start a workflow; jobs and steps are then sought in the "
        "workflows that one of them starts.",
    )
    jobs: OneOrMany = Field(default=(), description="Ids or names of jobs that have to be there.")
    steps: OneOrMany = Field(
        default=(), description="Texts of which each is in the run or uses of a step: pytest."
    )
    rules: tuple[Rule, ...] = Field(
        default=(),
        description="`permissions`: every job's are stated; `pinned-actions`: by commit; "
        "`timeouts`: every job has one; `concurrency`; `no-script-injection`: no title, body or "
        "branch name of strangers in a script; `no-untrusted-checkout`: none under "
        "pull_request_target and the like.",
    )
    updates: OneOrMany = Field(
        default=(),
        description="Ecosystems, by Dependabot's names, that Dependabot or Renovate keeps up to "
        "date: pip, npm, docker, github-actions.",
    )


@dataclass(frozen=True)
class _Read:
    """One file."""

    name: str
    workflow: Workflow

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.name, self.name.rpartition("/")[2], self.workflow.name})


def run(context: CheckContext, options: CiConfigOptions) -> CheckResult:
    """Read workflows and the bots' files, and judge them."""
    problems: list[Problem] = []
    doubts: list[Problem] = []
    try:
        files = [_read(context.workspace, name) for name in _names(context.workspace, options.path)]
        if options.updates:
            problems += _updates(context.workspace, options.updates, doubts)
    except Unclear as unclear:
        return unclear.result
    for one in files:
        problems += [Problem(cause, one.name, line) for line, cause in one.workflow.problems]
    problems += _missing(files, options)
    for rule in options.rules:
        for one in files:
            found = RULES[rule](one.workflow)
            problems += [Problem(cause, one.name, line) for line, cause in found]
    said = f"{counted(len(files), 'workflow')}: all that is asserted holds"
    return judged(problems, said, doubts=doubts)


def _names(workspace: Workspace, patterns: tuple[str, ...]) -> tuple[str, ...]:
    if patterns:
        return chosen(workspace, patterns)
    found = tuple(
        name for name in workspace.files() if any(matches(name, one) for one in _WORKFLOWS)
    )
    if not found:
        advice = "Add a workflow, or name it under `path`."
        raise Unclear(failed("there is no workflow in .github/workflows", remediation=advice))
    return found


def _read(workspace: Workspace, name: str) -> _Read:
    documents = documents_of(workspace, name)
    if len(documents) != 1:
        raise Unclear(judged([Problem("a workflow file holds one document", name)], ""))
    return _Read(name, workflow(documents[0]))


def _missing(files: Sequence[_Read], options: CiConfigOptions) -> Iterator[Problem]:
    for name in options.workflows:
        if not any(name in one.names for one in files):
            yield Problem(f"there is no workflow {name}")
    for trigger in options.triggers:
        if not any(trigger in one.workflow.triggers for one in files):
            yield Problem(f"no workflow is started by {trigger}")
    wanted = set(options.triggers)
    started = [one.workflow for one in files if not wanted or wanted & one.workflow.triggers]
    under = f" under {', '.join(options.triggers)}" if options.triggers else ""
    jobs = {name for one in started for job in one.jobs for name in (job.id, job.name)}
    for name in options.jobs:
        if name not in jobs:
            yield Problem(f"there is no job {name}{under}")
    texts = [
        text
        for one in started
        for job in one.jobs
        for text in (job.uses, *(part for step in job.steps for part in (step.run, step.uses)))
    ]
    for text in options.steps:
        if not any(text in one for one in texts):
            yield Problem(f"no step has {text!r}{under}")


def _updates(
    workspace: Workspace, wanted: Sequence[str], doubts: list[Problem]
) -> Iterator[Problem]:
    bots: list[Kept] = []
    unread: list[Problem] = []
    names: list[str] = []
    for name in _DEPENDABOT:
        if workspace.exists(name):
            names.append(name)
            for document in documents_of(workspace, name)[:1]:
                bots.append(dependabot(document))
                yield from (Problem(cause, name, line) for line, cause in bots[-1].problems)
    for name in _RENOVATE:
        if workspace.exists(name):
            names.append(name)
            try:
                bots.append(renovate(text_of(workspace, name)))
            except ValueError as error:
                unread.append(Problem(f"it cannot be read: {error}", name))
    if not names:
        yield Problem("neither Dependabot nor Renovate is configured")
        return
    for ecosystem in wanted:
        if not any(bot.covers(ecosystem) for bot in bots):
            if unread:
                doubts += unread
            else:
                yield Problem(f"no bot keeps {ecosystem} up to date", names[0])


CHECK = Check(
    id="ci-config",
    title="CI runs what it must",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=CiConfigOptions,
    run=run,
    remediation="Change the workflows at the lines named, or add what is missing.",
    example={
        "triggers": ["pull_request"],
        "steps": ["pytest"],
        "rules": ["permissions", "pinned-actions", "timeouts"],
        "updates": ["pip", "docker", "github-actions"],
    },
)
