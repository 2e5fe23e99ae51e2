from dataclasses import replace

import pytest

from readiness_gate.checks.context import StepRecord
from readiness_gate.checks.network.http import CHECK
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address, ServiceHealth
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, answer
from tests.forge.clock import FakeClock

REACHED = {("backend", 8000): Address("127.0.0.1", 32768)}
EXTERNAL = {"stack": StepRecord("stack", True, "somebody else's system")}


def ran(
    text: str,
    *answers: Answer | NoAnswer,
    web: FakeWeb | None = None,
    steps: dict[str, StepRecord] | None = None,
    clock: FakeClock | None = None,
    timeout: float = 10.0,
) -> CheckResult:
    return CHECK.run(
        context(
            stack=FakeStack(addresses=dict(REACHED)),
            web=web or FakeWeb(answers),
            base_url="http://backend:8000",
            steps=booted() if steps is None else steps,
            clock=clock,
            timeout=timeout,
        ),
        options(CHECK, text),
    )


def test_an_answer_as_asserted_passes() -> None:
    result = ran(
        """
        url: /health
        status: 200
        header: {Content-Type: {have-prefix: application/json}, content-length: 15}
        body: {contain-substring: ok}
        jsonpath: {$.status: ok, "$.checks[0]": true, "$.checks[*]": {have-len: 2}}
        duration: "<200ms"
        """,
        answer(
            data={"status": "ok", "checks": [True, True]},
            headers={"content-type": "application/json; charset=utf-8", "content-length": "15"},
        ),
    )
    assert result.outcome is Outcome.PASSED
    assert result.summary == "GET http://backend:8000/health: 200 in 12 ms, 8 assertions hold"


@pytest.mark.parametrize(
    ("assertion", "cause"),
    [
        ("status: 200", "status: expected 200, got 503"),
        ("status: {lt: 500}", "status: expected less than 500, got 503"),
        ("header: {X-Frame-Options: DENY}", 'header X-Frame-Options: expected "DENY", got nothing'),
        ("header: {server: {exists: false}}", "header server: expected it not to exist, got"),
        ("header: {x-limit: 5}", 'header x-limit: expected "5", got "50"'),
        ("body: {contain-substring: ready}", "body: expected a text that contains"),
        ("jsonpath: {$.status: ok}", '$.status: expected "ok", got "down"'),
        ("jsonpath: {$.database: ok}", '$.database: expected "ok", got nothing'),
        ("jsonpath: {'$..secret': {exists: true}}", "expected it to exist, got nothing"),
        ("jsonpath: {'$.none[*]': {not: {contain-element: 1}}}", "got nothing"),
        ('duration: "<10ms"', "duration: expected <10ms, got 12 ms"),
    ],
)
def test_what_does_not_hold_fails_with_actual_beside_expected(assertion: str, cause: str) -> None:
    bad = answer(503, data={"status": "down"}, headers={"Server": "nginx", "X-Limit": "50"})
    result = ran(f"url: /health\n{assertion}\n", bad)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("GET http://backend:8000/health: ")
    assert cause in result.summary
    (request,) = result.evidence
    assert isinstance(request, RequestEvidence)
    assert (request.status, request.body) == (503, '{"status": "down"}')


def test_every_assertion_that_fails_is_listed() -> None:
    result = ran("{url: /, status: 200, body: ok, duration: <1ms}", answer(500, body="no"))
    assert result.summary.endswith("status: expected 200, got 500; and 2 more")
    assert len(result.details.splitlines()) == 3


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[NaN]", b"[" * 5000, b"[" * 101])
def test_a_body_that_is_not_json_fails(body: bytes) -> None:
    result = ran("{url: /, jsonpath: {$.a: {exists: false}}}", answer(body=body))
    assert result.outcome is Outcome.FAILED
    assert "the body is not JSON" in result.summary


def test_a_body_that_was_not_read_whole_decides_nothing() -> None:
    cut = answer(body=b"x" * 100, truncated=True)
    for text in ("{url: /, body: {not: {contain-substring: secret}}}", "{url: /, body: xx}"):
        result = ran(text, cut)
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert ran("{url: /, status: 200}", cut).outcome is Outcome.PASSED
    assert ran("{url: /, status: 404, body: xx}", cut).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("NewConnectionError: ConnectionRefusedError: [Errno 111]", "connection refused"),
        ("ReadTimeoutError: Read timed out. (read timeout=10)", "no answer within 10 s"),
        ("SSLCertVerificationError: self-signed certificate", "self-signed certificate"),
        ("RemoteDisconnected('Remote end closed')", "closed without an answer"),
        ("gaierror: [Errno -2] Name or service not known", "there is no host of this name"),
    ],
)
def test_silence_of_a_healthy_stack_fails_and_of_somebody_elses_system_decides_nothing(
    error: str, cause: str
) -> None:
    silence = NoAnswer(f"GET http://127.0.0.1:32768/health: {error}")
    ours = ran("{url: /health, status: 200}", silence)
    theirs = ran("{url: /health, status: 200}", silence, steps=EXTERNAL)
    assert ours.outcome is Outcome.FAILED
    assert (theirs.outcome, theirs.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    for result in (ours, theirs):
        assert cause in result.summary
        assert "32768" not in result.summary


def test_silence_of_a_service_without_a_health_check_is_told_what_is_missing() -> None:
    silence = NoAnswer("GET http://127.0.0.1:32768/health: ConnectionRefusedError: [Errno 111]")
    watched = ServiceHealth("backend", True, "healthy", has_health_check=True)
    for health, advised in ((replace(watched, has_health_check=False), True), (watched, False)):
        steps = {"stack": StepRecord("stack", True, "up", health=(health,))}
        result = ran("{url: /health, status: 200}", silence, steps=steps)
        assert result.outcome is Outcome.FAILED
        assert ("stack.services.backend.ready" in (result.remediation or "")) is advised
    wrong = ran("{url: /health, status: 200}", answer(503))
    assert wrong.remediation is None


def test_the_request_goes_where_the_service_is_reached_with_what_was_asked() -> None:
    web = FakeWeb([answer(401)])
    result = ran(
        """
        {url: /orders, method: POST, json: {lines: []}, headers: {Origin: "https://shop.example"},
         status: 401, follow-redirects: true, insecure: true, timeout: 2s}
        """,
        web=web,
    )
    assert result.outcome is Outcome.PASSED
    (request,) = web.requests
    assert (request.method, request.url) == ("POST", "http://127.0.0.1:32768/orders")
    assert request.headers == {
        "Content-Type": "application/json",
        "Origin": "https://shop.example",
    }
    assert request.body == b'{"lines": []}'
    assert (request.follow_redirects, request.verify, request.timeout) == (True, False, 2.0)


def test_a_service_is_asked_by_name_and_port() -> None:
    for text in (
        "{url: /ready, service: backend, port: 8000, status: 200}",
        "{url: http://backend:8000/ready, status: 200}",
    ):
        web = FakeWeb([answer()])
        assert ran(text, web=web).outcome is Outcome.PASSED
        assert web.requests[0].url == "http://127.0.0.1:32768/ready"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://api.example/health",
        "http://localhost:8000/",
        "http://backend.evil.example/",
    ],
)
def test_no_request_leaves_the_target(url: str) -> None:
    web = FakeWeb([answer()])
    with pytest.raises(ConfigurationError, match="no service of the stack"):
        ran(f"{{url: '{url}', status: 200}}", web=web)
    assert web.requests == []


