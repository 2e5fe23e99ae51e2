import pytest

from readiness_gate.formats.performance import Figure, read_performance
from tests.formats.performance_reports import (
    AXE,
    BENCHMARK,
    K6,
    K6_EXPORT,
    LIGHTHOUSE,
    LOCUST,
    LOCUST_JSON,
)


@pytest.mark.parametrize(
    ("report", "name", "figure"),
    [
        (K6, "http_req_duration.p(95)", Figure(150.25, "k6 trend")),
        (K6, "http_req_failed.rate", Figure(0.002, "share")),
        (K6_EXPORT, "http_req_duration.p(95)", Figure(150.25, "k6 trend")),
        (K6_EXPORT, "http_req_failed.value", Figure(0.002, "share")),
        (LOCUST, "p95", Figure(0.15, "time")),
        (LOCUST, "GET /orders average", Figure(0.0255, "time")),
        (LOCUST, "failure-rate", Figure(0.01, "share")),
        (LOCUST_JSON, "p95", Figure(0.2, "time")),
        (LOCUST_JSON, "GET /orders p90", Figure(0.01, "time")),
        (LOCUST_JSON, "max", Figure(0.9, "time")),
        (LIGHTHOUSE, "total-byte-weight", Figure(300000.0, "bytes")),
        (AXE, "serious", Figure(1.0, "number")),
        (BENCHMARK, "test_total.ops", Figure(500.0, "number")),
    ],
)
def test_figures(report: str, name: str, figure: Figure) -> None:
    found = read_performance(report.encode()).figures[name]
    assert found.value == pytest.approx(figure.value)
    assert found.kind == figure.kind


def test_thresholds_of_k6_say_crossed_in_one_form_and_held_in_the_other() -> None:
    assert read_performance(K6.encode()).crossed == ()
    assert read_performance(K6_EXPORT.encode()).crossed == ("http_req_duration: max<1",)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ('{"lighthouseVersion": "1", "runtimeError": {"code": "NO_FCP"}}', "Lighthouse failed"),
        ('{"a": 1}', "neither k6"),
        ("[1]", "neither axe nor Locust"),
        ('[{"num_requests": 1, "response_times": {"x": 1}}]', "no times"),
        ("x", "neither JSON"),
    ],
)
def test_what_is_no_report(report: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_performance(report.encode())


def test_a_violation_of_unknown_impact_is_not_mild() -> None:
    report = b'{"violations": [{"id": "x", "impact": "odd"}]}'
    assert read_performance(report).figures["critical"].value == 1
