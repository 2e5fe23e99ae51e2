from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from readiness_gate.checks.network.rate_limit import CHECK
from readiness_gate.checks.runs.rate_limit import retry_after
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.model.outcome import CheckClass, ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.served import Asked, Reply, served
from tests.checks.network.served import ran as ran_against
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.web import FakeWeb, Request, answer
from tests.forge.clock import FakeClock


@dataclass
class Limiter:
    """A fixed window for each client."""

    clock: FakeClock
    limit: int = 5
    window: float = 60.0
    told: Mapping[str, str] = field(default_factory=lambda: {"retry-after": "60"})
    client: Callable[[Request], str] = lambda request: request.headers.get("Authorization", "")
    takes: float = 0.01
    never_resets: bool = False
    counts: dict[str, tuple[float, int]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        self.clock._passed += self.takes
        now, who = self.clock.monotonic(), self.client(request)
        since, count = self.counts.get(who, (now, 0))
        if now - since >= self.window and not self.never_resets:
            since, count = now, 0
        self.counts[who] = (since, count + 1)
        return answer(429, headers=self.told) if count >= self.limit else answer()


def ran(
    limiter: Callable[[Request], Answer],
    clock: FakeClock,
    text: str = "{url: /login, limit: 5/minute}",
    *,
    timeout: float = 300.0,
    own: bool = True,
) -> CheckResult:
    return CHECK.run(
        context(
            web=FakeWeb(responder=limiter),
            clock=clock,
            base_url="http://shop.example",
            steps=booted() if own else {},
            timeout=timeout,
        ),
        options(CHECK, text),
    )


def test_it_runs_with_nothing_beside_it() -> None:
    assert CHECK.check_class is CheckClass.MEASURE


def test_a_limit_at_the_declared_number_that_resets_passes() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock), clock)
    assert result.outcome is Outcome.PASSED, result.summary
    assert "request 6 was refused, the limit is 5/minute, Retry-After 60 s, let in again after" in (
        result.summary
    )


@pytest.mark.parametrize(
    ("limit", "tolerance", "outcome"),
    [
        (7, 0, Outcome.FAILED),
        (7, 2, Outcome.PASSED),
        (3, 0, Outcome.FAILED),
        (3, 2, Outcome.PASSED),
        (8, 2, Outcome.FAILED),
        (2, 2, Outcome.FAILED),
    ],
)
def test_the_first_refusal_is_at_the_limit_within_tolerance(
    limit: int, tolerance: int, outcome: Outcome
) -> None:
    clock = FakeClock()
    text = f"{{url: /, limit: 5/minute, tolerance: {tolerance}}}"
    result = ran(Limiter(clock, limit), clock, text)
    assert result.outcome is outcome, result.summary


def test_no_limit_at_all_fails() -> None:
    clock = FakeClock()
    result = ran(lambda _: answer(), clock)
    assert result.outcome is Outcome.FAILED
    assert "6 requests in 0.0 s were let in, the limit is 5/minute" in result.summary


def test_what_others_used_up_is_waited_for() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock, counts={"": (0.0, 3)}), clock)
    assert result.outcome is Outcome.PASSED, result.summary


def test_without_time_for_a_window_of_its_own_an_early_refusal_decides_nothing() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock, counts={"": (0.0, 3)}), clock, timeout=70.0)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "what others sent before may have been counted" in result.summary


def test_a_bucket_of_tokens_gains_some_meanwhile() -> None:
    clock = FakeClock()
    limiter = Limiter(clock, limit=6, takes=4.0)
    assert ran(limiter, clock).outcome is Outcome.PASSED


def test_requests_slower_than_the_window_decide_nothing() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock, takes=20.0), clock)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("told", "announces", "cause"),
    [
        ({}, "any", "neither Retry-After nor RateLimit headers"),
        ({}, "nothing", ""),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "5"}, "any", ""),
        ({"RateLimit": '"default";r=0;t=30'}, "ratelimit", ""),
        ({"x-rate-limit-limit": "5"}, "ratelimit", ""),
        ({"retry-after": "60"}, "ratelimit", "has no RateLimit headers"),
        ({"x-ratelimit-limit": "5"}, "retry-after", "has no Retry-After"),
        ({"retry-after": "soon"}, "any", "Retry-After is no time: soon"),
        ({"retry-after": "\u0663"}, "any", "Retry-After is no time"),
        ({"retry-after": "-1"}, "any", "Retry-After is no time"),
        ({"retry-after": "3600"}, "any", "Retry-After is 3600 s, longer than the window"),
        (
            {"retry-after": "60", "x-ratelimit-remaining": "2"},
            "any",
            "the refusal says x-ratelimit-remaining: 2",
        ),
    ],
)
def test_a_refusal_says_when_to_come_again(
    told: dict[str, str], announces: str, cause: str
) -> None:
    clock = FakeClock()
    text = f"{{url: /, limit: 5/minute, announces: {announces}}}"
    result = ran(Limiter(clock, told=told), clock, text)
    assert result.outcome is (Outcome.FAILED if cause else Outcome.PASSED), result.summary
    assert cause in result.details or not cause


