"""The steps of a workflow that run the gate: as its action, or as its command. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from readiness_gate.formats.workflow import Job, Step, Workflow

ACTION = "readiness-gate"
_COMPOSITE = "/composite"
"""Where the same repository has the action that runs in the job's own network."""
_COMMAND = re.compile(
    r"(?:^|[\s;&|(/])readiness-gate\s+(?P<word>run|merge|publish)\b(?P<rest>[^\n]*)"
)
_HALF = re.compile(r"--half[= ](?P<half>merge|checks)\b")
_INPUT = re.compile(r"--(?P<name>[a-z-]+)[= ](?P<value>\S+)")
TEARDOWN = re.compile(r"(?:^|[\s;&|(/])readiness-gate\s+teardown\b")


@dataclass(frozen=True)
class GateStep:
    """One step that runs the gate."""

    job: Job
    step: Step
    mode: str
    """`run`, `checks`, `merge` or `publish`; another text where an expression decides."""
    inputs: dict[str, str]
    command: bool
    """Whether it calls the command and not the action; nothing tears down after it by itself."""

    def given(self, name: str, default: str) -> str:
        """Return an input of the step, or its default."""
        return self.inputs.get(name) or default


def gate_steps(workflow: Workflow) -> tuple[GateStep, ...]:
    """Return every step that runs the gate, in the order of the file."""
    return tuple(found for job in workflow.jobs for step in job.steps for found in _of(job, step))


def _of(job: Job, step: Step) -> Iterator[GateStep]:
    if step.uses and _is_action(step.uses):
        inputs = {name: _text(value) for name, value in step.inputs.items()}
        yield GateStep(job, step, inputs.get("mode") or "run", inputs, command=False)
    for found in _COMMAND.finditer(step.run):
        half = _HALF.search(found["rest"])
        mode = half["half"] if half and found["word"] == "run" else found["word"]
        given = {one["name"]: one["value"].strip("\"'") for one in _INPUT.finditer(found["rest"])}
        yield GateStep(job, step, mode, given, command=True)


def _is_action(uses: str) -> bool:
    """Return whether a step uses the gate, whoever's copy of it and at whatever reference."""
    path = uses.partition("@")[0].rstrip("/").lower().removesuffix(_COMPOSITE)
    name = path.rpartition("/")[2]
    return (name.partition(":")[0] if uses.startswith("docker://") else name) == ACTION


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
