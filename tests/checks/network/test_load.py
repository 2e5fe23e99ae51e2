import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from readiness_gate.checks.network.load import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.load.plan import Plan
from readiness_gate.load.tally import IN_VAIN, Counted, Tally
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from readiness_gate.stack.facts import Usage
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.programs import FakePrograms, Run
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, answer
from tests.load.served import serving

RATE = """{{executor: constant-arrival-rate, rate: 50, duration: 4s, endpoints: [{{url: /a}}],
  thresholds: {{http_req_duration: p(95)<200}}{more}}}"""
USERS = """{{executor: constant-vus, vus: 5, duration: 4s, endpoints: [{{url: /a}}],
  thresholds: {{http_req_duration: p(95)<200}}{more}}}"""


def rate(more: str = "") -> str:
    return RATE.format(more=f", {more}" if more else "")


@dataclass
class Ran:
    """What a run of the generator says."""

    fine: int = 200
    seconds: float = 0.05
    statuses: dict[int, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    late: float = 0.001
    processor: float = 0.4
    names: tuple[str, ...] = ("GET /a",)

    def tally(self) -> Tally:
        every = []
        for name in self.names:
            one = Counted(name, expected=self.fine, problems=dict(self.problems))
            one.unexpected = dict(self.statuses)
            for _ in range(self.fine):
                one.latency.record(self.seconds)
            every.append(one)
        planned = every[0].requests + self.dropped
        found = Tally(tuple(every), 4.0, planned, self.dropped, processor=self.processor)
        found.late.record(self.late, 100)
        found.most_under_way = 12
        return found


@dataclass
class Generator:
    """A door to programs behind which a generator says what a test told it."""

    runs: Sequence[Ran]
    plans: list[Plan] = field(default_factory=list)

    def __call__(self, run: Run) -> Completed:
        self.plans.append(Plan.of_json(run.stdin))
        said = self.runs[min(len(self.plans), len(self.runs)) - 1].tally()
        return Completed(run.argv, 0, said.as_json(), "", 4.0)


def judged(
    *runs: Ran,
    text: str = "",
    own: bool = True,
    web: FakeWeb | None = None,
    stack: FakeStack | None = None,
    timeout: float = 60.0,
    generator: Generator | None = None,
) -> CheckResult:
    generator = generator or Generator(runs or (Ran(),))
    return CHECK.run(
        context(
            stack=stack or FakeStack(addresses={("backend", 8000): Address("127.0.0.1", 9)}),
            programs=FakePrograms(answer=generator),
            web=web,
            clock=SystemClock(),
            base_url="http://backend:8000",
            steps=booted() if own else {},
            timeout=timeout,
        ),
        options(CHECK, text or rate()),
    )


def tables(result: CheckResult) -> dict[str, TableEvidence]:
    return {one.title: one for one in result.evidence if isinstance(one, TableEvidence)}


def test_it_runs_with_nothing_beside_it() -> None:
    assert CHECK.check_class is CheckClass.MEASURE


def test_thresholds_that_hold_pass_and_are_shown_with_their_figures() -> None:
    result = judged(Ran())
    assert result.outcome is Outcome.PASSED, result.summary
    assert result.summary.startswith("200 requests, 50/s over 4 s: http_req_duration p(95)<200ms")
    row = tables(result)["Thresholds over 1 run"].rows[0]
    assert row[0] == "http_req_duration p(95)<200ms"
    assert row[1] == "50.0 ms"


def test_the_histogram_is_evidence() -> None:
    texts = [one for one in judged(Ran()).evidence if isinstance(one, TextEvidence)]
    assert "50 ms       200 ####" in texts[0].text


def test_a_threshold_that_does_not_hold_fails_with_the_figure() -> None:
    result = judged(Ran(seconds=0.35))
    assert result.outcome is Outcome.FAILED
    assert result.summary == "http_req_duration p(95)<200ms: expected <200ms, got 350 ms"


def test_failures_have_a_threshold_even_where_none_is_written() -> None:
    result = judged(Ran(statuses={500: 5}))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("http_req_failed rate<0.01: expected <0.01, got 0.02")
    assert "5 x 500" in tables(result)["Endpoints"].rows[0]


def test_a_threshold_of_failures_of_its_own_replaces_the_implied_one() -> None:
    text = rate().replace("{http_req_d", "{http_req_failed: rate<0.5, http_req_d")
    assert judged(Ran(statuses={500: 5}), text=text).outcome is Outcome.PASSED


@pytest.mark.parametrize("status", [404, 401, 403, 302, 500])
def test_an_endpoint_that_never_answers_as_asserted_fails(status: int) -> None:
    text = rate().replace("{http_req_d", "{http_req_failed: rate<=1, http_req_d")
    result = judged(Ran(fine=0, statuses={status: 200}), text=text)
    assert result.outcome is Outcome.FAILED
    assert f"none of 200 requests was answered as asserted: 200 x {status}" in result.summary


def test_nobody_who_answers_fails_with_the_cause() -> None:
    result = judged(Ran(fine=0, problems={"connection refused": 200}))
    assert result.outcome is Outcome.FAILED
    assert "200 x connection refused" in result.summary


@pytest.mark.parametrize("fine", [0, 100])
def test_a_rate_limit_that_keeps_the_load_out_is_no_answer(fine: int) -> None:
    result = judged(Ran(fine=fine, statuses={429: 100}))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "refused by a rate limit (429)" in result.summary


def test_a_few_refusals_are_counted_apart_and_no_failures() -> None:
    result = judged(Ran(statuses={429: 2}))
    assert result.outcome is Outcome.PASSED
    assert tables(result)["Endpoints"].rows[0][3] == "2"


def test_refusals_may_have_a_threshold_but_never_be_all() -> None:
    text = rate().replace("{http_req_d", "{http_req_limited: rate<=1, http_req_d")
    assert judged(Ran(fine=100, statuses={429: 100}), text=text).outcome is Outcome.PASSED
    nothing = judged(Ran(fine=0, statuses={429: 100}), text=text)
    assert nothing.outcome is not Outcome.PASSED


def test_nothing_that_was_sent_is_no_answer() -> None:
    result = judged(Ran(fine=0))
    assert result.outcome is not Outcome.PASSED
    assert "p(95)<200ms: nothing was measured" in result.details


def test_an_endpoint_that_was_never_asked_is_no_answer() -> None:
    class Seldom(Ran):
        def tally(self) -> Tally:
            found = super().tally()
            found.endpoints[1].__init__("GET /b")  # type: ignore[misc]
            return found

    text = rate().replace("{url: /a}", "{url: /a, weight: 999}, {url: /b}")
    result = judged(Seldom(names=("GET /a", "GET /b")), text=text)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary == "GET /b: it was not asked once"


def test_dropped_starts_fail() -> None:
    result = judged(Ran(dropped=10))
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "10 of 210 starts were dropped: all 12 users still waited for an answer"
    )


