import json
from pathlib import Path

import pytest

from readiness_gate.checks.artifacts.performance_report import CHECK
from readiness_gate.model.outcome import Outcome
from tests.fakes.artifacts import is_unclear, never_passes, run, write
from tests.fakes.options import refusal
from tests.formats.performance_reports import AXE, BENCHMARK, K6, LIGHTHOUSE, LOCUST

REPORTS = {
    "k6.json": (K6, "{http_req_duration.p(95): <200ms, http_req_failed.rate: <1%}"),
    "locust.csv": (LOCUST, "{p95: <200ms, failure-rate: <=1%, GET /orders p95: <200ms}"),
    "lighthouse.json": (LIGHTHOUSE, "{performance: '>=90%', largest-contentful-paint: <3s}"),
    "axe.json": (AXE, "{critical: ==0, serious: <=1}"),
    "benchmark.json": (BENCHMARK, "{'*.mean': <10ms}"),
}


@pytest.mark.parametrize("name", list(REPORTS))
def test_figures_within_their_limits_pass(tmp_path: Path, name: str) -> None:
    content, metrics = REPORTS[name]
    (tmp_path / name).write_text(content)
    result = run(CHECK, tmp_path, f"{{path: {name}, metrics: {metrics}}}")
    assert result.outcome is Outcome.PASSED, result.summary
    assert "within limits" in result.summary


@pytest.mark.parametrize(
    ("name", "metrics", "cause"),
    [
        (
            "k6.json",
            "{http_req_duration.p(95): <100ms}",
            "http_req_duration.p(95): expected <100ms",
        ),
        ("locust.csv", "{failure-rate: <1%}", "failure-rate: expected <1%, got 1.0 %"),
        ("lighthouse.json", "{performance: '>95%'}", "performance: expected >95%, got 92.0 %"),
        ("axe.json", "{violations: ==0}", "violations: expected ==0, got 1"),
        ("benchmark.json", "{test_*.max: <1ms}", "test_total.max: expected <1ms, got 9 ms"),
    ],
)
def test_a_figure_out_of_its_limit_fails(
    tmp_path: Path, name: str, metrics: str, cause: str
) -> None:
    (tmp_path / name).write_text(REPORTS[name][0])
    result = run(CHECK, tmp_path, f"{{path: {name}, metrics: {metrics}}}")
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"{name}: {cause}")


def test_a_threshold_of_k6_that_did_not_hold_fails(tmp_path: Path) -> None:
    write(tmp_path, k_dot_json=K6.replace('"ok": true', '"ok": false'))
    result = run(CHECK, tmp_path, "{path: k.json, metrics: {http_req_failed.rate: <1%}}")
    assert result.outcome is Outcome.FAILED
    assert "its own threshold did not hold: http_req_duration: p(95)<500" in result.summary


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{path: k6.json, metrics: {checks.rate: <1%}}", "checks.rate was not measured"),
        ("{path: k6.json, metrics: {http_req_failed.rate: <1s}}", "not measured in the unit"),
        ("{path: axe.json, metrics: {violations: <1%}}", "not measured in the unit"),
        ("{path: k6.json, metrics: {http_reqs.count: '>1'}, samples: 5000}", "1000 samples, at"),
        ("{path: k6.json, format: locust, metrics: {p95: <1s}}", "of k6, not of locust"),
        ("{path: [k6.json, gone], metrics: {http_reqs.count: '>1'}}", "no performance report at"),
    ],
)
def test_what_was_not_measured_cannot_be_told(tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path, k6_dot_json=K6, axe_dot_json=AXE)
    is_unclear(run(CHECK, tmp_path, text), words)


def test_what_measured_nothing_cannot_be_told(tmp_path: Path) -> None:
    for content, metric in (
        ('{"violations": [], "passes": []}', "violations"),
        (K6.replace('"count": 1000', '"count": 0'), "http_reqs.count"),
        ('{"benchmarks": []}', "a.mean"),
    ):
        write(tmp_path, r_dot_json=content)
        text = f"{{path: r.json, metrics: {{{metric}: <1}}}}"
        is_unclear(run(CHECK, tmp_path, text), "0 samples, at least 1 wanted")


def test_a_benchmark_of_another_commit_is_refused(tmp_path: Path) -> None:
    report = json.loads(BENCHMARK)
    report["commit_info"] = {"id": "b" * 40}
    write(tmp_path, b_dot_json=json.dumps(report))
    text = "{path: b.json, metrics: {'*.mean': <1s}}"
    is_unclear(run(CHECK, tmp_path, text, head="a" * 40), "is about commit bbbb")
    assert run(CHECK, tmp_path, text, head="b" * 40).outcome is Outcome.PASSED


def test_what_is_no_report_is_never_a_pass(tmp_path: Path) -> None:
    never_passes(CHECK, tmp_path, "{path: p.json, metrics: {p95: <1s}}", "p.json")


def test_options_that_assert_nothing_are_refused() -> None:
    assert "metrics" in refusal(CHECK, "path: a.json")
    assert "metrics" in refusal(CHECK, "{path: a.json, metrics: {}}")
    assert "no comparison such as" in refusal(CHECK, "{path: a, metrics: {p95: 200ms}}")
