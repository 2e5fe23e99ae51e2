import dataclasses
from collections.abc import Callable

import pytest

from readiness_gate.checks.network.cors import CHECK, look_alikes
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.checks.network.served import Asked, Reply, served
from tests.checks.network.served import ran as ran_against
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer

APP = "https://app.example"
ASKED = "{url: /health, allow: ['https://app.example'], deny: ['https://evil.example']}"
Decide = Callable[[str], dict[str, str]]


def strict(origin: str) -> dict[str, str]:
    return {"access-control-allow-origin": origin, "vary": "Origin"} if origin == APP else {}


def responder(decide: Decide, *, denied: int = 200) -> Callable[[Request], Answer]:
    def respond(request: Request) -> Answer:
        origin = request.headers.get("Origin")
        if origin is None:
            return answer(data={})
        headers = decide(origin)
        status = 200 if "access-control-allow-origin" in headers else denied
        return answer(status, headers=headers, method=request.method)

    return respond


def ran(
    text: str, decide: Decide = strict, *, web: FakeWeb | None = None, denied: int = 200
) -> CheckResult:
    stack = FakeStack(addresses={("backend", 8000): Address("127.0.0.1", 32768)})
    return CHECK.run(
        context(
            stack=stack,
            web=web or FakeWeb(responder=responder(decide, denied=denied)),
            base_url="http://backend:8000",
            steps=booted(),
        ),
        options(CHECK, text),
    )


def reflecting(**more: str) -> Decide:
    return lambda origin: {"access-control-allow-origin": origin, "vary": "Origin", **more}


def when(test: Callable[[str], bool]) -> Decide:
    def decide(origin: str) -> dict[str, str]:
        return reflecting()(origin) if test(origin) else {}

    return decide


@pytest.mark.parametrize("denied", [200, 400, 403])
def test_an_exact_list_of_origins_passes(denied: int) -> None:
    result = ran(ASKED, denied=denied)
    assert result.outcome is Outcome.PASSED, result.summary
    assert result.summary.endswith("1 origins let in, 8 kept out, 18 answers")


@pytest.mark.parametrize(
    ("decide", "cause"),
    [
        (lambda _: {}, "https://app.example (GET): is not let in"),
        (lambda _: {"access-control-allow-origin": "*"}, "is let in by *, which lets everybody in"),
        (reflecting(), "https://evil.example (GET): is let in"),
        (
            reflecting(**{"access-control-allow-credentials": "true"}),
            "https://evil.example (GET): is let in, with credentials",
        ),
        (when(lambda one: one in {APP, "null"}), "null (GET): is let in"),
        (when(lambda one: one.startswith(APP)), "https://app.example.evil.example (GET): is let"),
        (when(lambda one: one.endswith("app.example")), "https://evilapp.example (GET): is let in"),
        (when(lambda one: one.endswith("://app.example")), "http://app.example (GET): is let in"),
        (when(lambda one: "app.example" in one), "https://app.example:8443 (GET): is let in"),
        (when(lambda one: "app" in one and one.startswith("https")), "https://appxexample"),
    ],
)
def test_what_lets_others_in_fails_by_name(decide: Decide, cause: str) -> None:
    result = ran(ASKED, decide)
    assert result.outcome is Outcome.FAILED
    assert cause in result.details
    assert result.evidence


@pytest.mark.parametrize("origin", ["*", "null"])
def test_credentials_with_a_wildcard_are_refused(origin: str) -> None:
    headers = {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
    }
    text = "{url: /, allow: ['https://app.example'], look-alikes: false}"
    result = ran(text, lambda _: headers)
    assert result.outcome is Outcome.FAILED
    assert f"credentials together with the origin {origin}" in result.details


def test_a_public_interface_may_let_everybody_in() -> None:
    text = "{url: /, allow: ['https://app.example'], look-alikes: false, credentials: false}"
    assert ran(text, lambda _: {"access-control-allow-origin": "*"}).outcome is Outcome.PASSED


def test_credentials_are_as_declared() -> None:
    text = "{url: /, allow: ['https://app.example'], credentials: true}"
    result = ran(text)
    assert (result.outcome, "credentials are not allowed" in result.summary) == (
        Outcome.FAILED,
        True,
    )


