"""HTTP servers that the target sends to, each on one address.

Whoever sends is the code of a pull request: its bodies are data, capped, and its connections are
bounded in number and in time.
"""

import contextlib
import socket
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from readiness_gate.doors.sink import MOST, Received, Reply, Sink
from readiness_gate.doors.web import BODY_CAP

_CONNECTIONS = 64
_SECONDS = 10.0
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass
class _Kept:
    """What one sink was sent."""

    reply: Reply
    requests: list[Received] = field(default_factory=list)
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, one: Received) -> None:
        with self.lock:
            if len(self.requests) < MOST:
                self.requests.append(one)
            else:
                self.lost += 1

    def lose(self) -> None:
        with self.lock:
            self.lost += 1

    def received(self) -> tuple[Received, ...]:
        with self.lock:
            return tuple(self.requests)

    def forgotten(self) -> int:
        with self.lock:
            return self.lost


class TargetSinks:
    """Implements `Sinks` with servers on this machine."""

    @contextlib.contextmanager
    def open(self, address: str, port: int, reply: Reply) -> Iterator[Sink]:
        """Listen on one address, with a thread for each of a few connections."""
        kept = _Kept(reply)
        server = _Server(kept, (address, port))
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sink", daemon=True
        )
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            server.cut_off()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = _CONNECTIONS

    def __init__(self, kept: _Kept, address: tuple[str, int]) -> None:
        self._kept = kept
        self._free = threading.BoundedSemaphore(_CONNECTIONS)
        self._open: set[Any] = set()
        super().__init__(address, _handler(kept))

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self._kept.lose()
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)
            self._free.release()

    def cut_off(self) -> None:
        """End the connections that are still open, and wait until their threads are gone."""
        for request in tuple(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
        for _ in range(_CONNECTIONS):
            self._free.acquire(timeout=_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Whoever breaks off is counted as forgotten; nobody is there to be told.
        pass


def _unpacked(body: bytes, packed: str) -> tuple[bytes, bool, bool]:
    """Return a body as it was before it was compressed, whether it is cut, and whether it is still.

    It is capped; what cannot be read stays as it is.
    """
    if packed in {"", "identity"} or not body:
        return body, False, False
    if packed not in {"gzip", "x-gzip", "deflate"}:
        return body, False, True
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # tells gzip from zlib by itself
    try:
        data = reader.decompress(body, BODY_CAP)
    except zlib.error:
        return body, False, True
    return data, bool(reader.unconsumed_tail) or not reader.eof, False


def _handler(kept: _Kept) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS
        server_version = "readiness-gate"
        sys_version = ""

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def send_error(self, *args: Any, **more: Any) -> None:
            kept.lose()
            super().send_error(*args, **more)

        def answer(self) -> None:
            try:
                one = self._read()
            except Exception:
                kept.lose()
                raise
            kept.add(one)
            self._reply()

        def _read(self) -> Received:
            if getattr(self.headers, "defects", ()):
                raise ConnectionError("the headers broke off")
            body, truncated = self._body()
            headers = tuple((name.lower(), value) for name, value in self.headers.items())
            kind = self.headers.get("Content-Encoding", "").strip().lower()
            body, cut, packed = _unpacked(body, kind)
            return Received(self.command, self.path, headers, body, truncated or cut, packed)

        def _reply(self) -> None:
            reply = kept.reply
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            self.close_connection = True

        def _body(self) -> tuple[bytes, bool]:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                return self._chunks()
            length = self.headers.get("Content-Length", "0")
            if not (length.isascii() and length.isdigit() and len(length) < 16):
                raise ConnectionError("Content-Length is no number")
            data = self._exactly(min(int(length), BODY_CAP))
            return data, int(length) > BODY_CAP

        def _exactly(self, size: int) -> bytes:
            data = self.rfile.read(size)
            if len(data) != size:
                raise ConnectionError("the request broke off")
            return data

        def _chunks(self) -> tuple[bytes, bool]:
            data = bytearray()
            while True:
                line = self.rfile.readline(100)
                if not line.endswith(b"\n"):
                    raise ConnectionError("a chunk has no length")
                size = int(line.split(b";")[0].strip() or b"-", 16)
                if size <= 0:
                    return bytes(data), False
                if len(data) + size > BODY_CAP:
                    return bytes(data + self._exactly(BODY_CAP - len(data))), True
                data += self._exactly(size)
                self.rfile.readline(3)

    for method in _METHODS:
        setattr(Handler, f"do_{method}", Handler.answer)
    return Handler
