"""Servers that mean no good, against every check that asks over HTTP: bounded, and never green."""

import gzip
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from readiness_gate.checks.base import Check
from readiness_gate.checks.network import (
    cors,
    default_credentials,
    http,
    http_scenario,
    metrics,
    promql,
    rate_limit,
    security_headers,
)
from readiness_gate.model.outcome import Outcome
from tests.checks.network.served import ran, raw

Speak = Callable[[socket.socket], None]
CHECKS: dict[str, tuple[Check[Any], str]] = {
    "http": (http.CHECK, "{url: /, body: ok, timeout: 250ms}"),
    "cors": (cors.CHECK, "{url: /, allow: ['https://app.example'], timeout: 250ms}"),
    "security-headers": (security_headers.CHECK, "{url: /, timeout: 250ms}"),
    "rate-limit": (rate_limit.CHECK, "{url: /, limit: 3/day, timeout: 250ms}"),
    "http, everything asserted": (
        http.CHECK,
        (
            "{url: /, follow-redirects: true, cookie: {a: b}, regex: {a: b}, size: '>2MB', "
            "jsonpath: {$.a: b}, redirects: 3, concurrent: 2, timeout: 250ms}"
        ),
    ),
    "http, a large body": (
        http.CHECK,
        "{url: /, method: POST, request-size: 5MB, status: 200, body: ok, timeout: 250ms}",
    ),
    "http-scenario": (
        http_scenario.CHECK,
        (
            "{steps: [{url: /, follow-redirects: true, capture: {a: {jsonpath: $.a}}, "
            "timeout: 250ms}], clean-up: [{url: /, timeout: 250ms}]}"
        ),
    ),
    "default-credentials": (default_credentials.CHECK, "{url: /, timeout: 250ms}"),
    "metrics": (metrics.CHECK, "{timeout: 250ms}"),
    "promql": (
        promql.CHECK,
        "{url: 'http://backend:8000', query: up, value: '>0', timeout: 250ms}",
    ),
}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def heard(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return
        data += part


def says(answer: bytes) -> Speak:
    def speak(connection: socket.socket) -> None:
        heard(connection)
        connection.sendall(answer)

    return speak


def drips(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(HEAD + b"\r\n")
    for _ in range(100):
        connection.sendall(b"a 1\n")
        time.sleep(0.02)


def mute(connection: socket.socket) -> None:
    heard(connection)
    connection.recv(1)


def endless(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(HEAD + b"\r\n")
    for _ in range(100):
        connection.sendall(b"x" * 100_000)


def headers_without_end(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(2000):
        connection.sendall(b"x-%d: y\r\n" % number)


BOMB = gzip.compress(b"\0" * 20_000_000, 1)
SERVERS: dict[str, Speak] = {
    "closes at once": lambda _: None,
    "says nothing": mute,
    "drips": drips,
    "endless body": endless,
    "endless headers": headers_without_end,
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "half a header": says(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "shorter than it says": says(HEAD + b"Content-Length: 1000\r\n\r\nup 1\n"),
    "a length that is none": says(HEAD + b"Content-Length: -5\r\n\r\nup 1\n"),
    "a broken chunk": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nup 1\n"),
    "a bomb": says(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB
    ),
    "a broken bomb": says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nup 1"),
    "a redirect to itself": says(
        b"HTTP/1.1 302 Found\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n"
    ),
    "a redirect elsewhere": says(
        b"HTTP/1.1 307 X\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    ),
    "headers in Unicode": says(
        b"HTTP/1.1 200 \xe2\x9c\x93\r\n"
        b"Access-Control-Allow-Origin: \xe2\x80\xa8\xf0\x9f\x92\xa9\r\n"
        b"Retry-After: \xd9\xa3\r\nStrict-Transport-Security: max-age=\xd9\xa3\r\n"
        b"Content-Type: \xff\xfe\r\nContent-Length: 2\r\n\r\n\xff\xff"
    ),
    "an error": says(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"),
}


@pytest.mark.parametrize("name", list(CHECKS))
@pytest.mark.parametrize("server", list(SERVERS))
def test_no_check_is_green_or_held_up(name: str, server: str) -> None:
    check, text = CHECKS[name]
    with raw(SERVERS[server]) as port:
        begun = time.monotonic()
        result = ran(check, text, port, timeout=4.0)
        took = time.monotonic() - begun
    assert result.outcome in {Outcome.FAILED, Outcome.ERROR}, result.summary
    assert took < 6.0
    assert result.summary
    assert len(result.summary) < 1000
    assert "\n" not in result.summary
