"""The workflow files of a checkout, with the steps that run the gate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from readiness_gate.adopt.doctor.finding import Finding
from readiness_gate.doors.project_yaml import PlacedDocument, load_placed
from readiness_gate.doors.workspace import PathRefused, Workspace, matches
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.gate_steps import GateStep, gate_steps
from readiness_gate.formats.workflow import Job, Workflow, workflow

PATTERNS = (".github/workflows/*.yml", ".github/workflows/*.yaml")
CODE_EVENTS = frozenset({"pull_request", "pull_request_target"})
_DEFAULT_TYPES = ("opened", "synchronize", "reopened")


@dataclass(frozen=True)
class RawStep:
    """A step as it stands in the file; also its `if`."""

    body: Mapping[str, Any]
    line: int

    @property
    def condition(self) -> str:
        """Return its `if`, empty where there is none."""
        return str(self.body.get("if") or "")


@dataclass(frozen=True)
class WorkflowFile:
    """One workflow with its places."""

    path: str
    document: PlacedDocument
    workflow: Workflow

    @cached_property
    def steps(self) -> tuple[GateStep, ...]:
        """The steps that run the gate."""
        return gate_steps(self.workflow)

    @property
    def modes(self) -> frozenset[str]:
        """The modes in which the gate runs here."""
        return frozenset(step.mode for step in self.steps)

    @property
    def name(self) -> str:
        """The workflow's name, by which `workflow_run` knows it."""
        return self.workflow.name or self.path

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that run the gate, each once."""
        found = {step.job.id: step.job for step in self.steps}
        return tuple(found.values())

    def modes_of(self, job: Job) -> frozenset[str]:
        """Return the modes in which a job runs the gate."""
        return frozenset(step.mode for step in self.steps if step.job.id == job.id)

    def trigger(self, event: str) -> Mapping[str, Any]:
        """Return what stands below an event under `on`; nothing for an event without more."""
        on = self.workflow.body.get("on")
        body = on.get(event) if isinstance(on, dict) else None
        return body if isinstance(body, dict) else {}

    def types(self, event: str) -> tuple[str, ...]:
        """Return the types of an event that start the workflow, GitHub's own where none stand."""
        given = self.trigger(event).get("types")
        if given is None:
            return _DEFAULT_TYPES if event in CODE_EVENTS else ()
        return tuple(str(one) for one in (given if isinstance(given, list) else [given]))

    def line_of_trigger(self, event: str = "") -> int:
        """Return the line of an event, else that of `on`."""
        on = self.workflow.body.get("on")
        if isinstance(on, dict) and event in on:
            return self.document.line_of(on, event)
        return self.document.line_of(self.workflow.body, "on")

    def line_in(self, body: Mapping[str, Any], key: str, otherwise: int) -> int:
        """Return the line of a key, or another one where it is absent."""
        return self.document.line_of(body, key) if key in body else otherwise

    def raw_steps(self, job: Job) -> tuple[RawStep, ...]:
        """Return every step of a job in order, with its condition."""
        steps = job.body.get("steps")
        if not isinstance(steps, list):
            return ()
        return tuple(
            RawStep(one, self.document.line_of(steps, at))
            for at, one in enumerate(steps)
            if isinstance(one, dict)
        )


def read_files(workspace: Workspace) -> tuple[tuple[WorkflowFile, ...], tuple[Finding, ...]]:
    """Return the workflows of a checkout, and a finding for each that cannot be read."""
    found: list[WorkflowFile] = []
    broken: list[Finding] = []
    for path in _paths(workspace):
        try:
            text = workspace.read(path).decode("utf-8", "replace")
            (document,) = load_placed(text, name=path)
        except (ConfigurationError, PathRefused, OSError, ValueError) as error:
            words = error.message if isinstance(error, ConfigurationError) else "not one document"
            broken.append(_unread(path, words))
            continue
        made = WorkflowFile(path, document, workflow(document))
        found.append(made)
        if made.steps:
            broken += [_refused(path, line, why) for line, why in made.workflow.problems]
    return tuple(found), tuple(broken)


def _paths(workspace: Workspace) -> Iterator[str]:
    for path in workspace.files():
        if any(matches(path, pattern) for pattern in PATTERNS):
            yield path


def _unread(path: str, words: str) -> Finding:
    return Finding(
        rule="unreadable",
        severity="error",
        file=path,
        message=f"the workflow cannot be read: {words[:200]}",
        change="Repair the file; GitHub does not run it either.",
    )


def _refused(path: str, line: int, why: str) -> Finding:
    return Finding(
        rule="refused-by-github",
        severity="error",
        file=path,
        line=line,
        message=f"GitHub refuses this: {why}",
        change="Repair it; the workflow does not run at all.",
    )
