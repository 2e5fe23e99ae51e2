import json
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest

from readiness_gate.checks.network.promql import CHECK
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.served import Asked, Reply, served
from tests.checks.network.served import ran as ran_against
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.web import FakeWeb, answer

QUERY = "{url: 'http://shop.example', query: errors, value: <0.01}"
RANGE = "{url: 'http://shop.example', query: errors, value: <0.01, over: 5m, step: 1m}"
EMPTY = "{url: 'http://shop.example', query: ALERTS, empty: true}"


def success(kind: str, result: object) -> Answer:
    return answer(data={"status": "success", "data": {"resultType": kind, "result": result}})


def vector(*values: str) -> Answer:
    return success(
        "vector",
        [
            {"metric": {"__name__": "errors", "n": str(at)}, "value": [1, value]}
            for at, value in enumerate(values)
        ],
    )


def matrix(*series: Sequence[str]) -> Answer:
    return success(
        "matrix",
        [{"metric": {"job": "api"}, "values": [[1, one] for one in values]} for values in series],
    )


def ran(text: str, *answers: Answer | NoAnswer, own: bool = True) -> CheckResult:
    return CHECK.run(
        context(
            web=FakeWeb(answers),
            base_url="http://shop.example",
            steps=booted() if own else {},
            timeout=60.0,
        ),
        options(CHECK, text),
    )


def test_a_value_within_its_limit_passes() -> None:
    result = ran(QUERY, vector("0.001", "0"))
    assert result.outcome is Outcome.PASSED
    assert result.summary == "errors: 2 series, 2 points hold"


def test_every_series_has_to_hold() -> None:
    result = ran(QUERY, vector("0.001", "0.5"))
    assert result.outcome is Outcome.FAILED
    assert result.summary == 'errors: errors{n="1"}: expected <0.01, got 0.5'


def test_every_point_of_a_time_has_to_hold() -> None:
    assert ran(RANGE, matrix(["0", "0.001"])).outcome is Outcome.PASSED
    result = ran(RANGE, matrix(["0", "0.2", "0"]))
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith("expected <0.01, got 0.2 at 1 of 3 points")


def test_the_range_is_asked_for_as_declared() -> None:
    web = FakeWeb([matrix(["0"])])
    CHECK.run(context(web=web, base_url="http://shop.example"), options(CHECK, RANGE))
    parts = urlsplit(web.requests[0].url)
    asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
    assert parts.path == "/api/v1/query_range"
    assert float(asked["end"]) - float(asked["start"]) == 300
    assert (asked["step"], asked["query"]) == ("60", "errors")


def test_a_scalar_is_a_value() -> None:
    assert ran(QUERY, success("scalar", [1, "0"])).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "given",
    [vector(), vector("NaN"), vector("0", "NaN"), matrix(), matrix([])],
    ids=["empty", "nan", "one nan", "no series", "no points"],
)
def test_no_data_is_no_pass(given: Answer) -> None:
    result = ran(QUERY, given)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_data_that_comes_later_is_waited_for() -> None:
    text = QUERY.replace("value:", "within: 10s, value:")
    assert ran(text, vector(), vector("0.5"), vector("0")).outcome is Outcome.PASSED
    assert ran(text, vector()).outcome is Outcome.ERROR
    assert ran(text, vector("0.5")).outcome is Outcome.FAILED


def test_the_number_of_series_counts() -> None:
    text = "{url: 'http://shop.example', query: up, series: '>=2'}"
    assert ran(text, vector("1", "1")).outcome is Outcome.PASSED
    assert ran(text, vector("1")).summary == "up: series: expected >=2, got 1"
    assert ran(text, vector()).outcome is Outcome.FAILED


def test_nothing_found_counts_only_where_a_target_is_up() -> None:
    assert ran(EMPTY, vector(), vector("3")).outcome is Outcome.PASSED
    assert ran(EMPTY, vector("1")).outcome is Outcome.FAILED
    for up in (vector(), vector("0")):
        result = ran(EMPTY, vector(), up)
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
        assert "no target of Prometheus is up" in result.summary


def test_a_query_that_is_refused_is_the_configuration_s_fault() -> None:
    given = answer(
        400, data={"status": "error", "errorType": "bad_data", "error": "parse error: unexpected"}
    )
    result = ran(QUERY, given)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "parse error" in result.summary


@pytest.mark.parametrize(
    "given",
    [
        answer(503, data={"status": "error", "errorType": "timeout", "error": "late"}),
        answer(200, body="<html>Grafana</html>"),
        answer(200, data=[1]),
        answer(200, data={"status": "success"}),
        answer(200, data={"status": "success", "data": {"resultType": "string", "result": []}}),
        success("vector", {"a": 1}),
        success("vector", [{"metric": {}, "value": [1]}]),
        success("vector", [{"metric": {}, "value": [1, "many"]}]),
        success("vector", [{"metric": {}, "histogram": [1, {}]}]),
        success("vector", ["x"]),
        success("vector", [None]),
        answer(500, data={"status": "success", "data": {"resultType": "vector", "result": []}}),
        answer(200, body=b"[" * 5000),
        answer(200, body=json.dumps({"status": "success"}), truncated=True),
    ],
)
def test_what_is_no_answer_decides_nothing(given: Answer) -> None:
    result = ran(QUERY, given)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_silence_is_told_apart_by_whose_system_it_is() -> None:
    assert ran(QUERY, NoAnswer("ConnectionRefusedError")).outcome is Outcome.FAILED
    assert ran(QUERY, NoAnswer("refused"), own=False).error_class is ErrorClass.INFRASTRUCTURE


@pytest.mark.parametrize(
    ("rest", "cause"),
    [
        ("", "assert something"),
        (", empty: true, value: '>0'", "neither value nor series"),
        (", value: 5%", "no comparison"),
        (", value: <1, over: 1s", "shorter than one step"),
        (", value: <1, over: 365d, step: 1s", "more than 11000 points"),
    ],
)
def test_what_asserts_nothing_is_refused(rest: str, cause: str) -> None:
    assert cause in refusal(CHECK, f"{{url: 'http://p', query: up{rest}}}")


def test_a_served_query_passes() -> None:
    body = vector("0").body

    def replies(asked: Asked) -> Reply:
        return Reply(body=body) if asked.path.startswith("/api/v1/query?query=up") else Reply(404)

    with served(replies) as port:
        text = "{url: 'http://backend:8000/', query: up, value: <1}"
        assert ran_against(CHECK, text, port).outcome is Outcome.PASSED
