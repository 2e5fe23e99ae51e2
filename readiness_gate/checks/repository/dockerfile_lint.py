"""`dockerfile-lint`: how images are built, read from their Dockerfiles without building.

What a base image sets itself cannot be seen here: its user counts only where its tag says
`nonroot`, its health check never. `container-inspect` looks at what really runs.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import (
    Problem,
    Unclear,
    chosen,
    counted,
    judged,
    text_of,
)
from readiness_gate.checks.repository.dockerfile_rules import RULES, Doubtful, ReadDockerfile, Rule
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.doors.workspace import Workspace
from readiness_gate.formats.dockerfile import parse
from readiness_gate.model.outcome import CheckClass, Family, Need
from readiness_gate.model.result import CheckResult, failed

_DEFAULT: tuple[Rule, ...] = ("non-root", "pinned-base", "exec-form", "no-secrets")
_NAMES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile")


class DockerfileLintOptions(CheckOptions):
    """Which Dockerfiles are read, which stage is shipped, which rules hold for it."""

    path: OneOrMany = Field(
        default=(),
        description="Paths or patterns; default every Dockerfile and Containerfile.",
    )
    target: Text | None = Field(
        default=None, description="Name or number of the stage that is shipped; default the last."
    )
    rules: tuple[Rule, ...] = Field(
        default=_DEFAULT,
        min_length=1,
        description="`non-root`: the stage ends with a USER other than root. `pinned-base`: every "
        "base image has a tag other than latest, or a digest; `pinned-digest`: a digest. "
        "`exec-form`: CMD and ENTRYPOINT are JSON lists, so that signals arrive. `no-secrets`: "
        "none in ENV, ARG, COPY or addresses. `health-check`: there is a HEALTHCHECK. "
        "`multi-stage`: the stage copies from another one. `dockerignore`: copying the whole "
        "folder needs a .dockerignore. `no-remote-add`: ADD fetches nothing without a checksum.",
    )
    bases: OneOrMany = Field(
        default=(), description="Patterns such as python:3.13-*; every base image matches one."
    )

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> Self:
        if len(set(self.rules)) != len(self.rules):
            raise ValueError("a rule is named twice")
        return self


def run(context: CheckContext, options: DockerfileLintOptions) -> CheckResult:
    """Read every Dockerfile and hold the rules against the stage that is shipped."""
    problems: list[Problem] = []
    doubts: list[Problem] = []
    try:
        names = _names(context.workspace, options.path)
        for name in names:
            read = _read(context.workspace, name, options.target, problems)
            if read is None:
                continue
            for rule in options.rules:
                try:
                    problems += RULES[rule](read)
                except Doubtful as doubt:
                    doubts.append(doubt.problem)
            problems += _bases(read, options.bases)
    except Unclear as unclear:
        return unclear.result
    held = f"{', '.join(options.rules)} hold in {counted(len(names), 'Dockerfile')}"
    return judged(problems, held, doubts=doubts)


def _names(workspace: Workspace, patterns: tuple[str, ...]) -> tuple[str, ...]:
    if patterns:
        return chosen(workspace, patterns)
    found = tuple(
        name
        for name in workspace.files()
        if any(fnmatchcase(name.rpartition("/")[2], pattern) for pattern in _NAMES)
        and not name.endswith(".dockerignore")
    )
    if not found:
        advice = "Add a Dockerfile, or name it under `path`."
        raise Unclear(failed("there is no Dockerfile in the checkout", remediation=advice))
    return found


def _read(
    workspace: Workspace, name: str, target: str | None, problems: list[Problem]
) -> ReadDockerfile | None:
    file = parse(text_of(workspace, name))
    problems += [Problem(cause, name, line) for line, cause in file.problems]
    stage = file.stage(target)
    if stage is None:
        problems.append(Problem(f"there is no stage {target or 'at all'}", name))
        return None
    return ReadDockerfile(name, file, file.lineage(stage), workspace)


def _bases(read: ReadDockerfile, patterns: tuple[str, ...]) -> Iterator[Problem]:
    for stage in read.external if patterns else ():
        if not any(fnmatchcase(stage.image, pattern) for pattern in patterns):
            yield read.at(stage.line, f"{stage.image} is none of {', '.join(patterns)}")


CHECK = Check(
    id="dockerfile-lint",
    title="Images are built as they should be",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=DockerfileLintOptions,
    work=run,
    remediation="Change the Dockerfile at the lines named, or drop the rule that does not apply.",
    example={
        "path": "backend/Dockerfile",
        "target": "backend",
        "rules": ["non-root", "pinned-base", "exec-form", "no-secrets", "multi-stage"],
    },
)
