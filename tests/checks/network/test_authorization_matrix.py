from datetime import UTC, datetime
from typing import Any

import pytest

from readiness_gate.checks.network.authorization_matrix import CHECK
from readiness_gate.doors.web import NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.described import NOW, Interface, ran, token
from tests.fakes.options import refusal
from tests.fakes.web import FakeWeb
from tests.forge.clock import FakeClock

LOGIN = "{login: {url: /auth/token, json: {name: %s, password: right}}}"
TOKENS = f"tokens: {{customer: {LOGIN % 'customer'}, admin: {LOGIN % 'admin'}}}"
ROLES = "roles: {admin: [GET /admin/*]}"
PUBLIC = "public: [GET /health, POST /auth/token]"
DATA = "parameters: {order_id: 1}, bodies: {POST /orders: {quantity: 1}}"
EXPIRED = "expired: {service: backend, secret: JWT_SECRET}"
WHOLE = f"{{{TOKENS}, {ROLES}, {PUBLIC}, {DATA}, {EXPIRED}, let-in: [POST /orders]}}"


def asked(text: str, *broken: str, **more: Any) -> CheckResult:
    return ran(
        CHECK, text, *broken, clock=FakeClock(start=datetime.fromtimestamp(NOW, UTC)), **more
    )


def test_who_has_to_be_let_in_is_and_nobody_else() -> None:
    result = asked(WHOLE)
    assert result.outcome is Outcome.PASSED, result.details
    assert result.summary == (
        "3 operations refused 16 requests with 401 or 403 and let right tokens in 5 times; "
        "2 are public"
    )


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ("open", "POST /orders: no token is answered with 201 (application/json)"),
        ("signature", "POST /orders: a token with another signature is answered with 201"),
        ("signature", "GET /orders/{order_id}: an unsigned token (alg none) is answered with 200"),
        ("expiry", "GET /orders/{order_id}: an expired token is answered with 200"),
        ("roles", "GET /admin/orders: a token of customer is answered with 200"),
        ("login", "GET /orders/{order_id}: no token is answered with 302"),
        ("refuses", "GET /orders/{order_id}: the right token of customer is refused"),
    ],
)
def test_each_hole_is_named(broken: str, cause: str) -> None:
    result = asked(WHOLE, broken)
    assert result.outcome is Outcome.FAILED
    assert cause in result.details
    assert result.evidence


def test_no_token_is_in_what_is_shown() -> None:
    result = asked(WHOLE, "open")
    assert token("customer") not in f"{result}"


@pytest.mark.parametrize(
    ("taken", "cause"),
    [
        ("parameters: {order_id: 1}, ", "GET /orders/{order_id}: no value for order_id"),
        (f", {EXPIRED}", "no expired token was tried"),
        (f", {ROLES}", "every role may use everything"),
        (f", admin: {LOGIN % 'admin'}", "no token of a lower role was tried"),
    ],
)
def test_what_cannot_be_asked_is_a_finding(taken: str, cause: str) -> None:
    text = WHOLE.replace(taken, "")
    if "admin: {login" not in text:
        text = text.replace(f", {ROLES}", "")
    result = asked(text)
    assert result.outcome is Outcome.FAILED
    assert cause in result.details


def test_what_an_interface_does_not_have_is_said() -> None:
    text = (
        f"{{tokens: {{admin: {LOGIN % 'admin'}}}, {PUBLIC}, {DATA}, without: [expired, low-role]}}"
    )
    result = asked(text)
    assert result.outcome is Outcome.PASSED, result.details


def test_a_right_token_without_data_proves_nothing() -> None:
    result = asked(WHOLE.replace("order_id: 1", "order_id: 7"))
    assert result.outcome is Outcome.FAILED
    assert "the right token of customer is answered with 404" in result.summary
    body = asked(WHOLE.replace("quantity: 1", "quantity: 0"))
    assert "POST /orders: the right token of customer is answered with 422" in body.details


def test_each_role_asks_for_what_is_its_own() -> None:
    without = asked(WHOLE, "own")
    assert "the right token of admin is answered with 404" in without.summary
    text = WHOLE.replace(f", {ROLES}", f", {ROLES}, own: {{admin: {{order_id: 2}}}}")
    assert asked(text, "own").outcome is Outcome.PASSED


def test_a_login_that_is_refused_cannot_tell() -> None:
    result = asked(WHOLE, "login-gone")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "the login is answered with 401" in result.summary
    assert "right" not in result.summary


def test_only_public_operations_prove_nothing() -> None:
    everything = "public: [GET *, POST *], parameters: {order_id: 1}"
    text = f"{{tokens: {{admin: {LOGIN % 'admin'}}}, {everything}, without: [expired, low-role]}}"
    result = asked(text, "open")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_what_is_listed_as_public_has_to_be() -> None:
    result = asked(WHOLE.replace("GET /health,", "GET /health, GET /admin/orders,"))
    assert "GET /admin/orders: is listed as public, but answers 401" in result.details


def test_a_public_operation_that_breaks_is_not_open_to_all() -> None:
    result = asked(WHOLE, "down")
    assert result.outcome is Outcome.FAILED
    assert "GET /health: is listed as public, but answers 500" in result.details


@pytest.mark.parametrize("option", ["public", "let-in", "roles"])
def test_a_pattern_that_names_nothing_is_refused(option: str) -> None:
    text = {
        "public": WHOLE.replace("GET /health", "GET /healthz"),
        "let-in": WHOLE.replace("let-in: [POST /orders]", "let-in: [POST /order]"),
        "roles": WHOLE.replace("GET /admin/*", "GET /adm/*"),
    }[option]
    with pytest.raises(ConfigurationError, match=option):
        asked(text)


def test_silence_fails_and_of_a_foreign_system_decides_nothing() -> None:
    web = FakeWeb([NoAnswer("ConnectionRefusedError")])
    assert asked(WHOLE, web=web).outcome is Outcome.FAILED
    foreign = asked(WHOLE, web=web, own=False)
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_nothing_is_written_to_a_system_of_others() -> None:
    with pytest.raises(ConfigurationError, match="POST is not sent"):
        asked(WHOLE, own=False)


def test_time_that_is_over_cannot_tell() -> None:
    clock = FakeClock(start=datetime.fromtimestamp(NOW, UTC))
    interface = Interface()

    def slow(request: Any) -> Any:
        clock.sleep(2)
        return interface(request)

    result = ran(CHECK, WHOLE, clock=clock, web=FakeWeb(responder=slow))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "time was over" in result.summary


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{}", "tokens"),
        ("{tokens: {}}", "tokens"),
        ("{tokens: {a: {}}}", "from login or from variable"),
        ("{tokens: {a: {variable: T}}, roles: {b: [GET /x]}}", "b has no token"),
        ("{tokens: {a: {variable: T}}, own: {b: {x: 1}}}", "own: b has no token"),
        ("{tokens: {a: {variable: T}}, public: [/health]}", "write a method and a path"),
        ("{tokens: {a: {variable: T}}, expired: {secret: S}}", "secret and service"),
        ("{tokens: {a: {login: {url: /x}}}}", "send json or form"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)
