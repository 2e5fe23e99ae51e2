from dataclasses import replace

import pytest

from readiness_gate.checks.network.security_headers import CHECK
from readiness_gate.doors.web import NoAnswer
from readiness_gate.model.evidence import RequestEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.served import Asked, Reply, served
from tests.checks.network.served import ran as ran_against
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.web import FakeWeb, answer

GOOD = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer, strict-origin-when-cross-origin",
    "permissions-policy": "geolocation=(), camera=()",
    "server": "nginx",
}


def ran(
    headers: dict[str, str], text: str = "{url: /}", *, status: int = 200, base: str = "https"
) -> CheckResult:
    return CHECK.run(
        context(
            web=FakeWeb([answer(status, headers=headers)]),
            base_url=f"{base}://shop.example",
            steps=booted(),
        ),
        options(CHECK, text),
    )


def test_the_whole_set_passes() -> None:
    result = ran(GOOD)
    assert result.outcome is Outcome.PASSED, result.details
    assert result.summary == "1 answers carry 6 headers as they must"


def test_each_missing_header_is_named() -> None:
    for name in set(GOOD) - {"server", "x-frame-options"}:
        result = ran({key: value for key, value in GOOD.items() if key != name})
        if name == "content-security-policy":
            continue
        assert result.outcome is Outcome.FAILED
        assert f"{name}: is absent" in result.summary
    result = ran({})
    assert len(result.details.splitlines()) == 6
    (shown,) = result.evidence
    assert isinstance(shown, RequestEvidence)


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("strict-transport-security", "max-age=86400", "max-age is 86400, less than 31536000"),
        ("strict-transport-security", "includeSubDomains", "has not one max-age"),
        ("strict-transport-security", "max-age=1, max-age=2", "has not one max-age"),
        ("strict-transport-security", "max-age=\u0663\u0661", "has not one max-age"),
        ("content-security-policy", "script-src 'self' 'unsafe-inline'", "'unsafe-inline'"),
        ("content-security-policy", "default-src 'self' 'unsafe-eval'", "'unsafe-eval'"),
        ("content-security-policy", "default-src *", "default-src lets * in"),
        ("content-security-policy", "script-src https:", "script-src lets https: in"),
        ("content-security-policy", "img-src 'self'", "neither script-src nor default-src"),
        ("content-security-policy", " ; ", "is absent"),
        ("x-content-type-options", "sniff", "not nosniff"),
        ("referrer-policy", "unsafe-url", "tells other sites whole URLs"),
        ("referrer-policy", "secret", "is no policy"),
        ("permissions-policy", "nothing", "names no feature"),
        ("server", "nginx/1.26.3", "tells what runs there: nginx/1.26.3"),
        ("server", "Werkzeug/3.0 Python/3.12", "tells what runs there"),
        ("x-powered-by", "Express", "tells what runs there: Express"),
    ],
)
def test_a_value_that_does_not_protect_fails(name: str, value: str, cause: str) -> None:
    result = ran({**GOOD, name: value})
    assert result.outcome is Outcome.FAILED
    assert cause in result.details


@pytest.mark.parametrize(
    "policy",
    [
        "script-src 'nonce-abc' 'unsafe-inline' 'strict-dynamic' https:",
        "default-src 'none'",
        "default-src *, default-src 'self'",
        "script-src 'self'; script-src *",
    ],
)
def test_a_strict_policy_passes_as_browsers_read_it(policy: str) -> None:
    assert ran({**GOOD, "content-security-policy": policy}).outcome is Outcome.PASSED


def test_a_policy_that_only_reports_is_none() -> None:
    headers = {**GOOD, "content-security-policy-report-only": "default-src 'self'"}
    del headers["content-security-policy"]
    assert "it blocks nothing" in ran(headers).summary


@pytest.mark.parametrize(
    ("frames", "ancestors", "outcome"),
    [
        ("DENY", "", Outcome.PASSED),
        ("sameorigin", "", Outcome.PASSED),
        ("ALLOWALL", "", Outcome.FAILED),
        ("DENY, ALLOWALL", "", Outcome.FAILED),
        ("", "; frame-ancestors 'self'", Outcome.PASSED),
        ("DENY", "; frame-ancestors *", Outcome.FAILED),
        ("", "", Outcome.FAILED),
    ],
)
def test_frames_are_kept_out_by_either_header(
    frames: str, ancestors: str, outcome: Outcome
) -> None:
    headers = {**GOOD, "content-security-policy": f"default-src 'self'{ancestors}"}
    del headers["x-frame-options"]
    headers |= {"x-frame-options": frames} if frames else {}
    assert ran(headers).outcome is outcome


