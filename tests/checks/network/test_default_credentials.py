"""`default-credentials` against logins that refuse, let in, lock out, or are something else."""

import base64
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

import pytest

from readiness_gate.checks.network.default_credentials import CHECK, WELL_KNOWN
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer
from tests.forge.clock import FakeClock

VALID = "{url: /login, valid: {user: nurse, password-from: NURSE}}"
SECRET = "only-nurse-knows"


def pair_of(asked: Request) -> tuple[str, str]:
    token = asked.headers.get("Authorization", "").removeprefix("Basic ")
    if token:
        user, _, password = base64.b64decode(token).decode().partition(":")
        return user, password
    body = (asked.body or b"").decode()
    if asked.headers["Content-Type"].startswith("application/json"):
        sent = json.loads(body)
        return sent.get("username", sent.get("email")), sent["password"]
    form = parse_qs(body, keep_blank_values=True)
    return form["u"][0], form["p"][0]


Login = Callable[[str, str], Answer]


def login(accounts: Mapping[str, str]) -> Login:
    return lambda user, password: answer(200 if accounts.get(user) == password else 401)


def always(status: int) -> Login:
    return lambda _user, _password: answer(status)


def but_for(user: str, status: int) -> Login:
    return lambda name, _password: answer(status if name == user else 401)


def ran(
    text: str,
    door: Login,
    *,
    own: bool = True,
    clock: FakeClock | None = None,
    timeout: float = 30.0,
) -> tuple[CheckResult, list[tuple[str, str]]]:
    tried: list[tuple[str, str]] = []

    def respond(asked: Request) -> Answer:
        tried.append(pair_of(asked))
        return door(*tried[-1])

    result = CHECK.run(
        context(
            stack=FakeStack(addresses={("backend", 8000): Address("127.0.0.1", 32768)}),
            web=FakeWeb(responder=respond),
            base_url="http://backend:8000",
            steps=booted() if own else {},
            variables={"NURSE": SECRET},
            clock=clock,
            timeout=timeout,
        ),
        options(CHECK, text),
    )
    return result, tried


def test_every_pair_is_tried_after_a_wrong_and_a_valid_one() -> None:
    result, tried = ran(VALID, login({"nurse": SECRET}))
    assert result.outcome is Outcome.PASSED
    assert result.summary == f"{len(WELL_KNOWN)} pairs are refused, nurse is let in"
    assert tried[0][0].startswith("readiness-")
    assert tried[1] == ("nurse", SECRET)
    assert tried[2:] == [*WELL_KNOWN, ("nurse", SECRET)]
    assert SECRET not in str(result)


def test_an_endpoint_that_lets_nobody_in_proves_nothing() -> None:
    """Whatever the body is, 401 comes back: without a valid pair that looks like a refusal."""
    result, _ = ran("{url: /login}", always(401))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary == "16 pairs are refused, and nobody was seen to be let in"
    assert "Give `valid`" in (result.remediation or "")


@pytest.mark.parametrize("body", ["", "basic: true", "form: {u: '{{user}}', p: '{{password}}'}"])
def test_a_default_that_is_let_in_fails_and_the_others_are_tried_too(body: str) -> None:
    text = f"{{url: /login, {body}}}" if body else "{url: /login}"
    result, tried = ran(text, login({"root": "toor", "guest": "guest"}))
    assert result.outcome is Outcome.FAILED
    assert result.summary == "root with toor is let in; and 1 more"
    assert result.details.splitlines() == ["root with toor", "guest with guest"]
    assert len(tried) == 1 + len(WELL_KNOWN)


def test_own_pairs_come_first_and_may_have_an_empty_password() -> None:
    text = """
    url: /login
    json: {email: "{{user}}", password: "{{password}}", remember: true}
    well-known: false
    pairs: [{user: sa, password: ""}, {user: boss, password: boss}]
    """
    result, tried = ran(text, login({"sa": ""}))
    assert result.summary == "sa with an empty password is let in"
    assert tried[1:] == [("sa", ""), ("boss", "boss")]


def test_who_lets_everybody_in_or_is_not_a_login_decides_nothing() -> None:
    for status in (200, 404, 405, 500, 422):
        result, tried = ran("{url: /login}", always(status))
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
        assert "surely wrong credentials are not refused" in result.summary
        assert len(tried) == 1


def test_a_valid_pair_that_is_refused_decides_nothing() -> None:
    for status in (401, 500):
        result, tried = ran(VALID, but_for("nurse", status))
        assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
        assert "the valid pair of nurse is not let in" in result.summary
        assert len(tried) == 2


@pytest.mark.parametrize("status", [423, 429])
def test_a_lock_out_ends_the_tries_and_decides_nothing(status: int) -> None:
    count = 0

    def locks(_user: str, _password: str) -> Answer:
        nonlocal count
        count += 1
        return answer(401 if count < 5 else status)

    result, tried = ran("{url: /login}", locks)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert f"locked out with {status} after 3 pairs" in result.summary
    assert f"{len(WELL_KNOWN) - 3} pairs were not tried" in result.summary
    assert len(tried) == 5