def test_a_window_that_never_ends_fails() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock, never_resets=True), clock)
    assert result.outcome is Outcome.FAILED
    assert "requests are still refused" in result.summary


def test_a_retry_after_that_is_too_early_fails() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock, told={"retry-after": "5"}), clock)
    assert result.outcome is Outcome.FAILED
    assert "Retry-After said 5" in result.summary


def test_a_day_is_not_waited_for_and_that_is_said() -> None:
    clock = FakeClock()
    limiter = Limiter(clock, window=86_400, told={"retry-after": "86000"})
    result = ran(limiter, clock, "{url: /, limit: 5/day}")
    assert result.outcome is Outcome.PASSED
    assert result.summary.endswith("its end was not waited for (5/day)")


def test_no_time_for_the_window_decides_nothing() -> None:
    clock = FakeClock()
    result = ran(Limiter(clock), clock, timeout=30.0)
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_another_client_is_let_in_meanwhile() -> None:
    text = "{url: /, limit: 5/minute, another-identity: {Authorization: Bearer b}}"
    clock = FakeClock()
    apart = ran(Limiter(clock), clock, text)
    assert apart.outcome is Outcome.PASSED
    assert "another client is let in" in apart.summary
    clock = FakeClock()
    together = ran(Limiter(clock, client=lambda _: "all"), clock, text)
    assert together.outcome is Outcome.FAILED
    assert "another client is refused, too" in together.summary


def test_a_forged_header_lifts_nothing() -> None:
    text = "{url: /, limit: 5/minute, not-lifted-by: {X-Forwarded-For: 203.0.113.7}}"
    clock = FakeClock()
    assert ran(Limiter(clock), clock, text).outcome is Outcome.PASSED
    clock = FakeClock()
    forged = Limiter(clock, client=lambda asked: asked.headers.get("X-Forwarded-For", ""))
    result = ran(forged, clock, text)
    assert result.outcome is Outcome.FAILED
    assert "the limit is lifted by X-Forwarded-For: 203.0.113.7" in result.summary


def test_another_status_below_the_limit_is_no_measurement() -> None:
    clock = FakeClock()
    result = ran(lambda _: answer(500), clock)
    assert result.outcome is Outcome.FAILED
    assert "request 1: status: expected less than 400, got 500" in result.summary


def test_a_login_with_a_wrong_password_can_be_limited() -> None:
    clock = FakeClock()
    limiter = Limiter(clock)

    def login(request: Request) -> Answer:
        assert (request.method, request.body) == ("POST", b'{"password": "x"}')
        given = limiter(request)
        return given if given.status == 429 else answer(401)

    text = "{url: /, method: POST, json: {password: x}, status: 401, limit: 5/minute}"
    assert ran(login, clock, text).outcome is Outcome.PASSED


def test_silence_is_no_refusal() -> None:
    def silent(_: Request) -> Answer:
        raise NoAnswer("ConnectionRefusedError")

    assert ran(silent, FakeClock()).outcome is Outcome.FAILED
    assert ran(silent, FakeClock(), own=False).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("Mon, 02 Mar 2026 10:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 09:59:59 GMT", 0.0),
        ("Mon, 02 Mar 2020 09:59:59 GMT", None),
        ("", None),
        ("1e3", None),
        ("9" * 40, None),
    ],
)
def test_forms_of_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, FakeClock().now()) == seconds


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{url: /}", "limit"),
        ("{url: /, limit: fast}", "limit"),
        ("{url: /, limit: 0/minute}", "whole number"),
        ("{url: /, limit: 0.5/second}", "whole number"),
        ("{url: /, limit: 5/minute, tolerance: 5}", "less than the limit"),
        ("{url: /, limit: 5/day, resets: true}", "nobody waits"),
        ("{url: /, limit: 5/minute, headers: {a: b}, another-identity: {A: b}}", "same headers"),
    ],
)
def test_what_measures_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


def test_a_served_limit_passes() -> None:
    asked: list[Asked] = []

    def replies(one: Asked) -> Reply:
        asked.append(one)
        return Reply(429, {"Retry-After": "30"}) if len(asked) > 20 else Reply()

    with served(replies) as port:
        result = ran_against(CHECK, "{url: /, limit: 20/minute, resets: false}", port)
        assert result.outcome is Outcome.PASSED, result.summary
        assert len(asked) == 21
