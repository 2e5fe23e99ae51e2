"""`test-run`: a test suite ran, tests were counted, and none of them failed.

Both have to say so: the exit code, and the JUnit report that this very run wrote. No report, or
no test in it, is never a pass. Any runner will do that writes JUnit XML, into one file or many.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from readiness_gate.checks.base import Check, CheckContext
from readiness_gate.checks.junit_judged import SHOWN, broken, problems_of
from readiness_gate.checks.place import PlacedOptions, placed_needs
from readiness_gate.checks.placed_report import is_pattern, run_with_report
from readiness_gate.checks.placed_run import (
    cannot_run,
    command_evidence,
    cut_off,
    in_words,
    out_of_time,
)
from readiness_gate.checks.project_files import counted
from readiness_gate.checks.told_warnings import told_warnings
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.formats.junit import JUnitCase, JUnitReport, read_junit, together
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import Evidence, LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_PATTERN = re.compile(r"[A-Za-z0-9/._@+*?\[\]-]+")


def _inside(path: str) -> str:
    if "\0" in path or ".." in PurePosixPath(path).parts:
        raise ValueError("the path of the report does not climb")
    if is_pattern(path) and ("**" in path or not _PATTERN.fullmatch(path)):
        raise ValueError("a pattern has letters, digits, /._@+- and *, ? or [ ]; no **")
    return path


class TestRunOptions(PlacedOptions):
    """The command, the report it writes, and what is asserted of its tests."""

    junit: Annotated[Text, AfterValidator(_inside)] = Field(
        description="JUnit XML that the command writes, relative to where it runs; a pattern such "
        "as target/surefire-reports/TEST-*.xml where it writes several."
    )
    minimum: int = Field(default=1, ge=1, description="How many tests have to run, at least.")
    skipped: Expectation = Field(
        default=None, description="What the number of skipped tests has to be, such as {le: 3}."
    )
    warnings: Expectation = Field(
        default=None,
        description="What the number of warnings has to be, such as {le: 0}: as pytest sums them "
        "up, else the lines that are warnings.",
    )
    tests: OneOrMany = Field(
        default=(), description="Tests that have to have passed, by name or CLASS.NAME."
    )


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


CHECK = Check(
    id="test-run",
    title="The test suite passes",
    family=Family.STACK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK}),
    options=TestRunOptions,
    run=run,
    remediation="Make the failing tests pass; each stands with its place.",
    refine_needs=placed_needs,
)
