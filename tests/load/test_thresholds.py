import pytest

from readiness_gate.load.tally import Counted, Tally
from readiness_gate.load.thresholds import load_threshold


def tally(*, failed: int = 0, slow: int = 0, refused: int = 0) -> Tally:
    one = Counted("GET /a", expected=100, received=1000)
    one.unexpected = {500: failed, 429: refused}
    for number in range(100):
        one.latency.record(0.5 if number < slow else 0.05)
    return Tally((one, Counted("empty")), seconds=10.0, planned=100, dropped=3)


@pytest.mark.parametrize(
    ("metric", "text", "holds"),
    [
        ("http_req_duration", "p(95)<200", True),
        ("http_req_duration", "p(95)<200ms", True),
        ("http_req_duration", "p(95) < 0.2s", True),
        ("http_req_duration", "max<49", False),
        ("http_req_duration", "min>=50", True),
        ("http_req_duration", "avg<51", True),
        ("http_req_duration", "med<=51", True),
        ("http_req_duration{name:GET /a}", "p(99.9)<51", True),
        ("http_req_duration{name: GET /a}", "p(99.9)<49", False),
        ("http_req_failed", "rate<0.01", True),
        ("http_req_failed", "rate<1%", True),
        ("http_req_failed", "rate===0", True),
        ("http_req_limited", "rate<0.01", True),
        ("http_reqs", "count>=100", True),
        ("http_reqs", "rate>10", False),
        ("http_reqs", "rate>=10", True),
        ("dropped_iterations", "count<3", False),
        ("dropped_iterations", "rate<1", True),
        ("data_received", "count>=1000", True),
    ],
)
def test_a_threshold_is_judged_as_k6_does(metric: str, text: str, holds: bool) -> None:
    limit = load_threshold(metric, text)
    assert (limit.limit.explain(limit.measured(tally())) is None) is holds


def test_failures_are_a_share_of_those_that_were_not_refused() -> None:
    limit = load_threshold("http_req_failed", "rate<1%")
    assert limit.measured(tally(failed=25, refused=900)) == pytest.approx(20.0)
    limited = load_threshold("http_req_limited", "rate<0.5")
    assert limited.measured(tally(refused=100)) == pytest.approx(0.5)


def test_what_was_not_measured_has_no_figure() -> None:
    for metric, text in (("http_req_duration", "p(95)<200"), ("http_req_failed", "rate<1%")):
        limit = load_threshold(f"{metric}{{name:empty}}", text)
        assert limit.measured(tally()) is None
        assert limit.limit.explain(None) is not None


@pytest.mark.parametrize(
    ("text", "fewest"), [("p(95)<1", 20), ("p(99.9)<1", 1000), ("max<1", 1), ("p(100)<1", 1)]
)
def test_a_percentile_needs_as_many_requests_as_make_one_of_it(text: str, fewest: int) -> None:
    assert load_threshold("http_req_duration", text).fewest == fewest


@pytest.mark.parametrize(
    ("metric", "text", "said"),
    [
        ("http_req_durations", "p(95)<200", "is none of http_req_duration"),
        ("iteration_duration", "p(95)<200", "is none of"),
        ("http_req_duration", "rate<0.01", "has avg, max, med, min, p"),
        ("http_req_failed", "p(95)<0.01", "has rate"),
        ("http_req_duration", "p(95)", "is no threshold such as"),
        ("http_req_duration", "p(195)<200", "is no threshold such as"),
        ("http_req_duration", "p(95)<fast", "duration"),
        ("http_req_failed", "rate<1s", "no limit"),
        ("dropped_iterations{name:a}", "count<1", "not counted by endpoint"),
    ],
)
def test_what_says_nothing_is_refused(metric: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        load_threshold(metric, text)