def test_dropped_starts_may_have_a_threshold() -> None:
    text = rate().replace("{http_req_d", "{dropped_iterations: count<20, http_req_d")
    assert judged(Ran(dropped=10), text=text).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "ran",
    [
        Ran(seconds=0.35, late=0.1),
        Ran(seconds=0.35, processor=3.9),
        Ran(seconds=0.05, processor=3.9),
        Ran(seconds=0.05, late=0.8),
        Ran(fine=0, problems={IN_VAIN: 200}, processor=3.9),
        Ran(dropped=100, processor=3.9),
    ],
    ids=["late", "slow and busy", "fast and busy", "seconds late", "in vain", "dropped"],
)
def test_a_generator_that_is_the_bottleneck_gives_no_answer(ran: Ran) -> None:
    result = judged(ran)
    assert result.error_class is ErrorClass.INCONCLUSIVE, result.summary
    assert "the load generator" in result.summary


def test_being_a_little_late_excuses_no_service_that_is_much_too_slow() -> None:
    assert judged(Ran(seconds=3.0, late=0.1)).outcome is Outcome.FAILED


def test_errors_are_errors_however_busy_the_generator_is() -> None:
    result = judged(Ran(statuses={500: 50}, processor=3.9))
    assert result.outcome is Outcome.FAILED