def test_several_origins_in_one_header_are_no_leave() -> None:
    both = {"access-control-allow-origin": f"{APP}, https://evil.example"}
    result = ran(ASKED, lambda _: both)
    assert result.outcome is Outcome.FAILED
    assert "access-control-allow-origin lists it" in result.details
    assert "https://app.example (GET): is not let in" in result.details


def test_an_answer_that_depends_on_the_origin_says_so_to_caches() -> None:
    def decide(origin: str) -> dict[str, str]:
        return {"access-control-allow-origin": origin} if origin == APP else {}

    result = ran(ASKED, decide)
    assert result.outcome is Outcome.FAILED
    assert "no `Vary: Origin`" in result.summary


def test_one_fixed_origin_for_all_needs_no_vary() -> None:
    result = ran(ASKED, lambda _: {"access-control-allow-origin": APP})
    assert result.outcome is Outcome.PASSED, result.details


def test_a_preflight_grants_methods_and_headers() -> None:
    text = (
        "{url: /, allow: ['https://app.example'], methods: [PUT], request-headers: [Authorization]}"
    )
    bare = ran(text)
    assert "access-control-allow-methods does not name PUT" in bare.details
    assert "access-control-allow-headers does not name Authorization" in bare.details
    wild = {"access-control-allow-methods": "*", "access-control-allow-headers": "*"}
    by_star = ran(text, lambda origin: {**strict(origin), **wild})
    assert "does not name Authorization" in by_star.summary
    named = {
        "access-control-allow-methods": "GET, put",
        "access-control-allow-headers": "authorization",
    }
    assert ran(text, lambda origin: {**strict(origin), **named}).outcome is Outcome.PASSED


def test_a_refused_preflight_fails() -> None:
    def respond(request: Request) -> Answer:
        given = responder(strict)(request)
        return dataclasses.replace(given, status=405) if request.method == "OPTIONS" else given

    result = ran(ASKED, web=FakeWeb(responder=respond))
    assert "the preflight is answered with status 405" in result.summary


def test_a_url_that_is_not_there_proves_nothing() -> None:
    web = FakeWeb([answer(404)])
    result = ran("{url: /nowhere, deny: ['https://evil.example']}", web=web)
    assert result.outcome is Outcome.FAILED
    assert "without an origin: status: expected less than 400, got 404" in result.summary


def test_silence_fails_and_of_a_foreign_system_decides_nothing() -> None:
    web = FakeWeb([NoAnswer("ConnectionRefusedError")])
    assert ran(ASKED, web=web).outcome is Outcome.FAILED
    foreign = CHECK.run(context(web=web, base_url="https://shop.example"), options(CHECK, ASKED))
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{url: /}", "name origins in allow, in deny, or in both"),
        ("{url: /, allow: ['https://a.example/']}", "is no origin"),
        ("{url: /, allow: ['https://a.example:443']}", "without user and default port"),
        ("{url: /, allow: ['https://A.example']}", "lower case"),
        ("{url: /, allow: ['*']}", "is no origin"),
        ("{url: /, allow: ['https://a.b'], deny: ['https://a.b']}", "in allow and in deny"),
        ("{url: /, allow: ['https://a.b'], headers: {origin: x}}", "what this check sets"),
        ("{url: /, allow: ['https://a.b'], methods: []}", "methods"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


def test_look_alikes_never_are_the_origin_itself() -> None:
    for origin in (APP, "http://localhost:3000", "https://a.example:8443"):
        assert origin not in list(look_alikes(origin))
    assert list(look_alikes("null")) == []


def test_a_served_policy_passes_and_a_reflecting_one_fails() -> None:
    def polite(asked: Asked) -> Reply:
        return Reply(headers=strict(asked.headers.get("origin", "")))

    def reflecting_server(asked: Asked) -> Reply:
        return Reply(headers={"Access-Control-Allow-Origin": asked.headers.get("origin", "*")})

    with served(polite) as port:
        result = ran_against(CHECK, ASKED, port)
        assert result.outcome is Outcome.PASSED, result.details
    with served(reflecting_server) as port:
        assert ran_against(CHECK, ASKED, port).outcome is Outcome.FAILED
