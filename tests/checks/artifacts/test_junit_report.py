from pathlib import Path

import pytest

from readiness_gate.checks.artifacts.junit_report import CHECK
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import Outcome
from tests.fakes.artifacts import is_unclear, never_passes, run, write
from tests.fakes.options import refusal


def suite(*cases: str) -> str:
    return f"<testsuite>{''.join(cases)}</testsuite>"


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="tests.test_orders" name="{name}">{inside}</testcase>'


FAILURE = '<failure message="assert 3 == 2">/ci/work/tests/test_orders.py:12: X</failure>'
GOOD = suite(case("test_total"), case("test_stock[a]"), case("test_later", "<skipped/>"))


def test_tests_of_several_reports_count_together(tmp_path: Path) -> None:
    write(tmp_path, **{"a__junit_dot_xml": GOOD, "b__TEST-x_dot_xml": GOOD})
    result = run(CHECK, tmp_path, "{minimum: 4, tests: [test_total, test_stock]}")
    assert result.outcome is Outcome.PASSED
    assert result.summary == "4 tests passed in 2 reports, 2 skipped"


def test_a_test_that_failed_is_placed_in_the_checkout(tmp_path: Path) -> None:
    report = suite(case("test_total"), case("test_stock", FAILURE))
    write(tmp_path, junit_dot_xml=report, tests__test_orders_dot_py="x\n")
    result = run(CHECK, tmp_path, "path: junit.xml")
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("1 of 2 tests failed: tests.test_orders.test_stock")
    places = [one for one in result.evidence if isinstance(one, LocationEvidence)]
    assert [(one.path, one.line) for one in places] == [("tests/test_orders.py", 12)]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{path: j.xml, minimum: 3}", "2 tests ran, at least 3 are required"),
        ("{path: j.xml, skipped: 0}", "skipped tests: "),
        ("{path: j.xml, tests: test_gone}", "there is no test test_gone"),
        ("{path: j.xml, tests: test_later}", "test_later was not run but skipped"),
    ],
)
def test_what_is_asserted_and_not_true_fails(tmp_path: Path, text: str, cause: str) -> None:
    write(tmp_path, j_dot_xml=GOOD)
    result = run(CHECK, tmp_path, text)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(cause)


def test_a_retry_counts_only_where_it_is_asked_for_and_is_named(tmp_path: Path) -> None:
    write(tmp_path, j_dot_xml=suite(case("test_a", FAILURE), case("test_a")))
    assert run(CHECK, tmp_path, "path: j.xml").outcome is Outcome.FAILED
    result = run(CHECK, tmp_path, "{path: j.xml, retries: true}")
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 test passed in 1 report, 1 only when run again",
    )
    assert "tests.test_orders.test_a" in result.details


def test_a_pass_elsewhere_or_before_is_no_retry(tmp_path: Path) -> None:
    write(tmp_path, a_dot_xml=suite(case("test_a", FAILURE)), b_dot_xml=suite(case("test_a")))
    assert run(CHECK, tmp_path, "{path: '*.xml', retries: true}").outcome is Outcome.FAILED
    write(tmp_path, a_dot_xml=suite(case("test_a"), case("test_a", FAILURE)))
    assert run(CHECK, tmp_path, "{path: a.xml, retries: true}").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (suite(), "holds no test"),
        (suite(case("test_a", "<skipped/>")), "all 1 test of 1 report were skipped"),
        (f'<testsuite failures="2">{case("a")}</testsuite>', "counts 2 failures and shows none"),
    ],
)
def test_a_report_that_proves_nothing_cannot_be_told(
    tmp_path: Path, report: str, words: str
) -> None:
    write(tmp_path, j_dot_xml=report)
    is_unclear(run(CHECK, tmp_path, "path: j.xml"), words)


def test_each_place_that_is_named_has_to_lead_to_a_report(tmp_path: Path) -> None:
    write(tmp_path, j_dot_xml=GOOD)
    is_unclear(run(CHECK, tmp_path, "path: [j.xml, 'other/*.xml']"), "no JUnit report at other/")
    is_unclear(run(CHECK, tmp_path, "path: ../j.xml"), "leads out")


def test_the_gates_own_report_is_not_taken_for_tests(tmp_path: Path) -> None:
    (tmp_path / "readiness-report").mkdir()
    (tmp_path / "readiness-report/junit.xml").write_text(GOOD)
    is_unclear(run(CHECK, tmp_path, "{}"), "no JUnit report at")
    is_unclear(run(CHECK, tmp_path, "path: '**/*.xml'"), "no JUnit report at")


def test_without_a_path_the_usual_places_are_named(tmp_path: Path) -> None:
    result = run(CHECK, tmp_path, "{}")
    is_unclear(result, "no JUnit report at **/junit*.xml, **/TEST-*.xml")


def test_what_is_no_report_is_never_a_pass(tmp_path: Path) -> None:
    never_passes(CHECK, tmp_path, "path: j.xml", "j.xml")


def test_options_that_are_refused() -> None:
    assert "minimum" in refusal(CHECK, "minimum: 0")
