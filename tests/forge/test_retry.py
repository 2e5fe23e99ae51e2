from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from readiness_gate.errors import ForgeError
from readiness_gate.forge.retry import Answer, Delay, Patience, delay_after, read_answer
from tests.forge.clock import FakeClock

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes."
PRIMARY = "API rate limit exceeded for installation ID 1."


def answer(status: int, message: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, {"message": message} if message else None)


@pytest.mark.parametrize(
    ("given", "attempt", "seconds", "maybe_done"),
    [
        (answer(500), 0, 1, True),
        (answer(502), 3, 8, True),
        (answer(503, retry_after="7"), 0, 7, True),
        (answer(429, SECONDARY, retry_after="9"), 0, 9, False),
        (answer(429, SECONDARY), 0, 60, False),
        (answer(403, SECONDARY), 0, 60, False),
        (answer(403, SECONDARY), 1, 120, False),
        (answer(403, SECONDARY, retry_after="30"), 0, 30, False),
        (answer(403, PRIMARY, x_ratelimit_reset=str(int(NOW.timestamp()) + 40)), 0, 41, False),
        (answer(429, PRIMARY, x_ratelimit_reset=str(int(NOW.timestamp()) - 40)), 0, 1, False),
        (answer(403, PRIMARY), 0, 60, False),
        (answer(403, PRIMARY, retry_after="soon"), 0, 60, False),
    ],
)
def test_the_wait_is_the_one_that_github_asks_for(
    given: Answer, attempt: int, seconds: float, maybe_done: bool
) -> None:
    delay = delay_after(given, attempt=attempt, now=NOW)
    assert delay is not None
    assert (delay.seconds, delay.maybe_done) == (seconds, maybe_done)


@pytest.mark.parametrize(
    "given",
    [
        answer(200),
        answer(201),
        answer(404, "Not Found"),
        answer(422, "Validation Failed"),
        answer(401, "Bad credentials"),
        answer(403, "Resource not accessible by integration"),
        answer(403, "Resource not accessible by integration", x_ratelimit_remaining="0"),
    ],
)
def test_other_answers_are_final(given: Answer) -> None:
    assert delay_after(given, attempt=0, now=NOW) is None


@pytest.mark.parametrize(
    ("data", "waits"),
    [
        ({"errors": [{"type": "RATE_LIMITED", "message": PRIMARY}]}, True),
        ({"data": None, "errors": [{"message": "Something went wrong while executing"}]}, True),
        ({"data": {"a": 1}, "errors": [{"message": "Something went wrong while ex"}]}, False),
        ({"data": None, "errors": [{"message": "Cannot query field"}]}, False),
        ({"data": {"a": 1}}, False),
        ({"errors": "broken"}, False),
    ],
)
def test_graphql_errors_with_http_200_are_seen(data: Mapping[str, object], waits: bool) -> None:
    assert (delay_after(Answer(200, {}, data), attempt=0, now=NOW) is not None) is waits


def test_patience_is_bounded_in_seconds_over_all_requests() -> None:
    clock = FakeClock()
    patience = Patience(clock, total=100)
    patience.wait(Delay(60, "slow down"), attempt=0, request="GET /a")
    with pytest.raises(ForgeError, match=r"GET /b now: slow down, wait 60 s"):
        patience.wait(Delay(60, "slow down"), attempt=0, request="GET /b")
    assert clock.slept == [60]


def test_patience_is_bounded_in_tries() -> None:
    clock = FakeClock()
    with pytest.raises(ForgeError, match="in 3 tries: HTTP 502"):
        Patience(clock, tries=3).wait(Delay(1, "HTTP 502"), attempt=2, request="GET /a")
    assert clock.slept == []


def test_a_message_is_one_short_line() -> None:
    shown = answer(422, "a\nb\r\n" + "c" * 1000).message
    assert shown.startswith("a b ccc")
    assert len(shown) == 200


def test_a_body_that_is_no_json_is_kept_as_text() -> None:
    assert read_answer(502, {"X-Name": 1}, "<html>") == Answer(502, {"x-name": "1"}, "<html>")
    assert read_answer(204, {}, "").data is None