def test_over_plain_http_transport_security_counts_only_where_it_is_named() -> None:
    headers = {key: value for key, value in GOOD.items() if not key.startswith("strict")}
    result = ran(headers, base="http")
    assert result.outcome is Outcome.PASSED
    assert "over plain HTTP not judged: strict-transport-security" in result.summary
    named = "{url: /, require: [strict-transport-security]}"
    assert ran(headers, named, base="http").outcome is Outcome.FAILED
    assert ran(GOOD, named, base="http").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("cross-origin-opener-policy", "same-origin", Outcome.PASSED),
        ("cross-origin-opener-policy", "unsafe-none", Outcome.FAILED),
        ("cross-origin-resource-policy", "same-site", Outcome.PASSED),
        ("cross-origin-resource-policy", "cross-origin", Outcome.FAILED),
        ("cross-origin-embedder-policy", "require-corp", Outcome.PASSED),
        ("cross-origin-embedder-policy", "unsafe-none", Outcome.FAILED),
        ("cache-control", "private, no-store", Outcome.PASSED),
        ("cache-control", "public, max-age=60", Outcome.FAILED),
    ],
)
def test_further_headers_can_be_required(name: str, value: str, outcome: Outcome) -> None:
    assert ran({name: value}, f"{{url: /, require: [{name}]}}").outcome is outcome


def test_a_rule_of_one_s_own_takes_the_place_of_the_default() -> None:
    text = "{url: /, header: {Referrer-Policy: origin, x-request-id: {exists: true}}}"
    result = ran({**GOOD, "referrer-policy": "origin"}, text)
    assert result.summary.endswith("x-request-id: expected it to exist, got nothing")
    excepted = "{url: /, except: {referrer-policy: an API, server: known}}"
    headers = {**GOOD, "referrer-policy": "origin", "server": "nginx/1.2"}
    assert ran(headers, excepted).outcome is Outcome.PASSED


def test_the_answer_has_to_be_the_one_that_is_meant() -> None:
    result = ran(GOOD, status=404)
    assert result.outcome is Outcome.FAILED
    assert "status: expected less than 400, got 404" in result.summary
    assert ran(GOOD, "{url: /, status: 404}", status=404).outcome is Outcome.PASSED


def test_silence_is_told_apart_by_whose_system_it_is() -> None:
    silent = context(
        web=FakeWeb([NoAnswer("Read timed out")]), base_url="https://shop.example", steps=booted()
    )
    assert CHECK.run(silent, options(CHECK, "{url: /}")).outcome is Outcome.FAILED
    foreign = CHECK.run(replace(silent, steps={}), options(CHECK, "{url: /}"))
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_no_time_decides_nothing() -> None:
    late = context(web=FakeWeb([answer()]), base_url="https://a.example", timeout=0.0)
    assert CHECK.run(late, options(CHECK, "{url: /}")).error_class is ErrorClass.INCONCLUSIVE


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{url: []}", "url"),
        ("{url: /, require: []}", "nothing is left to judge"),
        ("{url: /, require: [x-frame-options], except: {X-Frame-Options: why}}", "nothing is left"),
        ("{url: /, header: {server: nginx}, except: {Server: why}}", "in header and in except"),
        ("{url: /, require: [x-nothing]}", "require"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


def test_an_error_page_that_was_forgotten_is_found() -> None:
    headers = {name: value for name, value in GOOD.items() if name != "server"}

    def replies(asked: Asked) -> Reply:
        return Reply(headers=headers if asked.path == "/health" else {})

    with served(replies) as port:
        text = "{url: [/health, /gone], except: {server: the test's}}"
        result = ran_against(CHECK, text, port)
        assert result.outcome is Outcome.FAILED
        assert result.summary.startswith("http://backend:8000/gone: ")
        alone = ran_against(CHECK, "{url: /health, except: {server: the test's}}", port)
        assert alone.outcome is Outcome.PASSED, alone.details
