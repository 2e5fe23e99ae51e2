"""What `http` sends, and what it makes of cookies, redirects, sizes and several answers at once."""

import base64
import contextlib
import gzip
import socket
import time
from pathlib import Path

import pytest

from readiness_gate.checks.network.http import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.checks.network.certificates import issued
from tests.checks.network.served import Asked, Reply, raw, served
from tests.checks.network.tls_answers import key_of, tls_answers
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, answer

SECRET = "correct-horse-battery"


def ran(
    text: str,
    port: int = 0,
    *,
    web: FakeWeb | None = None,
    workspace: Path | None = None,
    variables: dict[str, str] | None = None,
    environments: dict[str, dict[str, str]] | None = None,
) -> CheckResult:
    stack = FakeStack(
        addresses={("backend", 8000): Address("127.0.0.1", port or 32768)},
        environments={"backend": {}, "db": {}, **(environments or {})},
    )
    return CHECK.run(
        context(
            stack=stack,
            web=web or TargetWeb(),
            clock=SystemClock(),
            base_url="http://backend:8000",
            steps=booted(),
            timeout=5.0,
            workspace=workspace,
            variables=variables,
        ),
        options(CHECK, text),
    )


def shown(result: CheckResult) -> str:
    return f"{result.summary}\n{result.details}\n{result.evidence}\n{result.remediation}"


def test_a_secret_of_the_environment_is_sent_and_never_shown() -> None:
    web = FakeWeb([answer(401, body=f"bad {SECRET}", headers={"x-you-sent": SECRET})])
    text = "{url: /, auth: {user: admin, password-from: ADMIN_PASSWORD}, body: fine}"
    result = ran(text, web=web, variables={"ADMIN_PASSWORD": SECRET})
    pair = base64.b64encode(f"admin:{SECRET}".encode()).decode()
    assert web.requests[0].headers["Authorization"] == f"Basic {pair}"
    assert result.outcome is Outcome.FAILED
    assert SECRET not in shown(result)
    assert pair not in shown(result)
    assert 'got "bad ***"' in result.summary


