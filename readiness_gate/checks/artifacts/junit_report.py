"""`junit-report`: tests that another job ran, counted from the JUnit XML that it left behind.

A report is what was measured, so no file, no test in it, or nothing but skipped tests is never a
pass. A test that failed and passed when it was run again within one report is flaky: it fails
unless `retries` is set, and is named in either case.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from readiness_gate.checks.artifact_files import first_found, reports
from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.checks.report_places import in_checkout
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.formats.junit import JUnitCase, JUnitReport, read_junit
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import LocationEvidence, TableEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

USUAL = ("**/junit*.xml", "**/TEST-*.xml", "**/test-results/**/*.xml", "**/pytest*.xml")
_SHOWN = 20


class JunitReportOptions(CheckOptions):
    """Which reports are read, and what is asserted of their tests."""

    path: OneOrMany = Field(
        default=(),
        description="Paths or patterns, each of which has to lead to a report; default the usual "
        "names: junit*.xml, TEST-*.xml, pytest*.xml, test-results/.",
    )
    minimum: int = Field(default=1, ge=1, description="How many tests have to run, at least.")
    skipped: Expectation = Field(
        default=None, description="What the number of skipped tests has to be, such as {le: 3}."
    )
    tests: OneOrMany = Field(
        default=(), description="Tests that have to have passed, by name or CLASS.NAME."
    )
    retries: Flag = Field(
        default=False,
        description="Whether a test that failed counts as passed if a later run in the same report "
        "passed.",
    )
    directory: str = Field(
        default="", description="Folder of the checkout that the tests ran in, for their places."
    )


def run(context: CheckContext, options: JunitReportOptions) -> CheckResult:
    """Read every report and judge all tests together."""
    try:
        patterns = options.path or first_found(context, USUAL, "JUnit report")
        found = reports(context, patterns, read_junit, kind="JUnit report")
    except Unclear as unclear:
        return unclear.result
    flaky: list[str] = []
    cases: list[JUnitCase] = []
    for name, report in found:
        if not report.cases:
            return cannot_tell(ErrorClass.INCONCLUSIVE, f"{name} holds no test")
        if report.unexplained:
            summary = f"{name} counts {report.unexplained} failures and shows none"
            return cannot_tell(ErrorClass.INCONCLUSIVE, summary)
        cases += _settled(report, flaky, retries=options.retries)
    tests = JUnitReport(tuple(cases))
    if tests.broken:
        return _broken(context, options, tests)
    return _judged(options, tests, flaky, counted(len(found), "report"))


def _settled(report: JUnitReport, flaky: list[str], *, retries: bool) -> Sequence[JUnitCase]:
    """Return the tests of one report, each that was run again only as it ended."""
    if not report.broken:
        return report.cases
    last: Mapping[str, JUnitCase] = {case.id: case for case in report.cases}
    again = {case.id for case in report.broken if last[case.id].outcome == "passed"}
    flaky += sorted(again)
    if not retries:
        return report.cases
    return [case for case in report.cases if case.id not in again or case is last[case.id]]


def _judged(
    options: JunitReportOptions, tests: JUnitReport, flaky: Sequence[str], where: str
) -> CheckResult:
    ran, skipped = tests.count("passed"), tests.count("skipped")
    if not ran:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE, f"all {counted(skipped, 'test')} of {where} were skipped"
        )
    problems = list(_problems(options, tests))
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(f"{problems[0]}{more}", details="\n".join(problems[:_SHOWN]))
    also = f", {skipped} skipped" if skipped else ""
    also += f", {len(flaky)} only when run again" if flaky else ""
    details = "\n".join(f"passed only when run again: {one}" for one in flaky[:_SHOWN])
    return passed(f"{counted(ran, 'test')} passed in {where}{also}", details=details)


def _problems(options: JunitReportOptions, tests: JUnitReport) -> Iterator[str]:
    ran = tests.count("passed")
    if ran < options.minimum:
        yield f"{counted(ran, 'test')} ran, at least {options.minimum} are required"
    if "skipped" in options.model_fields_set:
        cause = compile_matcher(options.skipped).explain(tests.count("skipped"))
        if cause is not None:
            yield f"skipped tests: {cause}"
    for name in options.tests:
        named = [case for case in tests.cases if _is_called(case, name)]
        if not named:
            yield f"there is no test {name}"
        elif any(case.outcome != "passed" for case in named):
            yield f"{name} was not run but skipped"


def _is_called(case: JUnitCase, name: str) -> bool:
    """Return whether a test has this name; a name without `[…]` is all its parameters."""
    bare = case.name.partition("[")[0]
    names = {case.name, bare}
    return name in names | {f"{case.classname}{sign}{one}" for one in names for sign in (".", "::")}


def _broken(context: CheckContext, options: JunitReportOptions, tests: JUnitReport) -> CheckResult:
    lines = [_line(case) for case in tests.broken]
    more = f"; and {len(lines) - 1} more" if len(lines) > 1 else ""
    table = TableEvidence(
        title="Tests that failed",
        columns=("test", "place", "why"),
        rows=tuple((case.id, _place(case), case.message) for case in tests.broken[:_SHOWN]),
        omitted=max(0, len(lines) - _SHOWN),
    )
    ran = counted(tests.count("passed", "failed", "error"), "test")
    return failed(
        f"{len(lines)} of {ran} failed: {lines[0]}{more}",
        details="\n".join(lines[:_SHOWN]),
        evidence=(table, *_locations(context, options, tests.broken)),
    )


def _line(case: JUnitCase) -> str:
    place = f" ({_place(case)})" if case.file else ""
    return f"{case.id}{place}: {case.message}" if case.message else f"{case.id}{place}"


def _place(case: JUnitCase) -> str:
    if case.file is None:
        return ""
    return case.file if case.line is None else f"{case.file}:{case.line}"


def _locations(
    context: CheckContext, options: JunitReportOptions, broken: Sequence[JUnitCase]
) -> Iterator[LocationEvidence]:
    """Yield the places that are files of the checkout: what ran elsewhere may name others."""
    for case in broken[:_SHOWN]:
        path = in_checkout(context.workspace, case.file or "", options.directory)
        if path is not None:
            yield LocationEvidence(path=path, line=case.line, text=case.message)


CHECK = Check(
    id="junit-report",
    title="The tests that CI ran have passed",
    family=Family.ARTIFACTS,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=JunitReportOptions,
    run=run,
    remediation="Make the failing tests pass; each stands with its place.",
    example={
        "path": "reports/backend/junit.xml",
        "minimum": 200,
        "skipped": {"le": 3},
        "tests": ["test_login", "tests.test_orders.test_total"],
    },
)
