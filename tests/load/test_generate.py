import asyncio
from typing import Any

import pytest

from readiness_gate.load.generate import generate
from readiness_gate.load.plan import BODY_CAP, Plan, Request, Stage
from readiness_gate.load.tally import IN_VAIN, Tally
from tests.checks.network.served import closed_port
from tests.load.served import serving


def plan(url: str, executor: Any = "constant-vus", level: float = 3, **more: Any) -> Plan:
    given: dict[str, Any] = {
        "requests": (Request("a", "GET", url),),
        "stages": (Stage(0.3, level),),
        "timeout": 2.0,
        **more,
    }
    return Plan(executor=executor, start=level, **given)


def ran(given: Plan) -> Tally:
    return asyncio.run(generate(given))


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_users_ask_one_after_another() -> None:
    with serving(delay=0.05) as server:
        tally = ran(plan(server.url()))
    whole = tally.whole
    assert 0 < whole.expected == whole.requests <= 3 * 7
    assert tally.planned is None
    assert server.most <= 3
    assert (whole.latency.percentile(0) or 0) >= 0.049


def test_told_starts_are_made_whatever_the_answers_do() -> None:
    with serving(delay=0.2) as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 50))
    assert tally.planned == 15
    assert tally.whole.expected == 15
    assert tally.dropped == 0
    assert server.most > 3


def test_latency_counts_from_the_intended_start() -> None:
    with serving() as server:
        given = plan(server.url(), "constant-arrival-rate", 100, stages=(Stage(0.6, 100),))
        loop_time = asyncio.new_event_loop()
        server.held = loop_time.time() + 0.45
        loop_time.close()
        tally = ran(given)
    # Everybody who was to start while it answered nobody waited, not only those on their way.
    late = tally.whole.latency.count - tally.whole.latency.at_most(0.1)
    assert late >= 20
    assert tally.whole.expected == 60


def test_a_start_for_which_nobody_is_free_is_dropped_and_waited_in_vain() -> None:
    with serving(delay=1.0) as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 50, most_users=5))
    assert tally.dropped == 10
    assert tally.whole.expected == 5
    assert tally.whole.latency.count == 15
    assert tally.whole.latency.percentile(100) == 2.0
    assert tally.most_under_way == 5


def test_users_come_and_go_by_stages() -> None:
    stages = (Stage(0.2, 6.0), Stage(0.2, 0.0))
    with serving(delay=0.02) as server:
        tally = ran(plan(server.url(), "ramping-vus", 0, stages=stages))
    assert tally.whole.expected > 3
    assert server.most <= 6


def test_starts_follow_a_ramp() -> None:
    stages = (Stage(0.2, 100.0), Stage(0.2, 0.0))
    with serving() as server:
        tally = ran(plan(server.url(), "ramping-arrival-rate", 0, stages=stages))
    assert tally.planned == tally.whole.expected == 20


def test_the_warm_up_is_not_counted() -> None:
    with serving() as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 50, warm_up=0.2))
    assert tally.planned == tally.whole.requests == 15
    assert len(server.asked) == 25


def test_endpoints_take_turns_by_weight() -> None:
    with serving() as server:
        requests = (
            Request("often", "GET", server.url("/often"), 4),
            Request("seldom", "POST", server.url("/seldom"), 1, {"X-A": "1"}, b'{"n": 1}'),
        )
        tally = ran(plan(server.url(), "constant-arrival-rate", 100, requests=requests))
    often, seldom = tally.endpoints
    assert (often.expected, seldom.expected) == (24, 6)
    posted = next(head for head in server.asked if head.startswith("POST"))
    assert "X-A: 1" in posted
    assert "Content-Length: 8" in posted


def test_users_take_turns_with_their_tokens() -> None:
    who = ({"Authorization": "Bearer one"}, {"Authorization": "Bearer two"})
    with serving() as server:
        ran(plan(server.url(), "constant-arrival-rate", 50, identities=who))
    one = sum("Bearer one" in head for head in server.asked)
    assert one in {7, 8}
    assert sum("Bearer two" in head for head in server.asked) == 15 - one


def test_neither_proxies_nor_cookies_nor_the_environment_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(answer=answer("200 OK", b"ok", "Set-Cookie: a=b")) as server:
        tally = ran(plan(server.url()))
    assert tally.whole.expected == tally.whole.requests > 0
    assert not any("cookie" in head.lower() for head in server.asked)


def test_a_redirect_is_not_followed() -> None:
    with serving() as elsewhere:
        with serving(answer=answer("302 Found", b"", f"Location: {elsewhere.url()}")) as server:
            tally = ran(plan(server.url(), "constant-arrival-rate", 20))
        assert elsewhere.asked == []
    assert tally.whole.unexpected == {302: 6}
    assert tally.whole.expected == 0
    assert tally.whole.latency.count == 0


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"", "the connection was closed without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\nConnection: close", "the answer is no HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nshort",
            "the body ended too early",
        ),
    ],
)
def test_a_broken_answer_is_a_failure_with_its_cause(said: bytes, problem: str) -> None:
    with serving(answer=said) as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 20))
    assert tally.whole.problems == {problem: 6}
    assert tally.whole.latency.count == 0


def test_a_port_where_nobody_listens_is_said() -> None:
    tally = ran(plan(f"http://127.0.0.1:{closed_port()}/", "constant-arrival-rate", 20))
    assert tally.whole.problems == {"connection refused": 6}


def test_users_do_not_ask_in_a_circle_where_nobody_listens() -> None:
    tally = ran(plan(f"http://127.0.0.1:{closed_port()}/", level=2))
    assert 2 <= tally.whole.requests <= 8


def test_a_body_without_end_is_cut_off() -> None:
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (BODY_CAP + 70_000)
    with serving(answer=endless) as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 5))
    assert tally.whole.problems == {f"the body is longer than {BODY_CAP} bytes": 2}


def test_a_compression_bomb_is_not_unpacked() -> None:
    packed = answer("200 OK", b"\x1f\x8b" + b"\0" * 500, "Content-Encoding: gzip")
    with serving(answer=packed) as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 20))
    assert (tally.whole.expected, tally.whole.received) == (6, 6 * 502)


def test_who_waits_in_vain_is_counted_with_the_time_that_was_waited() -> None:
    with serving(delay=60.0) as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 20, timeout=0.3))
    assert tally.whole.problems == {IN_VAIN: 6}
    assert tally.whole.latency.count == 6
    assert (tally.whole.latency.percentile(0) or 0) >= 0.29


@pytest.mark.parametrize(
    ("statuses", "refused", "expected"), [({200}, 6, 0), ({429}, 0, 6)], ids=["apart", "expected"]
)
def test_refusals_of_a_limiter_are_counted_apart(
    statuses: set[int], refused: int, expected: int
) -> None:
    with serving(answer=answer("429 Too Many Requests")) as server:
        request = Request("a", "GET", server.url(), statuses=frozenset(statuses))
        tally = ran(plan("", "constant-arrival-rate", 20, requests=(request,)))
    assert (tally.whole.refused, tally.whole.expected) == (refused, expected)


def test_it_measures_itself() -> None:
    with serving() as server:
        tally = ran(plan(server.url(), "constant-arrival-rate", 100))
    assert tally.late.count > 30
    assert tally.processor > 0
    assert tally.peak_memory > 1_000_000
    assert tally.seconds == pytest.approx(0.3)
