"""What `code-metric` does when it runs; what it promises stands beside its options."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from readiness_gate.checks.chosen_files import chosen, in_scope, untouched
from readiness_gate.checks.compared import Comparison, compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, inconclusive, unreadable
from readiness_gate.checks.repository.code_counts import Count, Measure, measure_of
from readiness_gate.checks.repository.code_metric import CodeMetricOptions
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers.threshold import threshold
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed


def run(context: CheckContext, options: CodeMetricOptions) -> CheckResult:
    """Measure the files, and those that changed at the base too."""
    measure = measure_of(options.metric, options.markers)
    try:
        names = chosen(context.workspace, options.path, options.exclude)
        if not names:
            raise inconclusive(f"no file at {', '.join(options.path)}")
        looked_at = in_scope(context, names, options.scope)
        if not looked_at:
            return untouched(names)
        now = _sum(context, context.workspace, looked_at, measure)
        comparison = compared(context) if options.ratchet else None
        before = None
        if comparison is not None:
            before = _before(context, comparison, now, options, measure)
    except (PathRefused, OSError) as error:
        return unreadable(error)
    except Unclear as unclear:
        return unclear.result
    if options.ratchet and before is None and not options.limit:
        return not_applicable("there is no pull request, so no base to compare with")
    return _judged(now, before, len(looked_at), options)


def _judged(
    now: Count, before: Count | None, files: int, options: CodeMetricOptions
) -> CheckResult:
    value = _value(now, options)
    if value is None:
        thing = "function" if options.metric == "type-hints" else "module, class or function"
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"there is no {thing} to measure")
    said = f"{options.metric} {_said(value, options)} over {files} file{'s' if files > 1 else ''}"
    causes = []
    if options.limit and (cause := threshold(options.limit, options.unit).explain(value)):
        causes.append(cause)
    earlier = _value(before, options) if before is not None else None
    if earlier is not None:
        worse = value > earlier if options.metric == "markers" else value < earlier
        if worse:
            causes.append(f"at the base it was {_said(earlier, options)}")
        said += f", {_said(earlier, options)} at the base"
    if causes:
        lines = [f"{one.path}:{one.line}: {one.text}" for one in now.places]
        return failed(
            f"{options.metric}: {_said(value, options)} over {files} files: {'; '.join(causes)}",
            details="\n".join(lines),
            evidence=now.places,
        )
    return passed(said)


def _value(count: Count, options: CodeMetricOptions) -> float | None:
    if options.metric == "markers":
        return float(count.part)
    return 100.0 * count.part / count.whole if count.whole else None


def _said(value: float, options: CodeMetricOptions) -> str:
    return f"{value:g}" if options.metric == "markers" else f"{value:.1f} %"


def _sum(
    context: CheckContext, workspace: Workspace, names: Sequence[str], measure: Measure
) -> Count:
    deadline = Deadline(context.clock, context.timeout)
    total = Count()
    for number, name in enumerate(names):
        if deadline.passed:
            raise inconclusive(f"time ran out after {number} of {len(names)} files")
        try:
            total = total.plus(measure(name, workspace.read(name)))
        except ValueError as error:
            if isinstance(error, PathRefused):
                raise
            raise inconclusive(f"{name}: {error}") from None
    return total


def _before(
    context: CheckContext,
    comparison: Comparison,
    now: Count,
    options: CodeMetricOptions,
    measure: Measure,
) -> Count:
    """Return the count at the base: today's, less that of the changed files, plus their old one."""
    changed = [one.path for one in comparison.changed]
    with tempfile.TemporaryDirectory(dir=context.scratch or None) as folder:
        tree = Path(folder, "base")
        tree.mkdir()
        try:
            comparison.git.export(comparison.base, tree, changed)
        except GitUnavailable as error:
            raise ConfigurationError(f"the base cannot be read: {error}") from error
        base = Workspace(tree)
        names = chosen(base, options.path, options.exclude, part=True)
        old = _sum(context, base, names, measure)
    there = set(chosen(context.workspace, options.path, options.exclude))
    new = _sum(context, context.workspace, [one for one in changed if one in there], measure)
    return now.plus(new, -1).plus(old)