def test_too_few_requests_for_a_percentile_are_no_answer() -> None:
    result = judged(Ran(fine=12))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "12 requests are too few, 20 needed" in result.summary


def test_repeats_have_to_hold_every_time() -> None:
    assert judged(Ran(), Ran(seconds=0.1), text=rate("repeat: 3")).outcome is Outcome.PASSED
    worse = judged(Ran(seconds=0.3), Ran(seconds=0.5), text=rate("repeat: 3"))
    assert worse.outcome is Outcome.FAILED
    row = tables(worse)["Thresholds over 3 runs"].rows[0]
    assert row[1:] == ("500.0 ms", "300.0 ms to 500.0 ms", "0 of 3")


def test_a_spread_across_the_threshold_is_no_answer_and_says_so() -> None:
    result = judged(Ran(), Ran(seconds=0.3), Ran(), text=rate("repeat: 3"))
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "the spread of 3 runs lies across the threshold" in result.summary
    assert "it holds in 2 of them" in result.summary


# What the plan says.


def test_the_plan_goes_to_the_declared_target_by_weight() -> None:
    generator = Generator((Ran(names=("reads", "POST /b")),))
    text = """{executor: ramping-arrival-rate, start-rate: 60, time-unit: 1m, timeout: 3s,
      stages: [{duration: 2s, target: 600}, {duration: 1s, target: 0}], max-vus: 50,
      endpoints: [{url: /a, name: reads, weight: 3, headers: {X-A: b}},
                  {url: "http://backend:8000/b", method: POST, json: {a: 1}, status: 201}],
      thresholds: {"http_req_duration{name:reads}": [p(95)<200, avg<100]}}"""
    result = judged(text=text, generator=generator)
    assert result.outcome is Outcome.PASSED, result.summary
    plan = generator.plans[0]
    assert (plan.start, plan.stages[0].target, plan.most_users, plan.timeout) == (1, 10, 50, 3)
    first, second = plan.requests
    assert (first.url, first.weight, first.headers) == ("http://127.0.0.1:9/a", 3, {"X-A": "b"})
    assert (second.method, second.body) == ("POST", b'{"a": 1}')
    assert second.statuses == {201}
    assert first.statuses == frozenset(range(200, 300))


