"""What `ci-config` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from readiness_gate.checks.repository.ci_config import CiConfigOptions
from readiness_gate.checks.repository.workflow_rules import RULES
from readiness_gate.doors.workspace import Workspace, matches
from readiness_gate.formats.update_bots import Kept, dependabot, renovate
from readiness_gate.formats.workflow import Workflow, workflow
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