def silently(wrong: int, status: int = 401) -> Login:
    """Return a login that lets nobody in any more after some wrong tries, and says nothing."""
    count = 0

    def locks(user: str, password: str) -> Answer:
        nonlocal count
        right = (user, password) in {("nurse", SECRET), ("root", "toor")}
        count += not right
        return answer(status if count > wrong else 200 if right else 401)

    return locks


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_lock_out_that_looks_like_a_refusal_decides_nothing(status: int) -> None:
    text = VALID.replace("valid:", "refused: {status: {or: [401, 403, 429, 500]}}, valid:")
    result, tried = ran(text, silently(3, status))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary.startswith("nurse is not let in any more after 16 pairs")
    assert tried[-1] == ("nurse", SECRET)
    assert SECRET not in str(result)


def test_without_time_for_the_valid_pair_again_nothing_is_decided() -> None:
    clock = FakeClock()
    text = (
        "{url: /login, pause: 2s, well-known: false, pairs: [{user: a, password: b}], "
        + VALID[len("{url: /login, ") :]
    )
    result, _ = ran(text, login({"nurse": SECRET}), clock=clock, timeout=3.0)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary == "time was over after 1 of 1 pairs"


def test_who_was_let_in_before_a_lock_out_is_a_failure() -> None:
    def locks(user: str, password: str) -> Answer:
        if (user, password) == WELL_KNOWN[0]:
            return answer(200)
        return answer(429 if (user, password) == WELL_KNOWN[1] else 401)

    result, _ = ran("{url: /login}", locks)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "admin with admin is let in"


def test_a_lock_from_the_begin_decides_nothing() -> None:
    result, _ = ran("{url: /login}", always(429))
    assert result.outcome is Outcome.ERROR
    assert "locked out with 429 before anything was tried" in result.summary


def test_no_user_is_tried_more_often_than_allowed() -> None:
    _, tried = ran("{url: /login, each-user: 2}", login({}))
    users = [user for user, _ in tried]
    assert users.count("admin") == users.count("root") == 2


def test_tries_are_paused_and_end_with_the_time() -> None:
    clock = FakeClock()
    result, tried = ran("{url: /login, pause: 2s}", login({}), clock=clock, timeout=9.0)
    assert clock.slept == [2.0, 2.0, 2.0, 2.0]
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary == f"time was over after 4 of {len(WELL_KNOWN)} pairs"
    assert len(tried) == 5


def test_a_user_of_another_form_is_refused_only_beside_a_valid_pair() -> None:
    def mail_only(user: str, password: str) -> Answer:
        if (user, password) == ("nurse", SECRET):
            return answer(200)
        if user in {"nurse", "admin@example.com", "admin@admin.com"} or "readiness" in user:
            return answer(401)
        return answer(422)

    assert ran(VALID, mail_only)[0].outcome is Outcome.PASSED
    alone, _ = ran("{url: /login}", mail_only)
    assert (alone.outcome, alone.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "neither let in nor refused: admin with admin is answered with 422" in alone.summary


def test_an_error_for_a_default_decides_nothing() -> None:
    result, _ = ran(
        VALID, lambda user, p: answer(500) if user == "root" else login({"nurse": SECRET})(user, p)
    )
    assert result.outcome is Outcome.ERROR
    assert "root with root is answered with 500" in result.summary


def test_pages_refuse_by_what_they_say() -> None:
    text = """
    url: /login
    form: {u: "{{user}}", p: "{{password}}"}
    refused: {status: 200, body: {contain-substring: Wrong}}
    valid: {user: nurse, password-from: NURSE}
    """

    def page(*let_in: str) -> Login:
        wrong = answer(200, body="Wrong password")
        return lambda user, _password: answer(302) if user in let_in else wrong

    fine, _ = ran(text, page("nurse"))
    assert fine.outcome is Outcome.PASSED
    bad, _ = ran(text, page("nurse", "demo"))
    assert bad.summary == "demo with demo is let in"


def test_silence_fails_on_the_own_stack_and_decides_nothing_elsewhere() -> None:
    def silent(_user: str, _password: str) -> Answer:
        raise NoAnswer("POST http://127.0.0.1:32768/login: ConnectionRefusedError")

    own, _ = ran("{url: /login}", silent)
    assert own.outcome is Outcome.FAILED
    assert own.summary == "POST http://backend:8000/login: connection refused"
    with pytest.raises(ConfigurationError, match="POST is not sent"):
        ran("{url: /login}", silent, own=False)
    theirs, _ = ran("{url: /login, method: GET, basic: true}", silent, own=False)
    assert (theirs.outcome, theirs.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "url"),
        ("{url: /login, well-known: false}", "write pairs"),
        ("{url: /login, json: {name: '{{user}}'}}", "need {{user}} and {{password}}"),
        ("{url: /login, json: {a: '{{user}}', b: '{{password}}', c: '{{otp}}'}}", "nothing else"),
        ("{url: /login, basic: true, form: {u: '{{user}}', p: '{{password}}'}}", "write one of"),
        ("{url: /login, valid: {user: a}}", "password"),
        ("{url: /login, refused: {status: '401'}}", "a status is a number"),
        (
            "{url: /login, each-user: 1, pairs: [{user: a, password: b}, {user: a, password: c}]}",
            "more than each-user (1) of a",
        ),
    ],
)
def test_what_would_prove_nothing_is_refused(text: str, says: str) -> None:
    assert says in refusal(CHECK, text)
