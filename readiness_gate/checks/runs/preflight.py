"""What `preflight` does when it runs; what it promises stands beside its options."""

import re
from collections.abc import Iterator

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.failed_step import failed_stack
from readiness_gate.checks.stack.preflight import PreflightOptions
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, not_supported, passed
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.facts import Platform

_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,4}")
_TOOL_SECONDS = 15.0
_PLATFORM = "Not the pull request's fault: give the machine what it lacks, then run again."


def run(context: CheckContext, options: PreflightOptions) -> CheckResult:
    """Ask for the platform, then for every tool."""
    if context.stack is None and not options.tools:
        raise ConfigurationError("no stack is configured", advice="Add the section stack.")
    found = Platform()
    problems: list[str] = []
    if context.stack is not None:
        try:
            found = context.stack.platform()
        except NotSupported:
            raise
        except StackError as error:
            return failed_stack(error)
        unsupported = _unsupported(found, options)
        if unsupported:
            return not_supported(unsupported)
        problems += _problems(found, options)
    tools = {name: _tool(context, name) for name in options.tools}
    for name, wanted in options.tools.items():
        problems += _judged_tool(name, tools[name], wanted)
    evidence = [_table(found, tools)]
    if problems:
        return cannot_tell(
            ErrorClass.INFRASTRUCTURE,
            "; ".join(problems),
            evidence=evidence,
            remediation=_PLATFORM,
        )
    if found.disk_free is None and "disk" in options.model_fields_set:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"the free space is not known: {found.disk_unknown or 'nobody tells'}",
            evidence=evidence,
        )
    return passed(_summary(found, tools), details="\n".join(found.warnings), evidence=evidence)


def _unsupported(found: Platform, options: PreflightOptions) -> str:
    asked = {"engine", "api", "compose"} & options.model_fields_set
    if found.engine or not asked:
        return ""
    return f"{min(asked)}: this driver uses no container engine (stack.driver)"


def _problems(found: Platform, options: PreflightOptions) -> Iterator[str]:
    if found.engine:
        for name, version, wanted in (
            ("the container engine", found.engine, options.engine),
            ("the Engine API", found.api, options.api),
            ("Docker Compose", found.compose, options.compose),
        ):
            yield from _judged_version(name, version, wanted)
    for name, number, least in (
        ("free space", found.disk_free, options.disk),
        ("memory", found.memory, options.memory),
    ):
        if least is not None and number is not None and number < least:
            yield f"{name}: {_gigabytes(number)}, at least {_gigabytes(least)} is required"
    if options.memory is not None and found.memory is None:
        yield "nobody tells how much memory the machine has"
    if options.cpus is not None and (found.cpus or 0) < options.cpus:
        yield f"processors: {found.cpus or 'unknown'}, at least {options.cpus} required"


def _judged_version(name: str, version: str, wanted: str) -> Iterator[str]:
    from readiness_gate.formats.versions import (  # noqa: PLC0415 - slow to load
        has,
        python_range,
        version_of,
    )

    number = _VERSION.search(version)
    if number is None:
        yield f"{name} tells no version"
    elif not has(python_range(wanted), version_of(number[0])):
        yield f"{name} is {version}, {wanted} is required"


def _tool(context: CheckContext, name: str) -> str | None:
    """Return what a program says of its version, `None` where it cannot be run."""
    if context.inside_container:
        raise ConfigurationError(
            "tools: the programs of the action's container are not the machine's",
            advice="Run this item with the command line, in a step of the job.",
        )
    try:
        done = context.programs.run([name, "--version"], timeout=_TOOL_SECONDS)
    except OSError:
        return None
    number = _VERSION.search(done.output)
    return None if done.timed_out else number[0] if number and done.succeeded else ""


def _judged_tool(name: str, version: str | None, wanted: str) -> Iterator[str]:
    if version is None:
        yield f"{name} is not installed"
    elif wanted:
        yield from _judged_version(name, version, wanted)


def _summary(found: Platform, tools: dict[str, str | None]) -> str:
    parts = [f"engine {found.engine}, compose {found.compose}"] if found.engine else []
    parts += [f"{_gigabytes(found.disk_free)} free"] if found.disk_free is not None else []
    parts += [f"{_gigabytes(found.memory)} of memory"] if found.memory is not None else []
    parts += [f"{name} {version}".strip() for name, version in tools.items()]
    return ", ".join(parts)


def _table(found: Platform, tools: dict[str, str | None]) -> TableEvidence:
    facts = {
        "engine": found.engine,
        "Engine API": found.api,
        "Docker Compose": found.compose,
        "buildx": found.buildx,
        **found.notes,
        "system": found.system,
        "memory": "" if found.memory is None else _gigabytes(found.memory),
        "processors": str(found.cpus or ""),
        "free space": found.disk_unknown
        if found.disk_free is None
        else _gigabytes(found.disk_free),
        **{name: "not installed" if one is None else one for name, one in tools.items()},
    }
    rows = tuple((name, value) for name, value in facts.items() if value)
    return TableEvidence(title="Platform", columns=("what", "value"), rows=rows)


def _gigabytes(size: int) -> str:
    return f"{size / 1_000_000_000:.1f} GB"
