"""`junit-report`: tests that another job ran, counted from the JUnit XML that it left behind.

A report is what was measured, so no file, no test in it, or nothing but skipped tests is never a
pass. A test that failed and passed when it was run again within one report is flaky: it fails
unless `retries` is set, and is named in either case. A suite may name its commit in a property such
as `GITHUB_SHA` or `git.commit.id`; one of another commit is refused.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from readiness_gate.checks.artifact_files import first_found, of_this_commit, reports
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.junit_judged import SHOWN, broken, problems_of
from readiness_gate.checks.project_files import Unclear, counted
from readiness_gate.checks.report_places import in_checkout
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.formats.junit import JUnitCase, JUnitReport, read_junit
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

USUAL = ("**/junit*.xml", "**/TEST-*.xml", "**/test-results/**/*.xml", "**/pytest*.xml")


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
        for name, report in found:
            of_this_commit(context, name, report.commits)
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
        return broken(tests, list(_locations(context, options, tests.broken)))
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
    skipped_rule = [options.skipped] if "skipped" in options.model_fields_set else []
    problems = list(problems_of(tests, options.minimum, options.tests, skipped_rule))
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(f"{problems[0]}{more}", details="\n".join(problems[:SHOWN]))
    also = f", {skipped} skipped" if skipped else ""
    also += f", {len(flaky)} only when run again" if flaky else ""
    details = "\n".join(f"passed only when run again: {one}" for one in flaky[:SHOWN])
    return passed(f"{counted(ran, 'test')} passed in {where}{also}", details=details)


def _locations(
    context: CheckContext, options: JunitReportOptions, broken: Sequence[JUnitCase]
) -> Iterator[LocationEvidence]:
    """Yield the places that are files of the checkout: what ran elsewhere may name others."""
    for case in broken[:SHOWN]:
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
    work=run,
    remediation="Make the failing tests pass; each stands with its place.",
    example={
        "path": "reports/backend/junit.xml",
        "minimum": 200,
        "skipped": {"le": 3},
        "tests": ["test_login", "tests.test_orders.test_total"],
    },
)