@pytest.mark.parametrize("url", ["http://elsewhere.example/", "https://127.0.0.1/"])
def test_no_request_goes_to_another_host(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is no service of the stack"):
        judged(text=rate().replace("/a", f'"{url}"'))


def test_somebody_elses_system_gets_no_load() -> None:
    generator = Generator((Ran(),))
    result = judged(own=False, generator=generator)
    assert result.error_class is ErrorClass.CONFIGURATION
    assert generator.plans == []


def test_a_load_that_takes_longer_than_the_item_may_is_refused() -> None:
    result = judged(text=rate("repeat: 3, warm-up: 2s"), timeout=20)
    assert result.error_class is ErrorClass.CONFIGURATION
    assert result.summary == "the load takes 18 s, and the item may take 20 s"


def test_a_generator_that_breaks_is_nobodys_failure() -> None:
    generator = FakePrograms(answer=lambda run: Completed(run.argv, 1, "", "MemoryError", 1.0))
    result = CHECK.run(
        replace(
            context(steps=booted(), stack=FakeStack(), base_url="http://x", programs=generator),
            timeout=60,
        ),
        options(CHECK, rate()),
    )
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    assert result.summary == "the load generator ended with 1: MemoryError"


# Logins.

LOGIN = rate("login: {url: /login, json: {email: ada}}")


def test_a_token_goes_into_every_request_and_is_shown_nowhere() -> None:
    generator = Generator((Ran(),))
    web = FakeWeb([answer(data={"access_token": "s3cret"})])
    result = judged(text=LOGIN, web=web, generator=generator)
    assert result.outcome is Outcome.PASSED
    assert generator.plans[0].identities == ({"Authorization": "Bearer s3cret"},)
    assert "s3cret" not in str(result)
    assert web.requests[0].body == b'{"email": "ada"}'


def test_of_several_logins_each_is_a_user() -> None:
    generator = Generator((Ran(),))
    web = FakeWeb([answer(data={"t": ["one"]}), answer(data={"t": ["two"]})])
    one = "{url: /login, token: '$.t[0]', header: X-Token, scheme: ''}"
    judged(text=rate(f"login: [{one}, {one}]"), web=web, generator=generator)
    assert generator.plans[0].identities == ({"X-Token": "one"}, {"X-Token": "two"})


@pytest.mark.parametrize(
    ("said", "summary"),
    [
        (answer(401), "status 401"),
        (answer(200, body="<html>"), "the answer is not JSON"),
        (answer(data={"token": "x"}), "there is no token at $.access_token"),
        (answer(data={"access_token": "a\nb"}), "there is no token"),
        (answer(data={"access_token": 7}), "there is no token"),
        (NoAnswer("timed out"), "no answer within"),
    ],
)
def test_a_login_that_gives_no_token_fails_before_the_load(
    said: Answer | NoAnswer, summary: str
) -> None:
    generator = Generator((Ran(),))
    result = judged(text=LOGIN, web=FakeWeb([said]), generator=generator)
    assert result.outcome is Outcome.FAILED
    assert summary in result.summary
    assert generator.plans == []


# The services beside it.


@dataclass
class Services:
    """Usage of a replica that grows by `growth` bytes a second."""

    memory: int = 100_000_000
    out_of_memory: bool = False
    broken: bool = False
    calls: int = 0

    def __call__(self, service: str) -> Sequence[Usage]:
        self.calls += 1
        if self.broken:
            raise StackError("no statistics")
        return (
            Usage(
                f"{service}-1",
                running=True,
                memory=self.memory,
                cpu_seconds=self.calls * 0.01,
                out_of_memory=self.out_of_memory,
                identity="one",
            ),
        )


def stack(services: Services) -> FakeStack:
    return FakeStack(usages=services, addresses={("backend", 8000): Address("127.0.0.1", 9)})


def test_the_use_of_the_services_stands_beside_it() -> None:
    result = judged(text=rate("services: backend"), stack=stack(Services()))
    assert tables(result)["Use by replica"].rows[0][:2] == ("backend-1", "100 MB")


@pytest.mark.parametrize(
    ("services", "more", "said"),
    [
        (Services(), "max-memory: 50MB", "backend-1 used 100 MB, more than 50 MB"),
        (Services(out_of_memory=True), "", "backend-1 ran out of memory"),
    ],
)
def test_a_service_beyond_its_budget_fails(services: Services, more: str, said: str) -> None:
    text = rate(", ".join(one for one in ("services: backend", more) if one))
    result = judged(text=text, stack=stack(services))
    assert result.outcome is Outcome.FAILED
    assert said in result.summary


@dataclass
class Absent(Services):
    """No replica of `db`."""

    def __call__(self, service: str) -> Sequence[Usage]:
        return () if service == "db" else super().__call__(service)


@pytest.mark.parametrize("more", ["max-memory: 500MB", "max-cpu: 200", ""])
def test_a_named_service_without_a_replica_was_not_measured(more: str) -> None:
    limits = f", {more}" if more else ""
    result = judged(text=rate(f"services: [backend, db]{limits}"), stack=stack(Absent()))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert result.summary == "the services' use was not measured: db has no replica"
    assert tables(result)["Use by replica"].rows[0][0] == "backend-1"


def test_a_service_that_nobody_named_needs_a_replica_where_a_limit_judges_it() -> None:
    there = stack(Absent())
    assert judged(stack=there).outcome is Outcome.PASSED
    result = judged(text=rate("max-memory: 500MB"), stack=there)
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    assert result.summary == "the services' use was not measured: db has no replica"


def test_statistics_that_are_missing_matter_only_to_limits() -> None:
    broken = stack(Services(broken=True))
    assert judged(stack=broken).outcome is Outcome.PASSED
    result = judged(text=rate("max-memory: 1GB"), stack=broken)
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    assert result.summary == "the services' use was not measured: no statistics"


def test_growth_needs_samples_over_a_time() -> None:
    text = rate("max-growth: 1MB").replace("duration: 4s", "duration: 20s")
    result = judged(text=text, stack=stack(Services()))
    assert result.error_class is ErrorClass.INFRASTRUCTURE
    assert "too few to tell growth" in result.summary


# Options.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{executor: constant-vus, endpoints: [{url: /a}]}", "constant-vus needs duration"),
        (USERS.format(more=", rate: 5"), "constant-vus has no rate"),
        (rate("pause: 1s"), "constant-arrival-rate has no pause"),
        (rate("stages: [{duration: 1s, target: 1}]"), "constant-arrival-rate has no stages"),
        (rate().replace("p(95)<200", "p95<200"), "is no threshold such as p(95)<200"),
        (rate().replace("rate: 50", "rate: 6000"), "more than 5000 starts a second"),
        (rate().replace("/a}", "/a}, {url: /a}"), "two are called GET /a"),
        (rate().replace("/a}", "/a, status: 700}"), "no status is as asserted"),
        (rate("max-growth: 5MB"), "growth is not seen in less than 15s"),
        (rate().replace("http_req_duration", "'http_req_duration{name:x}'"), "no endpoint is"),
        ("{executor: constant-vus, vus: 5, duration: 4s, endpoints: [{url: /a}]}", "assert"),
        (
            """{executor: ramping-vus, start-vus: 0, stages: [{duration: 1s, target: 0}],
            endpoints: [{url: /a}], thresholds: {http_reqs: count>1}}""",
            "nothing is ever asked",
        ),
    ],
)
def test_options_that_say_nothing_or_too_much_are_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