def test_a_path_needs_a_base_url() -> None:
    with pytest.raises(ConfigurationError, match="base-url"):
        CHECK.run(context(stack=FakeStack()), options(CHECK, "{url: /health, status: 200}"))


def test_writing_methods_are_not_sent_to_somebody_elses_system() -> None:
    web = FakeWeb([answer(401)])
    with pytest.raises(ConfigurationError, match="POST is not sent to a system"):
        ran("{url: /orders, method: POST, status: 401}", web=web, steps=EXTERNAL)
    assert web.requests == []


def test_it_tries_again_and_says_so() -> None:
    clock = FakeClock()
    refused = NoAnswer("GET http://127.0.0.1:32768/: ConnectionRefusedError")
    text = "{url: /, status: 200, retry: 3, retry-interval: 500ms}"
    result = ran(text, refused, answer(503), answer(200), clock=clock)
    assert result.outcome is Outcome.PASSED
    assert "after 3 tries" in result.summary
    assert clock.slept == [0.5, 0.5]
    assert ran(text, answer(503)).details.endswith("4 tries")


def test_trying_again_ends_with_the_time_of_the_check() -> None:
    clock = FakeClock()
    result = ran(
        "{url: /, status: 200, retry: 100, retry-interval: 2s}",
        answer(503),
        clock=clock,
        timeout=5.0,
    )
    assert result.outcome is Outcome.FAILED
    assert sum(clock.slept) < 5.0


def test_cookies_are_shown_without_their_values() -> None:
    seen = answer(headers={"Set-Cookie": "session=abc123; HttpOnly"})
    (request,) = ran("{url: /, status: 200}", seen).evidence
    assert isinstance(request, RequestEvidence)
    assert request.headers == (("set-cookie", "session=…; HttpOnly"),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{url: /health}", "assert something"),
        ("{url: /health, status: null}", "null asserts nothing"),
        ("{url: /health, header: {}}", "header"),
        ("{url: /health, jsonpath: {}}", "jsonpath"),
        ("{url: /health, body: []}", "asserts nothing"),
        ("{url: /health, status: [200, 204]}", "{or: [200, 204]}"),
        ("{url: /health, status: '200'}", "a status is a number"),
        ("{url: /health, duration: 200ms}", "no comparison"),
        ("{url: /health, duration: <200}", "duration"),
        ("{url: /health, jsonpath: {status: ok}}", "no JSONPath"),
        ("{url: /health, jsonpath: {'$.': ok}}", "no JSONPath"),
        ("{url: /health, jsonpath: {\"$[?search(@.a, 'x')]\": ok}}", "no JSONPath"),
        ("{url: /health, jsonpath: {$.a: {isInt: true}}}", "unknown matcher 'isInt'"),
        ("{url: /health, header: {'a b': x}}", "no name of a header"),
        ('{url: /health, status: 200, headers: {a: "x\\r\\ny"}}', "header"),
        ("{url: health, status: 200}", "starts with /"),
        ("{url: 'file:///etc/passwd', status: 200}", "starts with /"),
        ("{url: 'http://u:p@backend/', status: 200}", "no user name in URLs"),
        ("{url: 'http://backend:99999/', status: 200}", "url"),
        ("{url: 'http:///x', status: 200}", "names no host"),
        ("{url: '/a b', status: 200}", "no spaces"),
        ("{url: /, status: 200, json: {}, request-body: x}", "not both"),
        ("{url: /, status: 200, json: null}", "null sends nothing"),
        ("{url: /, status: 200, service: backend}", "belong together"),
        ("{url: /, status: 200, method: TRACE}", "method"),
        ("{url: /, statos: 200}", "did you mean 'status'?"),
    ],
)
def test_options_that_assert_nothing_or_cannot_be_meant_are_refused(text: str, says: str) -> None:
    assert says in refusal(CHECK, text)
