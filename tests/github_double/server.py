"""The socket: HTTP/1.1 on loopback, one thread for each connection."""

import contextlib
import hashlib
import itertools
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.github_double.exchange import Answer, Request

Exchange = Callable[[Request], Answer | None]

_IDS = itertools.count(1)


class _Listener(ThreadingHTTPServer):
    """Keeps the open connections, so that stopping closes those kept alive."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], exchange: Exchange) -> None:
        self.exchange = exchange
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""

    def close_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet an answer: two would wait for a delayed acknowledgement
    server: _Listener

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The journal is the log."""

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(length)
        request = Request.parse(self.command, self.path, headers, content)
        answer = self.server.exchange(request)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(request, answer)

    def _send(self, request: Request, answer: Answer) -> None:
        content = answer.content()
        tag = f'W/"{hashlib.sha1(content).hexdigest()}"'
        code = answer.code
        if code == 200 and request.method == "GET" and request.headers.get("if-none-match") == tag:
            code, content = 304, b""
        self.send_response(code)
        standard = {
            "content-type": "application/json; charset=utf-8",
            "x-github-request-id": f"DOUBLE:{next(_IDS):06d}",
            "x-github-media-type": "github.v3; format=json",
        }
        if code in (200, 304):
            standard["etag"] = tag
        for name, value in {**standard, **answer.headers}.items():
            self.send_header(name, value)
        if code not in (204, 304):
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if code not in (204, 304):
            self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815


class Server:
    """Starts and stops the listener."""

    def __init__(self, exchange: Exchange, *, host: str, port: int) -> None:
        self._exchange = exchange
        self._address = (host, port)
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port, once it listens."""
        if self._listener is None:
            return self._address[1]
        return int(self._listener.server_address[1])

    def start(self) -> None:
        """Listens from now on."""
        self._listener = _Listener(self._address, self._exchange)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Closes the port and every connection."""
        if self._listener and self._thread:
            self._listener.shutdown()
            self._listener.close_connections()
            self._listener.server_close()
            self._thread.join()
        self._listener = self._thread = None
