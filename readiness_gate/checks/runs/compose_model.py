"""What `compose-model` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator
from typing import Any

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import (
    Problem,
    Unclear,
    counted,
    documents_of,
    judged,
    listed,
    mapping,
)
from readiness_gate.checks.repository.compose_model import ComposeModelOptions
from readiness_gate.checks.repository.compose_rules import RULES, AskedService
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import StackError
from readiness_gate.formats.compose_project import ComposeInvalid, ComposeProject, compose_project
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.jsonpath import compile_path
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed
from readiness_gate.stack.compose.files import compose_files


def run(context: CheckContext, options: ComposeModelOptions) -> CheckResult:
    """Merge the files and judge the model."""
    try:
        project = _project(context, options.path)
        asked = _asked(project, options)
        _require_known(project, (*options.volumes, *options.networks, *(options.published or ())))
    except Unclear as unclear:
        return unclear.result
    problems = [*_missing(project, options)]
    doubts: list[Problem] = []
    for service in asked:
        for rule in options.rules:
            for one in RULES[rule](service):
                text = f"service {service.name} {one.text}"
                problem = _problem(project, text, "services", service.name, one.key)
                (doubts if one.doubt else problems).append(problem)
    problems += _volumes(project, options)
    problems += _networks(project, options)
    problems += _published(project, options)
    problems += _matches(project, options)
    files = ", ".join(project.files[:5])
    said = f"{files}: all that is asserted of {counted(len(project.services), 'service')} holds"
    return judged(problems, said, doubts=doubts)


def _project(context: CheckContext, path: tuple[str, ...]) -> ComposeProject:
    workspace = context.workspace
    try:
        names = compose_files(workspace, path)
    except StackError as error:
        summary = error.message.removeprefix("stack.files: ")
        if isinstance(error.__cause__, PathRefused):
            raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, summary)) from error
        raise Unclear(failed(summary, remediation="Add it, or correct `path`.")) from error
    try:
        return compose_project(names, lambda name: documents_of(workspace, name))
    except ComposeInvalid as error:
        problem = Problem(str(error), *error.place)
        if "cannot be read from the checkout" in str(error):
            raise Unclear(judged((), "", doubts=[problem])) from error
        raise Unclear(judged([problem], "")) from error


def _require_known(project: ComposeProject, names: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in project.services]
    if unknown:
        raise Unclear(failed(f"there is no service {', '.join(unknown)} in {project.files[0]}"))


def _asked(project: ComposeProject, options: ComposeModelOptions) -> list[AskedService]:
    _require_known(project, (*options.only, *options.except_))
    names = options.only or [name for name in project.services if name not in options.except_]
    if options.rules and not names:
        text = "every service is excepted, so the rules assert nothing"
        raise Unclear(cannot_tell(ErrorClass.CONFIGURATION, text))
    return [AskedService(name, project.services[name], project.services) for name in names]


def _problem(project: ComposeProject, text: str, *path: str) -> Problem:
    return Problem(text, *project.place(*path))


def _missing(project: ComposeProject, options: ComposeModelOptions) -> Iterator[Problem]:
    for name in options.services:
        if name not in project.services:
            yield Problem(f"there is no service {name}", project.files[0])
    for name, body in project.services.items():
        if not (body.get("image") or body.get("build")):
            yield _problem(project, f"service {name} has no image and no build", "services", name)


def _volumes(project: ComposeProject, options: ComposeModelOptions) -> Iterator[Problem]:
    declared = mapping(project.data.get("volumes"))
    for name, targets in options.volumes.items():
        mounted = {
            str(mapping(one).get("target")).rstrip("/"): mapping(one)
            for one in listed(project.services[name].get("volumes"))
        }
        for target in targets:
            volume = mounted.get(target.rstrip("/"), {})
            source = str(volume.get("source") or "")
            if volume.get("type", "volume") == "volume" and source in declared:
                continue
            why = "is on no named volume"
            if source and volume.get("type", "volume") == "volume":
                why = f"is on the volume {source}, which is not declared"
            text = f"{target} of service {name} {why}"
            yield _problem(project, text, "services", name, "volumes")


def _networks(project: ComposeProject, options: ComposeModelOptions) -> Iterator[Problem]:
    for name, wanted in options.networks.items():
        there = sorted(mapping(project.services[name].get("networks"))) or ["default"]
        if there != sorted(wanted):
            text = f"service {name} is in {', '.join(there)}, not in {', '.join(sorted(wanted))}"
            yield _problem(project, text, "services", name, "networks")


def _published(project: ComposeProject, options: ComposeModelOptions) -> Iterator[Problem]:
    if options.published is None:
        return
    for name, body in project.services.items():
        if name not in options.published and listed(body.get("ports")):
            yield _problem(project, f"service {name} publishes ports", "services", name, "ports")


def _matches(project: ComposeProject, options: ComposeModelOptions) -> Iterator[Problem]:
    for path, raw in options.match.items():
        model: Any = project.data
        cause = compile_matcher(raw).explain(compile_path(path)(model))
        if cause is not None:
            keys = [part for part in path.removeprefix("$.").split(".") if part.isidentifier()]
            yield _problem(project, f"{path}: {cause}", *keys)