def test_a_token_may_be_a_services_own_variable() -> None:
    web = FakeWeb([answer(200)])
    text = "{url: /, auth: {bearer-from: API_TOKEN}, status: 200}"
    ran(text, web=web, environments={"backend": {"API_TOKEN": SECRET}})
    assert web.requests[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_a_variable_that_nobody_has_or_two_have_differently_cannot_be_sent() -> None:
    text = "{url: /, auth: {bearer-from: API_TOKEN}, status: 200}"
    with pytest.raises(ConfigurationError, match="neither the gate nor a service has"):
        ran(text, web=FakeWeb())
    both = {"backend": {"API_TOKEN": "one"}, "db": {"API_TOKEN": "two"}}
    with pytest.raises(ConfigurationError, match="services have different values"):
        ran(text, web=FakeWeb(), environments=both)


def test_forms_and_files_are_sent_as_browsers_do(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7\r\n\xff")
    web = FakeWeb([answer(200)])
    ran("{url: /, method: POST, form: {a b: 'c&d'}, status: 200}", web=web)
    text = """
    url: /files
    method: POST
    multipart:
      patient: "7"
      scan: {file: scan.pdf, type: application/pdf}
      note: {content: hello, file-name: note.txt, type: text/plain}
      big: {size: 1kB}
    status: 200
    """
    ran(text, web=web, workspace=tmp_path)
    form, parts = web.requests
    assert form.body == b"a+b=c%26d"
    assert form.headers["Content-Type"] == "application/x-www-form-urlencoded"
    kind, _, boundary = parts.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    pieces = (parts.body or b"").split(f"--{boundary}".encode())
    assert pieces[1] == b'\r\nContent-Disposition: form-data; name="patient"\r\n\r\n7\r\n'
    assert b'name="scan"; filename="scan.pdf"\r\nContent-Type: application/pdf' in pieces[2]
    assert pieces[2].endswith(b"\r\n\r\n%PDF-1.7\r\n\xff\r\n")
    assert b'filename="note.txt"' in pieces[3]
    assert pieces[4].count(b"x") >= 1000
    assert pieces[5] == b"--\r\n"


def test_a_file_outside_of_the_checkout_is_not_sent(tmp_path: Path) -> None:
    text = "{url: /, method: POST, multipart: {a: {file: ../../etc/passwd}}, status: 200}"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        ran(text, web=FakeWeb(), workspace=tmp_path)


def test_a_body_that_is_too_large_is_refused_while_it_is_sent() -> None:
    taken = 0

    def refuses(connection: socket.socket) -> None:
        nonlocal taken
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65_536)
        assert b"Content-Length: 500000000" in data
        taken = len(data)
        connection.sendall(b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                taken += len(part)

    with raw(refuses) as port:
        result = ran("{url: /, method: POST, request-size: 500MB, status: 413}", port)
    assert result.outcome is Outcome.PASSED, result.summary
    assert taken < 100_000_000


def test_a_server_that_slams_the_door_on_a_large_body_is_understood() -> None:
    def slams(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with raw(slams) as port:
        for _ in range(5):
            result = ran("{url: /, method: POST, request-size: 50MB, status: 413}", port)
            assert result.outcome is Outcome.PASSED, result.summary


def test_a_slow_body_meets_the_servers_patience() -> None:
    def patient(connection: socket.socket) -> None:
        data, end = b"", time.monotonic() + 0.3
        while b"\r\n\r\n" not in data:
            data += connection.recv(65_536)
        while time.monotonic() < end:
            data += connection.recv(65_536)
        assert len(data) < 1500
        connection.sendall(b"HTTP/1.1 408 Slow\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    text = "{url: /, method: POST, request-size: 2kB, request-pace: 1kB, status: 408}"
    with raw(patient) as port:
        result = ran(text, port)
    assert result.outcome is Outcome.PASSED, result.summary


def test_a_slow_body_that_is_taken_arrives_whole() -> None:
    def takes(connection: socket.socket) -> None:
        data = b""
        while not data.endswith(b"!end"):
            data += connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    body = "x" * 400 + "!end"
    with raw(takes) as port:
        text = f"{{url: /, method: POST, request-body: {body!r}, request-pace: 1kB, status: 200}}"
        begun = time.monotonic()
        assert ran(text, port).outcome is Outcome.PASSED
        assert time.monotonic() - begun > 0.2


def moves(asked: Asked) -> Reply:
    where = {
        "/": "/one",
        "/one": "http://backend:8000/two",
        "/two": "",
        "/away": "http://evil.example/",
        "/port": "http://127.0.0.1:9/",
        "/loop": "/loop",
        "/odd": "http://[half",
    }[asked.path]
    body = f"{asked.method} {asked.path} {asked.headers.get('content-type', '-')}".encode()
    return Reply(302, {"Location": where}, body) if where else Reply(200, {}, body)


def test_redirects_are_followed_and_counted_on_the_host_alone() -> None:
    with served(moves) as port:
        followed = "{url: /, follow-redirects: true, redirects: 2, body: GET /two -}"
        assert ran(followed, port).outcome is Outcome.PASSED
        few = ran("{url: /, follow-redirects: true, redirects: {le: 1}}", port)
        assert "redirects: expected at most 1, got 2" in few.summary, few.summary
        assert ran("{url: /, redirects: 0, status: 302}", port).outcome is Outcome.PASSED
        for path in ("/away", "/port", "/odd"):
            text = f"{{url: {path}, follow-redirects: true, status: 302, redirects: 0}}"
            assert ran(text, port).outcome is Outcome.PASSED
        away = ran("{url: /away, follow-redirects: true, status: 200}", port)
        assert "the redirect to http://evil.example/ is not followed" in away.details
        loop = ran("{url: /loop, follow-redirects: true, status: 200}", port)
        assert loop.outcome is Outcome.FAILED
        assert "redirects" in loop.summary


def test_a_sent_form_becomes_a_plain_request_when_it_is_redirected() -> None:
    with served(moves) as port:
        text = "{url: /one, method: POST, json: {}, follow-redirects: true, body: GET /two -}"
        result = ran(text, port)
    assert result.outcome is Outcome.PASSED, result.summary


COOKIES = [
    ("Set-Cookie", "session=4f3c2b1a9d8e; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600"),
    ("Set-Cookie", "lang=de"),
]


def test_cookies_and_their_attributes_are_asserted() -> None:
    web = FakeWeb([answer(headers=COOKIES)])
    text = """
    url: /
    cookie:
      session: {exists: true}
      session[HttpOnly]: true
      session[secure]: {exists: true}
      session[SameSite]: {or: [Lax, Strict]}
      session[Max-Age]: {le: 3600}
      session[Domain]: {exists: false}
      lang: de
      lang[HttpOnly]: {exists: false}
      other: {exists: false}
    """
    assert ran(text, web=web).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("lang[Secure]: true", "cookie lang[Secure]: expected true, got nothing"),
        ("session[Max-Age]: {lt: 60}", "expected less than 60, got 3600"),
        ("session: abc", 'cookie session: expected "abc", got "***"'),
        ("other: {exists: true}", "cookie other: expected it to exist, got nothing"),
    ],
)
def test_a_cookie_that_is_not_as_asserted_fails(query: str, cause: str) -> None:
    result = ran(f"url: /\ncookie:\n  {query}\n", web=FakeWeb([answer(headers=COOKIES)]))
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary
    assert "4f3c2b1a9d8e" not in shown(result)


def test_what_an_expression_finds_is_asserted() -> None:
    web = FakeWeb([answer(body="<input name=csrf value='a1b2'> 3 items")])
    text = """
    url: /
    regex: {"csrf value='([0-9a-f]+)'": {have-len: 4}, "items": items, "gone": {exists: false}}
    """
    assert ran(text, web=web).outcome is Outcome.PASSED
    result = ran("{url: /, regex: {'([0-9]+) items': '4'}}", web=web)
    assert 'expected "4", got "3"' in result.summary
    absent = ran("{url: /, regex: {'x([0-9]+)': {match-regexp: '^a*$'}}}", web=web)
    assert "got nothing" in absent.summary


def test_sizes_are_limited_also_of_what_is_not_read_whole() -> None:
    small = FakeWeb([answer(body=b"x" * 1000)])
    assert ran("{url: /, size: '<=1kB'}", web=small).outcome is Outcome.PASSED
    assert "size: expected <1kB, got 1000 bytes" in ran("{url: /, size: '<1kB'}", web=small).summary
    cut = FakeWeb([answer(body=b"x" * 1_048_576, truncated=True)])
    assert ran("{url: /, size: '<1MB'}", web=cut).outcome is Outcome.FAILED
    for limit in ("<2MB", ">2MB", ">1kB"):
        unknown = ran(f"{{url: /, size: '{limit}'}}", web=cut)
        assert (unknown.outcome, unknown.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_compression_bomb_is_no_small_body() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000, 1)
    with served(lambda _: Reply(200, {"Content-Encoding": "gzip"}, bomb)) as port:
        assert ran("{url: /, size: '<500kB'}", port).outcome is Outcome.FAILED
        assert ran("{url: /, size: '<50MB'}", port).outcome is Outcome.ERROR


def test_requests_at_once_are_judged_together() -> None:
    booked: list[str] = []

    def book(asked: Asked) -> Reply:
        booked.append(asked.path)
        return Reply(201 if len(booked) == 1 else 409)

    with served(book) as port:
        once = "{url: /, method: POST, concurrent: 8, statuses: {'201': 1, '409': 7}}"
        result = ran(once, port)
        assert result.outcome is Outcome.PASSED, result.summary
        assert "1 times 201, 7 times 409 at once" in result.summary
        twice = ran("{url: /, concurrent: 4, statuses: {'201': 1}}", port)
        assert twice.outcome is Outcome.FAILED
        assert "answers with 201: expected 1, got 0" in twice.summary
        assert "4 answers with 409" in twice.details
        every = ran("{url: /, concurrent: 4, status: 200}", port)
        assert "status: expected 200, got 409 (4 of 4)" in every.summary


def test_a_certificate_is_asserted_and_names_the_service(tmp_path: Path) -> None:
    authority = issued("test ca", authority=True)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    text = """
    url: https://backend:8000/
    authority: ca.pem
    status: 200
    certificate: {subject: CN=backend, issuer: {contain-substring: test ca}, valid-for: 30d}
    """
    with tls_answers(tmp_path, issued("backend", by=authority, days=60)) as port:
        result = ran(text, port, workspace=tmp_path)
        assert result.outcome is Outcome.PASSED, result.summary
        short = ran(text.replace("30d", "90d"), port, workspace=tmp_path)
        assert "certificate: it expires on" in short.summary
        other = ran("{url: 'https://backend:8000/', status: 200}", port)
        assert other.outcome is Outcome.FAILED
        assert "certificate" in other.summary
        named = "{url: 'https://backend:8000/', authority: ca.pem, host-name: api, status: 200}"
        assert ran(named, port, workspace=tmp_path).outcome is Outcome.FAILED
        anything = "{url: 'https://backend:8000/', insecure: true, certificate: {subject: CN=x}}"
        assert 'expected "CN=x", got "CN=backend"' in ran(anything, port).summary
    plain = ran("{url: /, certificate: {valid-for: 1d}}", web=FakeWeb([answer()]))
    assert "there is no TLS" in plain.summary


def test_a_server_that_wants_a_certificate_of_the_client_gets_it(tmp_path: Path) -> None:
    authority = issued("test ca", authority=True)
    client = issued("client", by=authority)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "client.pem").write_bytes(client.pem)
    (tmp_path / "client.key").write_bytes(key_of(client))
    text = """
    url: https://backend:8000/
    authority: ca.pem
    client-certificate: {certificate: client.pem, key: client.key}
    status: 200
    """
    with tls_answers(tmp_path, issued("backend", by=authority), wants=authority) as port:
        result = ran(text, port, workspace=tmp_path)
        assert result.outcome is Outcome.PASSED, result.summary
        without = ran(text.replace("client-certificate", "#"), port, workspace=tmp_path)
        assert without.outcome is Outcome.FAILED
        swapped = text.replace("key: client.key", "key: ca.pem")
        assert ran(swapped, port, workspace=tmp_path).outcome is Outcome.FAILED
        with pytest.raises(ConfigurationError, match=r"client\.key2 cannot be read"):
            ran(text.replace("client.key", "client.key2"), port, workspace=tmp_path)


def test_an_authority_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    text = "{url: 'https://backend:8000/', authority: ca.pem, status: 200}"
    with pytest.raises(ConfigurationError, match="has no certificate"):
        ran(text, web=FakeWeb(), workspace=tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        ran(text.replace("ca.pem", "none.pem"), web=FakeWeb(), workspace=tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{url: /, status: 200, auth: {}}", "one of bearer"),
        ("{url: /, status: 200, auth: {user: a}}", "password"),
        ("{url: /, status: 200, auth: {user: 'a:b', password: c}}", "no colon"),
        ("{url: /, status: 200, auth: {bearer: a, bearer-from: B}}", "one of bearer"),
        ("{url: /, status: 200, auth: {bearer: a}, headers: {authorization: b}}", "write one"),
        ("{url: /, status: 200, form: {a: b}, json: {}}", "not both"),
        ("{url: /, status: 200, request-pace: 1kB}", "needs a body"),
        ("{url: /, status: 200, request-size: 9GB}", "request-size"),
        ("{url: /, status: 200, multipart: {a: {}}}", "one of file, content and size"),
        ("{url: /, status: 200, multipart: {'a\"b': x}}", "no quotes"),
        ("{url: /, cookie: {'a[Flavour]': x}}", "cookies have no Flavour"),
        ("{url: /, cookie: {'a b': x}}", "is no cookie"),
        ("{url: /, regex: {'(a': x}}", "no RE2 expression"),
        ("{url: /, regex: {'(a)(b)': x}}", "at most one group"),
        ("{url: /, size: small}", "no comparison"),
        ("{url: /, certificate: {}}", "assert something"),
        ("{url: /, statuses: {'200': 1}}", "needs concurrent"),
        ("{url: /, concurrent: 3}", "assert something"),
        ("{url: /, concurrent: 3, statuses: {'2xx': 1}}", "statuses"),
        ("{url: /, status: 200, insecure: true, authority: ca.pem}", "insecure"),
    ],
)
def test_requests_and_assertions_that_cannot_be_meant_are_refused(text: str, says: str) -> None:
    assert says in refusal(CHECK, text)
