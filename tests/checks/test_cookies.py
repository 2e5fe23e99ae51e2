from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checks.cookies import CookieJar, cookie_value, parsed, private_values
from readiness_gate.checks.options.cookie_query import query_of
from readiness_gate.matchers import ABSENT
from tests.fakes.web import answer
from tests.forge.clock import FakeClock

BASE = "http://127.0.0.1:32768"


def test_the_last_cookie_of_a_name_counts() -> None:
    seen = answer(headers=[("Set-Cookie", "a=1; Secure"), ("Set-Cookie", "a=2")])
    assert cookie_value(seen, "a") == "2"
    assert cookie_value(seen, "a[Secure]") is ABSENT
    assert cookie_value(seen, "b") is ABSENT


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a=b", "a", "b"),
        ("a=b=c; Path=/", "a", "b=c"),
        ('a="b"', "a", "b"),
        ("a=", "a", ""),
        (" a = b ;HttpOnly", "a", "b"),
    ],
)
def test_a_cookie_is_read_as_browsers_read_it(text: str, name: str, value: str) -> None:
    cookie = parsed(text)
    assert cookie is not None
    assert (cookie.name, cookie.value) == (name, value)


@pytest.mark.parametrize("text", ["", "a", "=b", ";", "; Path=/", "a=b\nc", "a=\u2028"])
def test_what_has_no_name_is_no_cookie(text: str) -> None:
    assert parsed(text) is None


@given(st.text(max_size=200))
def test_no_text_of_a_server_breaks_the_reader(text: str) -> None:
    jar = CookieJar(FakeClock()).of("backend")
    jar.take(f"{BASE}/a", [text])
    assert all(32 <= ord(sign) < 256 for sign in jar.header(f"{BASE}/a"))


def test_only_long_and_guarded_values_are_private() -> None:
    cookies = ["sid=0123456789; HttpOnly", "lang=english-gb", "short=abc; Secure"]
    seen = answer(headers=[("Set-Cookie", one) for one in cookies])
    assert list(private_values(seen)) == ["0123456789"]


def test_cookies_go_back_to_their_host_and_path_alone() -> None:
    kept = CookieJar(FakeClock())
    jar = kept.of("backend:8000")
    cookies = [
        "all=1; Path=/",
        "api=2; Path=/api",
        "here=3",
        "odd=4; Path=api",
        "s=5; Path=/; Secure",
    ]
    jar.take(f"{BASE}/api/login", cookies)
    assert jar.header(f"{BASE}/api/me") == "api=2; here=3; odd=4; all=1; s=5"
    assert jar.header(f"{BASE}/apis") == "all=1; s=5"
    assert jar.header(f"{BASE}/") == "all=1; s=5"
    assert kept.of("other:8000").header(f"{BASE}/api/me") == ""


def test_cookies_expire_and_are_replaced() -> None:
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    jar = CookieJar(clock).of("backend")
    jar.take(BASE, ["a=1", "b=1", "c=1", "d=1"])
    gone = "Sun, 01 Mar 2026 00:00:00 GMT"
    later = "Tue, 03 Mar 2026 00:00:00 GMT"
    jar.take(
        BASE,
        ["a=2", "b=; Max-Age=0", f"c=; Expires={gone}", f"d=2; Expires={later}", "e=1; Expires=x"],
    )
    assert sorted(jar.header(BASE).split("; ")) == ["a=2", "d=2", "e=1"]
    jar.take(BASE, [f"d=3; Max-Age=60; Expires={gone}"])
    assert "d=3" in jar.header(BASE)


def test_a_server_cannot_fill_the_memory() -> None:
    jar = CookieJar(FakeClock()).of("backend")
    jar.take(BASE, [f"c{number}=1" for number in range(10_000)])
    assert len(jar.header(BASE).split("; ")) == 200


def test_queries_name_an_attribute_or_none() -> None:
    assert query_of("sid") == ("sid", "Value")
    assert query_of("sid[max-age]") == ("sid", "Max-Age")
    for text in ("", "a b", "sid[", "sid[]", "sid[Colour]", "a[Path][Secure]"):
        with pytest.raises(ValueError, match="cookie"):
            query_of(text)
