"""What the target sends: kept within limits, whoever sends it and however."""

import gzip
import http.client
import socket
import threading
import time
import zlib
from contextlib import ExitStack, suppress

import pytest

from readiness_gate.doors.sink import MOST, Received, Reply, Sink
from readiness_gate.doors.sink_server import TargetSinks
from readiness_gate.doors.web import BODY_CAP
from tests.checks.network.served import closed_port

SINKS = TargetSinks()


def send(
    port: int,
    method: str = "POST",
    path: str = "/",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_what_is_sent_is_kept_and_answered() -> None:
    port = closed_port()
    with SINKS.open("127.0.0.1", port, Reply(202, body=b'{"id": 1}')) as sink:
        assert sink.received() == ()
        sent = send(port, "POST", "/hooks?a=b", b"{}", {"X-Event": "paid"})
        assert sent == (202, b'{"id": 1}')
        assert send(port, "HEAD") == (202, b"")
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
            assert send(port, method)[0] == 202
        first, *others = sink.received()
    assert (first.method, first.path, first.body) == ("POST", "/hooks?a=b", b"{}")
    assert ("x-event", "paid") in first.headers
    assert [one.method for one in others] == ["HEAD", "GET", "PUT", "PATCH", "DELETE", "OPTIONS"]
    with pytest.raises(OSError, match="refused"):
        send(port)


def test_a_port_that_is_taken_is_refused() -> None:
    port = closed_port()
    with (
        SINKS.open("127.0.0.1", port, Reply()),
        pytest.raises(OSError, match="in use"),
        SINKS.open("127.0.0.1", port, Reply()),
    ):
        pass


def test_long_bodies_are_cut() -> None:
    port = closed_port()
    with SINKS.open("127.0.0.1", port, Reply()) as sink:
        said(port, b"POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)
        (one,) = waited(sink)
    assert len(one.body) == BODY_CAP
    assert one.truncated


def test_chunks_are_put_together() -> None:
    port = closed_port()
    with SINKS.open("127.0.0.1", port, Reply()) as sink:
        head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        said(port, head + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n")
        (one,) = waited(sink)
    assert one.body == b"hello world"


PACKED = {
    "gzip": (gzip.compress(b"error"), (b"error", False, False)),
    "deflate": (zlib.compress(b"error"), (b"error", False, False)),
    "GZIP ": (gzip.compress(b"\0" * 20_000_000, 1), (b"\0" * BODY_CAP, True, False)),
    "x-gzip": (gzip.compress(b"error")[:-9], (b"error", True, False)),
    "gzip, br": (b"\x1f\x8b", (b"\x1f\x8b", False, True)),
    "br": (b"\x0b\x02", (b"\x0b\x02", False, True)),
    "GZip": (b"no gzip", (b"no gzip", False, True)),
    "identity": (b"plain", (b"plain", False, False)),
}


@pytest.mark.parametrize("kind", list(PACKED))
def test_error_reports_come_compressed(kind: str) -> None:
    port = closed_port()
    body, wanted = PACKED[kind]
    with SINKS.open("127.0.0.1", port, Reply()) as sink:
        assert send(port, "POST", "/api/1/envelope/", body, {"Content-Encoding": kind})[0] == 200
        (one,) = sink.received()
    assert (one.body, one.truncated, one.packed) == wanted


HOSTILE = {
    "nothing": b"",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01",
    "half a head": b"POST / HTTP/1.1\r\nContent-",
    "half a body": b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
    "no length": b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\nabc",
    "a long length": b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a broken chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    "a negative chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde",
    "an unknown method": b"BREW / HTTP/1.1\r\n\r\n",
    "endless headers": b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(2000)),
    "a long line": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
}


def said(port: int, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, suppress(OSError):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


def waited(sink: Sink) -> tuple[Received, ...]:
    end = time.monotonic() + 5
    while not sink.received() and time.monotonic() < end:
        time.sleep(0.01)
    return sink.received()


@pytest.mark.parametrize("name", list(HOSTILE))
def test_what_is_no_request_is_not_kept_and_harms_nobody(name: str) -> None:
    port = closed_port()
    with SINKS.open("127.0.0.1", port, Reply()) as sink:
        said(port, HOSTILE[name])
        assert send(port, "POST", "/after", b"x")[0] == 200
        kept = [one.path for one in sink.received()]
        forgotten = sink.forgotten()
    assert kept == (["/", "/after"] if name == "a negative chunk" else ["/after"])
    assert forgotten == (0 if name in {"nothing", "a negative chunk"} else 1)


def test_silent_connections_neither_hold_up_others_nor_the_end() -> None:
    port = closed_port()
    silent: list[socket.socket] = []
    begun = time.monotonic()
    with SINKS.open("127.0.0.1", port, Reply()) as sink:
        silent += [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(20)]
        assert send(port, "POST", "/after")[0] == 200
        assert [one.path for one in sink.received()] == ["/after"]
    assert time.monotonic() - begun < 3
    for one in silent:
        one.close()


def test_a_flood_is_kept_up_to_a_limit() -> None:
    port = closed_port()
    with SINKS.open("127.0.0.1", port, Reply()) as sink:

        def flood() -> None:
            for _ in range(300):
                with suppress(OSError):
                    send(port, "GET")

        threads = [threading.Thread(target=flood) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(sink.received()) == MOST
        assert sink.forgotten() > 0


def test_what_came_while_too_many_were_there_is_told() -> None:
    port = closed_port()
    with SINKS.open("127.0.0.1", port, Reply()) as sink, ExitStack() as silent:
        for _ in range(80):
            one = socket.create_connection(("127.0.0.1", port), timeout=5)
            silent.enter_context(one)
        end = time.monotonic() + 5
        while sink.forgotten() < 16 and time.monotonic() < end:
            time.sleep(0.01)
        assert sink.forgotten() == 16
