"""What `test-run` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.junit_judged import SHOWN, broken, problems_of
from readiness_gate.checks.placed_report import run_with_report
from readiness_gate.checks.placed_run import (
    cannot_run,
    command_evidence,
    cut_off,
    in_words,
    out_of_time,
)
from readiness_gate.checks.project_files import counted
from readiness_gate.checks.stack.test_run import TestRunOptions
from readiness_gate.checks.told_warnings import told_warnings
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.formats.junit import JUnitCase, JUnitReport, read_junit, together
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import Evidence, LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed


def run(context: CheckContext, options: TestRunOptions) -> CheckResult:
    """Run the suite, read its report, and judge both."""
    done, reports = run_with_report(context, options, options.junit)
    what = f"{in_words(options.command)} ({options.where})"
    evidence = (command_evidence(options, done),)
    if done.timed_out:
        return out_of_time(what, context.timeout, evidence)
    if not reports:
        return _without_report(options, done, what, evidence)
    try:
        report = together([read_junit(one) for one in reports])
    except ValueError as error:
        summary = f"{what}: {options.junit} is no report: {error}"
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, evidence=evidence)
    if report.broken:
        return broken(report, [*_locations(context, options, report.broken), *evidence])
    return _judged(options, report, done, what, evidence)


def _without_report(
    options: TestRunOptions, done: Completed, what: str, evidence: Sequence[Evidence]
) -> CheckResult:
    refused = cannot_run(done)
    if refused is not None:
        summary = f"{what}: {refused}"
        return cannot_tell(ErrorClass.CONFIGURATION, summary, evidence=evidence)
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"{what}: exit code {done.exit_code}, and this run wrote no report at {options.junit}",
        evidence=evidence,
        remediation=f"Let the command write JUnit XML to {options.junit}.",
    )


def _judged(
    options: TestRunOptions,
    report: JUnitReport,
    done: Completed,
    what: str,
    evidence: Sequence[Evidence],
) -> CheckResult:
    """Judge a report in which no test failed."""
    ran, skipped = report.count("passed"), report.count("skipped")
    if report.cases and not done.succeeded:
        summary = f"{what}: exit code {done.exit_code}, though no test of the report failed"
        return failed(summary, evidence=evidence)
    doubt = _doubt(report, done, ran, skipped)
    if doubt:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{what}: {doubt}", evidence=evidence)
    skipped_rule = [options.skipped] if "skipped" in options.model_fields_set else []
    problems = list(problems_of(report, options.minimum, options.tests, skipped_rule))
    problems += _warnings(options, done)
    if problems:
        details = "\n".join(problems)
        return failed(f"{what}: {problems[0]}", details=details, evidence=evidence)
    if "warnings" in options.model_fields_set and _is_cut(done):
        summary = f"{what}: it printed too much for its warnings to be counted"
        return cannot_tell(ErrorClass.INCONCLUSIVE, summary, evidence=evidence)
    also = f", {skipped} skipped" if skipped else ""
    summary = f"{counted(ran, 'test')} passed{also} in {done.seconds:.1f} s ({options.where})"
    return passed(summary, evidence=evidence)


def _doubt(report: JUnitReport, done: Completed, ran: int, skipped: int) -> str:
    if not report.cases:
        return f"no test was collected, exit code {done.exit_code}"
    if report.unexplained:
        return f"the report counts {report.unexplained} failures and shows none"
    return "" if ran else f"all {skipped} tests were skipped"


def _warnings(options: TestRunOptions, done: Completed) -> Iterator[str]:
    if "warnings" in options.model_fields_set and not _is_cut(done):
        cause = compile_matcher(options.warnings).explain(told_warnings(done.output))
        if cause is not None:
            yield f"warnings: {cause}"


def _is_cut(done: Completed) -> bool:
    return cut_off(done.stdout) or cut_off(done.stderr)


def _locations(
    context: CheckContext, options: TestRunOptions, broken: Sequence[JUnitCase]
) -> Iterator[LocationEvidence]:
    """Yield the places that are files of the checkout: what ran elsewhere may name others."""
    root = f"{context.workspace.root}/"
    for case in broken[:SHOWN]:
        file = (case.file or "").removeprefix(root)
        folder = options.directory if options.in_ == "host" and options.directory else "."
        for path in (file, str(PurePosixPath(folder, file))):
            try:
                is_file = bool(file) and context.workspace.path(path).is_file()
            except PathRefused:
                continue
            if is_file:
                yield LocationEvidence(path=path, line=case.line, text=case.message)
                break
