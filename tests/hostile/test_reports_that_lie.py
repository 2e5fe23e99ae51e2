"""Reports that contradict themselves, or that look clean because of how they are written."""

import json
from pathlib import Path

import pytest

from readiness_gate.checks import CHECKS
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.result import CheckResult
from tests.engine.builders import result_of
from tests.fakes.context import context
from tests.fakes.options import options


def run(tmp_path: Path, check_id: str, text: str, content: str) -> CheckResult:
    (tmp_path / "report").write_text(content, encoding="utf-8")
    check = CHECKS[check_id]
    return result_of(BoundCheck(check, options(check, text), "item"), context(workspace=tmp_path))


@pytest.mark.parametrize("state", ["failed", "Failure", "error", "fail", "broken"])
@pytest.mark.parametrize("attribute", ["status", "result"])
def test_a_test_that_says_by_an_attribute_that_it_failed_has_failed(
    tmp_path: Path, attribute: str, state: str
) -> None:
    text = f'<testsuite><testcase name="a" {attribute}="{state}"/></testsuite>'
    assert run(tmp_path, "junit-report", "{path: report}", text).outcome is Outcome.FAILED


@pytest.mark.parametrize("element", ["error", "failure"])
def test_a_suite_that_failed_beside_tests_that_passed_is_never_green(
    tmp_path: Path, element: str
) -> None:
    text = f'<testsuite><testcase name="a"/><{element} message="set-up"/></testsuite>'
    assert run(tmp_path, "junit-report", "{path: report}", text).outcome is Outcome.ERROR


def test_one_report_by_two_spellings_of_its_path_counts_once(tmp_path: Path) -> None:
    text = '<testsuite><testcase name="a"/></testsuite>'
    result = run(tmp_path, "junit-report", "{path: [report, ./report], minimum: 2}", text)
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mypy", "Success: no issues found in 1 source file\nTraceback (most recent call last):\n"),
        ("flake8", "0\nTraceback (most recent call last):\n  boom\n"),
        ("eslint", '[{"filePath": "a.ts", "messages": [], "errorCount": 3}]'),
        ("eslint", '[{"filePath": "a.ts", "messages": [], "fatalErrorCount": 1}]'),
    ],
)
def test_a_linter_that_contradicts_itself_cannot_be_told(
    tmp_path: Path, kind: str, text: str
) -> None:
    result = run(tmp_path, "lint-report", f"{{path: report, format: {kind}}}", text)
    assert result.outcome is Outcome.ERROR


def test_results_that_lie_in_another_file_cannot_be_told(tmp_path: Path) -> None:
    elsewhere = {"results": [{"location": {"uri": "more.sarif-external-properties"}}]}
    one = {"tool": {"driver": {"name": "a"}}, "results": []}
    log = {"version": "2.1.0", "runs": [{**one, "externalPropertyFileReferences": elsewhere}]}
    result = run(tmp_path, "sarif-report", "{path: report}", json.dumps(log))
    assert result.outcome is Outcome.ERROR


@pytest.mark.parametrize(("first", "second"), [(0.1, 9), (9, 0.1)])
@pytest.mark.parametrize(
    ("metric", "limit"), [("mean", "<1s"), ("ops", ">5")], ids=["time", "rate"]
)
def test_of_two_benchmarks_of_one_name_the_worse_counts(
    tmp_path: Path, first: float, second: float, metric: str, limit: str
) -> None:
    found = [
        {"name": "a", "stats": {"mean": mean, "ops": 1 / mean, "rounds": 5}}
        for mean in (first, second)
    ]
    text = f"{{path: report, metrics: {{a.{metric}: '{limit}'}}}}"
    result = run(tmp_path, "performance-report", text, json.dumps({"benchmarks": found}))
    assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("text", "metric", "limit"),
    [
        ('{"benchmarks": [{"name": "a", "stats": {"mean": -3, "rounds": 5}}]}', "a.mean", "<1s"),
        ("Type,Name,Request Count,Failure Count\n,Aggregated,10,-5\n", "failure-rate", "<1%"),
        ("Type,Name,Request Count,50%\n,Aggregated,10,-5\n", "p50", "<1s"),
    ],
)
def test_a_time_or_a_share_below_zero_cannot_be_told(
    tmp_path: Path, text: str, metric: str, limit: str
) -> None:
    given = f"{{path: report, metrics: {{{metric}: '{limit}'}}}}"
    assert run(tmp_path, "performance-report", given, text).outcome is Outcome.ERROR
