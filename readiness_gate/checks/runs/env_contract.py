"""What `env-contract` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Mapping

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, text_of
from readiness_gate.checks.repository.env_contract import EnvContractOptions
from readiness_gate.checks.repository.env_readers import tracked, undocumented, unset
from readiness_gate.checks.repository.env_values import broken_rules, differences, placeholders
from readiness_gate.doors.workspace import Workspace
from readiness_gate.formats.environment_file import SetVariable, read_environment
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.result import CheckResult, failed, passed


def run(context: CheckContext, options: EnvContractOptions) -> CheckResult:
    """Read the files, compare them with what is required, ask git what it tracks."""
    problems: list[LocationEvidence] = []
    said: list[str] = []
    try:
        if options.file is not None or options.source == "environment":
            problems += _contract(context, options, said)
        if options.untracked:
            problems += tracked(context, options.untracked)
            said.append(f"{', '.join(options.untracked)} not tracked")
    except Unclear as unclear:
        return unclear.result
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        lines = [f"{place.path}: {place.text}" if place.path else place.text for place in problems]
        shown = [place for place in problems if place.path]
        return failed(lines[0] + more, details="\n".join(lines), evidence=shown)
    return passed("; ".join(said))


def _contract(
    context: CheckContext, options: EnvContractOptions, said: list[str]
) -> Iterator[LocationEvidence]:
    """Yield what is wrong with the variables; add to `said` what was looked at."""
    path = options.file or ""
    place = path or "the environment"
    variables = _variables(context, options)
    example = _read(context.workspace, options.example) if options.example is not None else {}
    yield from broken_rules(path, place, variables, options.required, example)
    said += [f"set: {', '.join(options.required)}"] if options.required else []
    if options.example is not None:
        yield from differences(path, variables, options.example, example)
        said.append(f"{options.example} names the same")
    mine = variables if options.file is not None else dict.fromkeys(options.required)
    if options.no_placeholders:
        yield from placeholders(path, place, mine, variables)
        said.append("no placeholders")
    if options.documentation:
        names = list(dict.fromkeys([*mine, *options.required, *example]))
        yield from undocumented(context.workspace, options.documentation, path, names)
        said.append(f"{len(names)} documented")
    if options.code:
        known = {*variables, *options.code_ignore, *(example if options.file is not None else ())}
        yield from unset(context, options.code, options.scope, place, known)
        said.append("all that code reads is set")


def _variables(context: CheckContext, options: EnvContractOptions) -> Mapping[str, SetVariable]:
    if options.file is not None:
        return _read(context.workspace, options.file)
    return {name: SetVariable(value, 0, literal=True) for name, value in context.variables.items()}


def _read(workspace: Workspace, path: str) -> Mapping[str, SetVariable]:
    return dict(read_environment(text_of(workspace, path)))
