"""Servers on loopback for the checks of what a target answers: polite ones, and raw ones."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from readiness_gate.checks.base import Check
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.fakes.stack import FakeStack


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""


@dataclass(frozen=True)
class Reply:
    status: int = 200
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = field(default_factory=dict)
    body: bytes = b"{}"


Replies = Callable[[Asked], Reply]


@contextlib.contextmanager
def served(replies: Replies) -> Iterator[int]:
    """Yield the port of a server that answers as `replies` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = replies(Asked(self.command, self.path, headers))
            self.send_response(reply.status)
            given = reply.headers
            for name, value in given.items() if isinstance(given, Mapping) else given:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            with contextlib.suppress(OSError):
                self.end_headers()
                self.wfile.write(reply.body)

        do_OPTIONS = do_POST = do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def raw(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """Yield the port of a server that hands every connection to `speak`, one after another."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(2.0)
                if not over.is_set():
                    speak(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        with contextlib.suppress(OSError), socket.create_connection(listener.getsockname(), 1):
            pass
        thread.join(5)
        listener.close()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def ran(
    check: Check[Any], text: str, port: int, *, timeout: float = 5.0, own: bool = True
) -> CheckResult:
    """Run a check against the server on `port`, which is the service `backend` on 8000."""
    stack = FakeStack(addresses={("backend", 8000): Address("127.0.0.1", port)})
    return check.run(
        context(
            stack=stack,
            web=TargetWeb(),
            clock=SystemClock(),
            base_url="http://backend:8000",
            steps=booted() if own else {},
            timeout=timeout,
        ),
        options(check, text),
    )
