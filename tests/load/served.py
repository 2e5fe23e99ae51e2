"""A server of the test's own on loopback that is asked often: one loop, in a thread."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Server:
    """What it answers, and what it was asked."""

    port: int = 0
    delay: float = 0.0
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    answers: dict[str, bytes] = field(default_factory=dict)
    """By path, where another one is given."""
    asked: list[str] = field(default_factory=list)
    """Heads of the requests."""
    held: float = 0.0
    """Moment on the loop's clock until which nobody gets an answer."""
    most: int = 0
    """Most connections at once."""

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Spoken(asyncio.Protocol):
    def __init__(self, server: Server, opened: set[asyncio.Transport]) -> None:
        self._server = server
        self._opened = opened
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._opened.add(transport)
        self._server.most = max(self._server.most, len(self._opened))

    def connection_lost(self, exc: Exception | None) -> None:
        self._opened.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._left += data
        loop = asyncio.get_running_loop()
        while (end := self._left.find(b"\r\n\r\n")) >= 0:
            head = self._left[:end].decode("latin-1")
            self._left = self._left[end + 4 :]
            length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
            self._left = self._left[int(length or 0) :]
            self._server.asked.append(head)
            wait = max(self._server.delay, self._server.held - loop.time())
            path = head.split(" ")[1]
            loop.call_later(wait, self._say, self._server.answers.get(path, self._server.answer))

    def _say(self, answer: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(answer)
        if b"Connection: close" in answer or not answer:
            self._transport.close()


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None, **given: object) -> Iterator[Server]:
    """Yield a server that runs."""
    server = Server(**given)  # type: ignore[arg-type]
    loop = asyncio.new_event_loop()
    opened: set[asyncio.Transport] = set()
    listening = loop.run_until_complete(
        loop.create_server(lambda: _Spoken(server, opened), "127.0.0.1", 0, ssl=tls, backlog=1024)
    )
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        for transport in list(opened):
            transport.abort()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
