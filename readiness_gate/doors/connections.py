"""Connections to the target through urllib3, each cut off when its time is over."""

import contextlib
import http.client
import select
import socket
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import certifi
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from readiness_gate.doors.alarms import Alarms
from readiness_gate.doors.web import Manner, NoAnswer

_ALARMS = Alarms()


@dataclass
class Opened:
    """What the running exchange has open."""

    sockets: list[socket.socket]
    over: threading.Event
    certificate: bytes = b""

    def add(self, one: socket.socket) -> None:
        """Keep a socket that has connected; raises `HTTPError` when the time is over."""
        self.sockets.append(one)
        if self.over.is_set():  # Finding the name took all the time: nobody else shuts this one.
            raise HTTPError("connected too late")

    @property
    def answered(self) -> bool:
        """Whether something came back; TLS sends of its own accord, so it tells nothing."""
        plain = [
            one for one in self.sockets if not hasattr(one, "getpeercert") and one.fileno() >= 0
        ]
        return bool(plain) and bool(select.select(plain, [], [], 0)[0])


_OPENED: ContextVar[Opened] = ContextVar("what the running exchange has open")


def _reads_on(error: ConnectionResetError) -> BrokenPipeError:
    # urllib3 reads the answer of whoever closed before all was sent, but knows one cause only.
    return BrokenPipeError(*error.args)


class _Whole(http.client.HTTPResponse):
    def begin(self) -> None:
        # What is said before the answer is none (RFC 9110, 15.2); http.client knows 100 alone.
        super().begin()
        while 101 < self.status < 200:
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()

    def _safe_read(self, amt: int) -> bytes:
        if amt < 0:  # A chunk of the size -1 would be read without a cap.
            raise http.client.HTTPException("a chunk with a size below nothing")
        return super()._safe_read(amt)  # type: ignore[misc, no-any-return]


class _Plain(HTTPConnection):
    response_class = _Whole

    def connect(self) -> None:
        super().connect()
        _OPENED.get().add(self.sock)

    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except ConnectionResetError as error:
            raise _reads_on(error) from error


class _Secure(HTTPSConnection):
    response_class = _Whole

    def connect(self) -> None:
        super().connect()
        opened = _OPENED.get()
        opened.add(self.sock)
        shown: Any = self.sock
        opened.certificate = shown.getpeercert(binary_form=True) or b""
        # Whether to verify was the caller's choice; urllib3 would warn about it a second time.
        self.is_verified = True

    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except ConnectionResetError as error:
            raise _reads_on(error) from error


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


@contextlib.contextmanager
def connections(url: str, verify: bool, manner: Manner) -> Iterator[tuple[HTTPConnectionPool, str]]:
    """Yield what connects to the URL's host, and the target of the request line.

    Raises:
        NoAnswer: the URL names no host.
        ValueError: the manner's authority is no certificate.
    """
    known = parse_url(url)
    if not known.host:
        raise NoAnswer(f"{url!r} names no host")
    if known.scheme == "http":
        pool: HTTPConnectionPool = _PlainPool(known.host, known.port, maxsize=1)
    else:
        pool = _SecurePool(known.host, known.port, maxsize=1, **_tls(verify, manner))
    try:
        yield pool, known.request_uri
    finally:
        pool.close()


def _tls(verify: bool, manner: Manner) -> dict[str, Any]:
    options: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED" if verify else "CERT_NONE"}
    if manner.authority:
        options["ssl_context"] = _trusting(manner.authority)
    elif verify:
        options["ca_certs"] = certifi.where()
    if manner.client is not None:
        options["cert_file"], options["key_file"] = manner.client
    if manner.server_name:
        # One that is no name ssl would refuse once connected, and leave the socket open.
        manner.server_name.encode("idna")
        options["server_hostname"] = options["assert_hostname"] = manner.server_name
    return options


def _trusting(authority: str) -> Any:
    tls = create_urllib3_context()
    try:
        tls.load_verify_locations(cadata=authority)
    except OSError as error:
        raise ValueError("there is no certificate in it (PEM)") from error
    return tls


@contextlib.contextmanager
def cut_off(seconds: float) -> Iterator[Opened]:
    """Yield what is opened within; shut it after `seconds`, whatever its peer sends.

    A time-out of urllib3 is one between two bytes: a server that sends a byte now and then
    would hold a check for ever.
    """
    opened = Opened([], threading.Event())

    def shut() -> None:
        opened.over.set()
        for opened_socket in tuple(opened.sockets):
            with contextlib.suppress(OSError):
                # Not the method of an SSL socket, which takes its state away from the reader.
                socket.socket.shutdown(opened_socket, socket.SHUT_RDWR)

    reset = _OPENED.set(opened)
    alarm = _ALARMS.after(seconds, shut)
    try:
        yield opened
    finally:
        alarm.cancel()
        _OPENED.reset(reset)
