"""Connections to servers on loopback: ordinary, silent, dripping."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from readiness_gate.doors.sockets import Silence, TargetSockets, Unreachable

SOCKETS = TargetSockets()


@contextlib.contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_what_is_sent_is_answered() -> None:
    with (
        server(lambda one: one.sendall(one.recv(100).upper())) as port,
        SOCKETS.connect("localhost", port, timeout=5) as connection,
    ):
        connection.send(b"ping")
        assert connection.receive() == b"PING"
        assert connection.receive() == b""


def test_nobody_listens() -> None:
    with server(lambda _: None) as port:
        pass
    with pytest.raises(Unreachable) as refused:
        SOCKETS.connect("127.0.0.1", port, timeout=5)
    assert refused.value.silence is Silence.REFUSED


def test_a_connection_ends_when_its_time_is_over_whatever_comes() -> None:
    def drip(one: socket.socket) -> None:
        for _ in range(100):
            one.sendall(b"x")
            time.sleep(0.02)

    begun = time.monotonic()
    with (
        server(drip) as port,
        SOCKETS.connect("127.0.0.1", port, timeout=0.2) as connection,
        pytest.raises(Unreachable) as silent,
    ):
        list(iter(connection.receive, b""))
    assert silent.value.silence is Silence.TIME_OUT
    assert time.monotonic() - begun < 3


def test_what_is_not_taken_is_not_waited_for() -> None:
    over = threading.Event()

    def keep(_: socket.socket) -> None:
        over.wait(5)

    with server(keep) as port:
        with (
            SOCKETS.connect("127.0.0.1", port, timeout=0.2) as connection,
            pytest.raises(Unreachable) as silent,
        ):
            connection.send(b"x" * 50_000_000)
        over.set()
    assert silent.value.silence is Silence.TIME_OUT


def test_no_time_is_no_connection() -> None:
    with pytest.raises(Unreachable) as silent:
        SOCKETS.connect("127.0.0.1", 9, timeout=0)
    assert silent.value.silence is Silence.TIME_OUT


def test_names_of_this_machine() -> None:
    assert set(SOCKETS.resolve("localhost", timeout=5)) <= {"127.0.0.1", "::1"}
    assert SOCKETS.resolve("127.0.0.1", timeout=5) == ("127.0.0.1",)


@pytest.mark.parametrize("name", ["a" * 300, "a..b", "\udcff", "x y"])
def test_what_is_no_name_leads_nowhere(name: str) -> None:
    with pytest.raises(Unreachable):
        SOCKETS.resolve(name, timeout=5)


def test_a_server_without_tls_shows_nothing() -> None:
    def plain(one: socket.socket) -> None:
        one.recv(1000)
        one.sendall(b"220 mail ESMTP\r\n")

    with server(plain) as port, pytest.raises(Unreachable):
        SOCKETS.handshake("127.0.0.1", port, server_name="edge", timeout=2)
