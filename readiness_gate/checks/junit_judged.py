"""What tests of a JUnit report have to be, and how those that failed are shown."""

from collections.abc import Iterator, Sequence

from readiness_gate.checks.project_files import counted
from readiness_gate.formats.junit import JUnitCase, JUnitReport
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation
from readiness_gate.model.evidence import Evidence, TableEvidence
from readiness_gate.model.result import CheckResult, failed

SHOWN = 20


def problems_of(
    tests: JUnitReport, minimum: int, names: Sequence[str], skipped: Sequence[Expectation]
) -> Iterator[str]:
    """Yield what does not hold of tests none of which failed.

    `skipped` holds what their number has to be, or nothing where it is free.
    """
    ran = tests.count("passed")
    if ran < minimum:
        yield f"{counted(ran, 'test')} ran, at least {minimum} are required"
    for wanted in skipped:
        cause = compile_matcher(wanted).explain(tests.count("skipped"))
        if cause is not None:
            yield f"skipped tests: {cause}"
    for name in names:
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


def broken(tests: JUnitReport, evidence: Sequence[Evidence]) -> CheckResult:
    """Return the failure of tests that failed, with a table of them before other evidence."""
    lines = [_line(case) for case in tests.broken]
    more = f"; and {len(lines) - 1} more" if len(lines) > 1 else ""
    table = TableEvidence(
        title="Tests that failed",
        columns=("test", "place", "why"),
        rows=tuple((case.id, _place(case), case.message) for case in tests.broken[:SHOWN]),
        omitted=max(0, len(lines) - SHOWN),
    )
    ran = counted(tests.count("passed", "failed", "error"), "test")
    return failed(
        f"{len(lines)} of {ran} failed: {lines[0]}{more}",
        details="\n".join(lines[:SHOWN]),
        evidence=(table, *evidence),
    )


def _line(case: JUnitCase) -> str:
    place = f" ({_place(case)})" if case.file else ""
    return f"{case.id}{place}: {case.message}" if case.message else f"{case.id}{place}"


def _place(case: JUnitCase) -> str:
    if case.file is None:
        return ""
    return case.file if case.line is None else f"{case.file}:{case.line}"
