"""HTTP to the target through requests: no proxies, no `.netrc`, nothing from the environment.

A module of its own, because requests loads slowly and cold commands do not need it.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from readiness_gate.doors.web import BODY_CAP, Answer, NoAnswer

_REDIRECTS = 5
_OPENED: ContextVar[list[socket.socket]] = ContextVar("sockets of the running exchange")


class TargetWeb:
    """HTTP through requests, one session per call so that nothing carries over."""

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        follow_redirects: bool = False,
        verify: bool = True,
    ) -> Answer:
        """Send one request and, where asked, follow redirects that stay on the host."""
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"{url!r} is neither http nor https")
        end = time.monotonic() + timeout
        for _ in range(_REDIRECTS + 1):
            answer = _exchange(method, url, end, dict(headers or {}), body, verify)
            target = answer.header("location") if follow_redirects else None
            if target is None or answer.status not in {301, 302, 303, 307, 308}:
                return answer
            following = urljoin(url, target)
            if urlsplit(following).netloc != urlsplit(url).netloc:
                return answer
            url = following
            if answer.status == 303:
                method, body = "GET", None
        raise NoAnswer(f"more than {_REDIRECTS} redirects from {url}")


def _exchange(
    method: str, url: str, end: float, headers: dict[str, str], body: bytes | None, verify: bool
) -> Answer:
    started = time.monotonic()
    left = max(0.001, end - started)
    headers.setdefault("User-Agent", "readiness-gate")
    try:
        with requests.Session() as session, _cut_off(session, left) as cut:
            session.trust_env = False
            with session.request(
                method,
                url,
                headers=headers,
                data=body,
                timeout=(left, left),
                allow_redirects=False,
                verify=verify,
                stream=True,
            ) as response:
                length = response.headers.get("Content-Length", "0")
                if not (length.isascii() and length.isdigit()):
                    # Read to the end of the connection, a cut body would look whole (RFC 9112).
                    raise NoAnswer(f"{method} {url}: Content-Length is no number: {length[:40]}")
                data, truncated = _body(response, cut)
                return Answer(
                    method,
                    url,
                    response.status_code,
                    tuple((k.lower(), v) for k, v in response.raw.headers.items()),
                    data,
                    time.monotonic() - started,
                    truncated,
                )
    except (requests.RequestException, HTTPError) as error:
        if time.monotonic() >= end:
            raise NoAnswer(f"{method} {url}: no whole answer within {left:.1f} s") from error
        raise NoAnswer(f"{method} {url}: {_cause(error)}") from error


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _OPENED.get().append(self.sock)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _OPENED.get().append(self.sock)
        # Whether to verify was the caller's choice; urllib3 would warn about it a second time.
        self.is_verified = True


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


@contextlib.contextmanager
def _cut_off(session: requests.Session, seconds: float) -> Iterator[threading.Event]:
    """Shut the session's connections after `seconds`, whatever their peer sends.

    A time-out of requests is one between two bytes: a server that sends a byte now and then
    would hold a check for ever.
    """
    over = threading.Event()
    opened: list[socket.socket] = []
    reset = _OPENED.set(opened)
    adapter = _Adapter()
    session.mount("http://", adapter)
    session.mount("https://", adapter)

    def shut() -> None:
        over.set()
        for opened_socket in tuple(opened):
            with contextlib.suppress(OSError):
                # Not the method of an SSL socket, which takes its state away from the reader.
                socket.socket.shutdown(opened_socket, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        _OPENED.reset(reset)


def _body(response: requests.Response, cut: threading.Event) -> tuple[bytes, bool]:
    data = bytearray()
    for chunk in response.iter_content(16_384):
        data += chunk
        if len(data) > BODY_CAP:
            return bytes(data[:BODY_CAP]), True
    if cut.is_set():  # without a length, a connection that was shut looks like the end
        raise requests.Timeout("the body did not end in time")
    return bytes(data), False


def _cause(error: BaseException) -> str:
    while True:
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            return f"{type(error).__name__}: {error}"
        error = inner
