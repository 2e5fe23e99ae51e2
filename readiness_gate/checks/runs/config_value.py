"""What `config-value` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence

from readiness_gate.checks.chosen_files import all_seen, in_scope, is_pattern, untouched
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import unreadable
from readiness_gate.checks.repository.config_value import ConfigValueOptions
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.formats.data_file import line_of, read_data
from readiness_gate.formats.data_format import format_of
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.jsonpath import compile_path, key_path
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 50


def run(context: CheckContext, options: ConfigValueOptions) -> CheckResult:
    """Read every file and compare what the paths find in it."""
    try:
        groups = {one: _files(context.workspace, one) for one in options.path}
        missing = [pattern for pattern, found in groups.items() if not found]
        if missing:
            advice = f"Add {missing[0]}, or correct the path."
            return failed(f"no file at {missing[0]}", remediation=advice)
        names = list(dict.fromkeys(name for found in groups.values() for name in found))
        looked_at = in_scope(context, names, options.scope)
        problems = [
            one for name in looked_at for one in _problems(context.workspace, name, options)
        ]
    except (PathRefused, OSError) as error:
        return unreadable(error)
    except ValueError as error:
        advice = "Correct the file, or say its `format`."
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(error), remediation=advice)
    if not looked_at:
        return untouched(names)
    return _judged(problems, len(looked_at), len(options.jsonpath))


def _judged(problems: Sequence[LocationEvidence], files: int, values: int) -> CheckResult:
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        lines = [f"{one.path}: {one.text}" for one in problems[:_SHOWN]]
        return failed(lines[0] + more, details="\n".join(lines), evidence=problems[:_SHOWN])
    return passed(
        f"{values} value{'s' if values > 1 else ''} as expected in "
        f"{files} file{'s' if files > 1 else ''}"
    )


def _files(workspace: Workspace, pattern: str) -> list[str]:
    if is_pattern(pattern, workspace):
        all_seen(workspace, [pattern])
        return workspace.glob(pattern)
    return [pattern] if workspace.exists(pattern) else []


def _problems(
    workspace: Workspace, name: str, options: ConfigValueOptions
) -> Iterator[LocationEvidence]:
    kind = options.format or format_of(name)
    if kind is None:
        raise ValueError(f"{name}: its name does not tell what it is; say its `format`")
    data = workspace.read(name)
    document = read_data(data, kind, name=name)
    for path, wanted in options.jsonpath.items():
        cause = compile_matcher(wanted).explain(compile_path(path)(document))
        if cause is not None:
            text = data.decode("utf-8-sig", errors="replace")
            line = line_of(text, kind, key_path(path, document))
            yield LocationEvidence(path=name, line=line, text=f"{path}: {cause}")
