"""`http` through the real door, against a server on loopback."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from readiness_gate.checks.network.http import CHECK
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.model.outcome import Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.fakes.stack import FakeStack


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(1.0)
        status = {"/moved": 302, "/away": 302}.get(self.path, 200)
        body = b'{"status": "ok", "items": [{"id": 1}, {"id": 2}]}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            elsewhere = {"/moved": "/health", "/away": "http://192.0.2.1/"}[self.path]
            self.send_header("Location", elsewhere)
        with contextlib.suppress(OSError):  # whoever did not want to wait is gone
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def ran(text: str, port: int, *, timeout: float = 5.0) -> CheckResult:
    stack = FakeStack(addresses={("backend", 8000): Address("127.0.0.1", port)})
    return CHECK.run(
        context(
            stack=stack,
            web=TargetWeb(),
            base_url="http://backend:8000",
            steps=booted(),
            timeout=timeout,
        ),
        options(CHECK, text),
    )


def test_a_served_answer_passes(port: int) -> None:
    result = ran(
        """
        url: /health
        status: 200
        header: {content-type: application/json}
        jsonpath: {$.status: ok, "$.items[*].id": {consist-of: [2, 1]}, "$.items[1].id": {gt: 1}}
        duration: "<5s"
        """,
        port,
    )
    assert result.outcome is Outcome.PASSED, result.summary


def test_a_wrong_value_fails(port: int) -> None:
    result = ran("{url: /health, jsonpath: {$.status: down}}", port)
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith('$.status: expected "down", got "ok"')


def test_redirects_are_followed_on_the_host_only_when_asked(port: int) -> None:
    assert ran("{url: /moved, status: 302}", port).outcome is Outcome.PASSED
    followed = ran("{url: /moved, status: 200, follow-redirects: true}", port)
    assert followed.outcome is Outcome.PASSED
    away = ran("{url: /away, status: 302, follow-redirects: true}", port)
    assert away.outcome is Outcome.PASSED


def test_a_slow_answer_is_none(port: int) -> None:
    result = ran("{url: /slow, status: 200, timeout: 100ms}", port)
    assert result.outcome is Outcome.FAILED
    assert "answer within 0.1 s" in result.summary


def test_a_closed_port_fails() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    result = ran("{url: /health, status: 200}", closed)
    assert result.outcome is Outcome.FAILED
    assert "connection refused" in result.summary


def test_tls_towards_a_plain_port_fails(port: int) -> None:
    stack = FakeStack(addresses={("backend", 8000): Address("127.0.0.1", port)})
    result = CHECK.run(
        context(stack=stack, web=TargetWeb(), steps=booted(), timeout=5.0),
        options(CHECK, "{url: 'https://backend:8000/', status: 200}"),
    )
    assert result.outcome is Outcome.FAILED
