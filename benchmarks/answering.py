"""`python -m benchmarks.answering SECONDS`: a server on loopback with a known latency."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n%s\r\nok"


class _Spoken(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._left += data
        while (end := self._left.find(b"\r\n\r\n")) >= 0:
            closes = b"connection: close" in self._left[:end].lower()
            self._left = self._left[end + 4 :]
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._say, closes)
            else:
                self._say(closes)

    def _say(self, closes: bool) -> None:
        if not self._transport.is_closing():
            self._transport.write(_ANSWER % (b"Connection: close\r\n" if closes else b""))
            if closes:
                self._transport.close()


async def _serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Spoken(delay), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def answering(delay: float) -> Iterator[int]:
    """Yield the port of a server in a process of its own that answers after `delay` seconds."""
    command = [sys.executable, "-m", "benchmarks.answering", str(delay)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(float(sys.argv[1])))
