import pytest

from readiness_gate.checks.network.metrics import CHECK
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.served import Asked, Reply, served
from tests.checks.network.served import ran as ran_against
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.web import FakeWeb, Request, answer

TEXT = {"content-type": "text/plain; version=0.0.4; charset=utf-8"}
PAGE = """# TYPE requests_total counter
requests_total{method="GET",status="200"} 5
requests_total{method="POST",status="201"} 2
# TYPE seconds histogram
seconds_bucket{le="0.1"} 3
seconds_bucket{le="+Inf"} 7
seconds_sum 0.5
seconds_count 7
# TYPE orders gauge
orders 3
"""


def ran(
    text: str, *answers: Answer | NoAnswer, web: FakeWeb | None = None, own: bool = True
) -> CheckResult:
    return CHECK.run(
        context(
            web=web or FakeWeb(answers),
            base_url="http://shop.example",
            steps=booted() if own else {},
            timeout=60.0,
        ),
        options(CHECK, text),
    )


def page(text: str = PAGE) -> Answer:
    return answer(body=text, headers=TEXT)


def test_a_page_that_can_be_scraped_passes() -> None:
    result = ran("{}", page())
    assert result.outcome is Outcome.PASSED, result.summary
    assert "7 samples in 3 families" in result.summary
    [table] = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[0] == ("requests_total", "counter", "2")


@pytest.mark.parametrize(
    "expected",
    [
        "requests_total: {type: counter, labels: [method, status], value: '==7'}",
        "requests_total: {where: {status: '201'}, value: '==2'}",
        "requests: {type: counter}",
        "seconds: {type: histogram, value: '>=7'}",
        "orders: {type: gauge, value: '<10'}",
    ],
)
def test_families_as_they_must_be_pass(expected: str) -> None:
    result = ran(f"families: {{{expected}}}", page())
    assert result.outcome is Outcome.PASSED, result.summary


@pytest.mark.parametrize(
    ("expected", "cause"),
    [
        ("logins_total: {}", "there is no logins_total"),
        ("requests_total: {type: gauge}", "expected the type gauge, got counter"),
        ("requests_total: {labels: [path]}", "has no label path"),
        ("requests_total: {where: {status: '500'}}", "there is no sample with status=500"),
        ("orders: {value: '>3'}", "the sum of 1 samples: expected >3, got 3"),
    ],
)
def test_families_that_are_not_as_they_must_be_fail(expected: str, cause: str) -> None:
    result = ran(f"families: {{{expected}}}", page())
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


def test_a_family_without_samples_is_not_there() -> None:
    declared = page("# TYPE requests_total counter\nup 1\n")
    result = ran("families: {requests_total: {}}", declared)
    assert "is declared, but has no sample" in result.summary


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (answer(404, body=PAGE, headers=TEXT), "status 404, not 200"),
        (answer(302, headers={**TEXT, "location": "/login"}), "status 302"),
        (answer(body=PAGE, headers={"content-type": "text/html"}), "text/html, which Prometheus"),
        (answer(body=PAGE), "Content-Type is absent"),
        (answer(body="", headers=TEXT), "there is no sample"),
        (answer(body="# TYPE a counter\n", headers=TEXT), "there is no sample"),
        (answer(body="<html>\n", headers=TEXT), "line 1: "),
        (answer(body="a 1\nb 2", headers=TEXT), "line 2: the last line has no end"),
    ],
)
def test_what_prometheus_would_refuse_fails(given: Answer, cause: str) -> None:
    result = ran("{}", given)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


def test_a_page_that_was_not_read_whole_decides_nothing() -> None:
    cut = answer(body=PAGE, headers=TEXT, truncated=True)
    assert ran("{}", cut).error_class is ErrorClass.INCONCLUSIVE


def test_openmetrics_is_read_too() -> None:
    kind = {"content-type": "application/openmetrics-text; version=1.0.0"}
    body = "# TYPE orders counter\norders_total 3\n# EOF\n"
    text = "families: {orders_total: {type: counter, value: '==3'}}"
    assert ran(text, answer(body=body, headers=kind)).outcome is Outcome.PASSED
    cut = answer(body=body.removesuffix("# EOF\n"), headers=kind)
    assert ran(text, cut).outcome is Outcome.FAILED


def test_a_page_may_not_grow_without_end() -> None:
    result = ran("{series: <5}", page())
    assert result.summary.endswith("samples: expected <5, got 7")


class Counting:
    """Counts requests, and shows the number after `late` further scrapes."""

    def __init__(self, step: int = 1, late: int = 0, start: int = 5) -> None:
        self.step, self.late, self.count, self.shown = step, late, start, start

    def __call__(self, request: Request) -> Answer:
        if not request.url.endswith("/metrics"):
            self.count += self.step
            return answer()
        if self.count != self.shown and self.late:
            self.late -= 1
        else:
            self.shown = self.count
        return page(f"# TYPE hits_total counter\nhits_total {self.shown}\n")


MOVING = "{families: {hits_total: {increases: '>=3'}}, requests: [{url: /health, times: 3}]}"


@pytest.mark.parametrize("late", [0, 3])
def test_a_counter_that_moves_with_requests_passes(late: int) -> None:
    result = ran(MOVING, web=FakeWeb(responder=Counting(late=late)))
    assert result.outcome is Outcome.PASSED, result.summary
    assert result.summary.endswith("hits_total grew by 3 while 3 requests were sent")


@pytest.mark.parametrize(("step", "late"), [(0, 0), (1, 50)])
def test_a_counter_that_stands_still_fails(step: int, late: int) -> None:
    result = ran(MOVING, web=FakeWeb(responder=Counting(step, late)))
    assert result.outcome is Outcome.FAILED
    assert "hits_total: growth with 3 requests: expected >=3, got 0" in result.summary


def test_a_counter_that_falls_decides_nothing() -> None:
    result = ran(MOVING, web=FakeWeb(responder=Counting(step=-1)))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "several processes answer there" in result.summary


def test_requests_that_fail_move_nothing() -> None:
    def broken(request: Request) -> Answer:
        return page("hits_total 1\n") if request.url.endswith("/metrics") else answer(503)

    result = ran(MOVING, web=FakeWeb(responder=broken))
    assert result.outcome is Outcome.FAILED
    assert "GET http://shop.example/health: status: expected less than 400, got 503" in (
        result.summary
    )


def test_silence_is_told_apart_by_whose_system_it_is() -> None:
    assert ran("{}", NoAnswer("ConnectionRefusedError")).outcome is Outcome.FAILED
    foreign = ran("{}", NoAnswer("ConnectionRefusedError"), own=False)
    assert foreign.error_class is ErrorClass.INFRASTRUCTURE


def test_nothing_is_written_to_a_foreign_system() -> None:
    text = MOVING.replace("url: /health", "url: /health, method: POST")
    with pytest.raises(Exception, match="POST is not sent"):
        ran(text, page("hits_total 1\n"), own=False)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{families: {a: {increases: '>0'}}}", "say in requests"),
        ("{requests: [{url: /}]}", "say in a family"),
        ("{families: {a: {value: 5}}}", "value"),
        ("{series: many}", "no comparison"),
    ],
)
def test_what_measures_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


def test_a_served_counter_passes() -> None:
    hits: list[str] = []

    def replies(asked: Asked) -> Reply:
        hits.append(asked.path)
        body = f"# TYPE hits_total counter\nhits_total {len(hits)}\n".encode()
        return Reply(headers=TEXT, body=body)

    with served(replies) as port:
        result = ran_against(CHECK, MOVING, port)
        assert result.outcome is Outcome.PASSED, result.summary