# For real: the generator's own process, a server on loopback.


def real(text: str, port: int) -> CheckResult:
    return CHECK.run(
        context(
            stack=FakeStack(addresses={("backend", 8000): Address("127.0.0.1", port)}),
            web=TargetWeb(),
            clock=SystemClock(),
            programs=HostPrograms({"PATH": os.environ["PATH"]}),
            base_url="http://backend:8000",
            steps=booted(),
            timeout=30.0,
        ),
        options(CHECK, text),
    )


SHORT = """{executor: constant-arrival-rate, rate: 30, duration: 1s, endpoints: [{url: /a}],
  thresholds: {http_req_duration: "p(95)<5s"}}"""


def test_a_quick_service_passes_for_real() -> None:
    with serving() as server:
        result = real(SHORT, server.port)
    assert result.outcome is Outcome.PASSED, result.summary
    assert "30 requests" in result.summary


def test_a_slow_service_fails_for_real() -> None:
    with serving(delay=1.0) as server:
        result = real(SHORT.replace("<5s", "<0.5s"), server.port)
    assert result.outcome is Outcome.FAILED, result.summary


def test_the_service_that_is_gone_fails_for_real() -> None:
    with serving() as server:
        port = server.port
    result = real(SHORT, port)
    assert result.outcome is Outcome.FAILED
    assert "connection refused" in result.summary
