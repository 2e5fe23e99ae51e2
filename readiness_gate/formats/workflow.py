"""GitHub's workflow files: triggers, jobs and steps with their lines.

After GitHub's syntax of workflows, as far as rules and assertions need it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.doors.project_yaml import PlacedDocument


@dataclass(frozen=True)
class Step:
    """One step of a job."""

    uses: str
    run: str
    inputs: Mapping[str, Any]
    """What stands under `with`."""
    line: int


@dataclass(frozen=True)
class Job:
    """One job; `uses` is the reusable workflow that it calls, empty where it has steps."""

    id: str
    body: Mapping[str, Any]
    name: str
    uses: str
    steps: tuple[Step, ...]
    line: int


@dataclass(frozen=True)
class Workflow:
    """One workflow."""

    body: Mapping[str, Any]
    name: str
    triggers: frozenset[str]
    """Names of events."""
    jobs: tuple[Job, ...]
    problems: tuple[tuple[int, str], ...]
    """Line and cause of what GitHub would refuse."""


def workflow(document: PlacedDocument) -> Workflow:
    """Return the workflow of a document; what is wrong with it is in `problems`."""
    data = document.data
    if not isinstance(data, dict):
        problem = (document.line, "a workflow is a mapping")
        return Workflow({}, "", frozenset(), (), (problem,))
    problems: list[tuple[int, str]] = []
    triggers = _triggers(data.get("on"))
    if not triggers:
        problems.append((document.line_of(data, "on"), "there is no trigger under `on`"))
    bodies = data.get("jobs")
    jobs: list[Job] = []
    if not isinstance(bodies, dict) or not bodies:
        problems.append((document.line_of(data, "jobs"), "there are no jobs"))
    else:
        for name, body in bodies.items():
            line = document.line_of(bodies, name)
            if isinstance(body, dict):
                jobs.append(_job(document, name, body, line, problems))
            else:
                problems.append((line, f"job {name[:80]} is no mapping"))
        problems += _unknown_needs(jobs, set(bodies))
    return Workflow(data, str(data.get("name") or ""), triggers, tuple(jobs), tuple(problems))


def _triggers(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, dict | list):
        return frozenset(str(one) for one in value)
    return frozenset()


def _job(
    document: PlacedDocument,
    name: str,
    body: dict[str, Any],
    line: int,
    problems: list[tuple[int, str]],
) -> Job:
    uses = str(body.get("uses") or "")
    steps = body.get("steps")
    if not uses and not body.get("runs-on"):
        problems.append((line, f"job {name[:80]} has no runs-on"))
    if not uses and (not isinstance(steps, list) or not steps):
        problems.append((line, f"job {name[:80]} has no steps"))
    found: list[Step] = []
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        at = document.line_of(steps, number)
        if not isinstance(step, dict) or bool(step.get("uses")) == bool(step.get("run")):
            problems.append((at, f"a step of job {name[:80]} has not either uses or run"))
            continue
        inputs = step.get("with")
        found.append(
            Step(
                str(step.get("uses") or ""),
                str(step.get("run") or ""),
                inputs if isinstance(inputs, dict) else {},
                at,
            )
        )
    return Job(name, body, str(body.get("name") or ""), uses, tuple(found), line)


def _unknown_needs(jobs: list[Job], known: set[str]) -> list[tuple[int, str]]:
    return [
        (job.line, f"job {job.id[:80]} needs {name[:80]}, which is none")
        for job in jobs
        for name in _needs(job)
        if name not in known
    ]


def _needs(job: Job) -> list[str]:
    needs = job.body.get("needs")
    return [str(one) for one in (needs if isinstance(needs, list) else [needs] if needs else [])]
