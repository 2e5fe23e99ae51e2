"""What `sarif-report` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence

from readiness_gate.checks.artifact_files import first_found, of_this_commit, reports
from readiness_gate.checks.artifacts.sarif_report import SarifReportOptions
from readiness_gate.checks.compared import compared
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.checks.report_places import in_checkout
from readiness_gate.formats.sarif import SarifResult, read_sarif
from readiness_gate.model.evidence import LocationEvidence, TableEvidence
from readiness_gate.model.result import CheckResult, failed, not_applicable, passed

USUAL = ("**/*.sarif", "**/*.sarif.json")
_KIND = "SARIF report"
_SHOWN = 20
_LEVELS = {"error": 0, "warning": 1, "note": 2, "none": 3}
_SEVERITIES = {"critical": 9.0, "high": 7.0, "medium": 4.0, "low": 0.0}


def run(context: CheckContext, options: SarifReportOptions) -> CheckResult:
    """Read every report and count what is bad enough."""
    try:
        patterns = options.path or first_found(context, USUAL, _KIND)
        found = reports(context, patterns, read_sarif, kind=_KIND)
        for name, report in found:
            of_this_commit(context, name, report.commits)
    except Unclear as unclear:
        return unclear.result
    tools = sorted({tool for _, report in found for tool in report.tools})
    missing = [one for one in options.tools if one.lower() not in {two.lower() for two in tools}]
    if missing:
        return failed(
            f"there is no run of {missing[0]}, only of {', '.join(tools)}",
            remediation=f"Let CI run {missing[0]} and bring its report here.",
        )
    counting = [
        one
        for _, report in found
        for one in report.results
        if one.state != "absent" and one.rule not in options.ignore and _counts(one, options)
    ]
    if options.new:
        fresh = _new(context, counting)
        if fresh is None:
            return not_applicable("there is no pull request to compare, nor a state of findings")
        counting = fresh
    open_ = [one for one in counting if one.suppressed is None]
    suppressed = [one for one in counting if one.suppressed is not None]
    return _judged(context, options, open_, suppressed, ", ".join(tools))


def _counts(result: SarifResult, options: SarifReportOptions) -> bool:
    if result.security is not None:
        return result.security >= _SEVERITIES[options.severity]
    return _LEVELS[result.level] <= _LEVELS[options.level]


def _new(context: CheckContext, results: Sequence[SarifResult]) -> list[SarifResult] | None:
    """Return what is new, `None` where nothing tells."""
    if all(one.state for one in results):
        return [one for one in results if one.state != "unchanged"]
    comparison = compared(context)
    if comparison is None:
        return None
    lines = {file.path: file.numbers for file in comparison.changed}
    fresh = []
    for one in results:
        path = in_checkout(context.workspace, one.path)
        known = bool(one.state) or path is not None
        on_change = path in lines and (one.line is None or one.line in lines[path])
        # What has no place in the checkout may be new.
        if not known or (one.state != "unchanged" if one.state else on_change):
            fresh.append(one)
    return fresh


def _judged(
    context: CheckContext,
    options: SarifReportOptions,
    found: Sequence[SarifResult],
    suppressed: Sequence[SarifResult],
    tools: str,
) -> CheckResult:
    also = f", {len(suppressed)} suppressed" if suppressed else ""
    also += f", {options.maximum} allowed" if options.maximum else ""
    number = f"{counted(len(found), 'new finding' if options.new else 'finding')} of {tools}{also}"
    shown = TableEvidence(
        title="Suppressed",
        columns=("rule", "place", "why"),
        rows=tuple((one.rule, _place(one), one.suppressed or "") for one in suppressed[:_SHOWN]),
        omitted=max(0, len(suppressed) - _SHOWN),
    )
    if len(found) <= options.maximum:
        return passed(number, evidence=[shown] if suppressed else [])
    ranked = sorted(found, key=lambda one: (-_weight(one), one.path, one.line or 0))
    lines = [f"{_place(one)}: {_word(one)}: {one.rule}: {one.message}" for one in ranked[:_SHOWN]]
    places = []
    for one in ranked[:_SHOWN]:
        path = in_checkout(context.workspace, one.path)
        if path is not None:
            said = f"{one.rule}: {one.message}"[:300]
            places.append(LocationEvidence(path=path, line=one.line, text=said))
    return failed(
        f"{number}, first {lines[0]}",
        details="\n".join(lines),
        evidence=[*places, *([shown] if suppressed else [])],
    )


def _weight(result: SarifResult) -> float:
    levels = {"error": 7.0, "warning": 4.0, "note": 1.0, "none": 0.0}
    return result.security if result.security is not None else levels[result.level]


def _word(result: SarifResult) -> str:
    score = result.security
    if score is None:
        return result.level
    return next(name for name, least in _SEVERITIES.items() if score >= least)


def _place(result: SarifResult) -> str:
    return f"{result.path or 'no place'}{f':{result.line}' if result.line else ''}"
