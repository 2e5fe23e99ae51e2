"""HTTP to the target through requests: no proxies, no `.netrc`, nothing from the environment.

A module of its own, because requests loads slowly and cold commands do not need it.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from readiness_gate.doors.alarms import Alarms
from readiness_gate.doors.web import BODY_CAP, ORDINARY, Answer, Manner, NoAnswer

_REDIRECTS = 5
_PART = 16_384
_ALARMS = Alarms()
_DEFAULTS = dict(requests.utils.default_headers())
_STEPS = 10
"""Parts a second of a body that is sent slowly."""


@dataclass
class _Opened:
    """What the running exchange has open."""

    sockets: list[socket.socket]
    over: threading.Event
    certificate: bytes = b""


_OPENED: ContextVar[_Opened] = ContextVar("what the running exchange has open")


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
        manner: Manner = ORDINARY,
    ) -> Answer:
        """Send one request and, where asked, follow redirects that stay on the host."""
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"{url!r} is neither http nor https")
        end = time.monotonic() + timeout
        left: tuple[str, ...] = ()
        sent = {} if headers is None else dict(headers)
        for _ in range(_REDIRECTS + 1):
            answer = _exchange(
                method, url, end, _with_cookies(sent, url, manner), body, verify, manner
            )
            answer = replace(answer, redirects=left) if left else answer
            if manner.jar is not None:
                manner.jar.take(url, [v for k, v in answer.headers if k == "set-cookie"])
            following = _following(answer, url, manner) if follow_redirects else None
            if following is None:
                return answer
            left = (*left, url)
            url = following
            if answer.status == 303 or (answer.status in {301, 302} and method == "POST"):
                # As browsers do (RFC 9110, 15.4).
                method, body = ("HEAD" if method == "HEAD" else "GET"), None
                manner = replace(manner, size=0)
                sent = {k: v for k, v in sent.items() if not k.lower().startswith("content-")}
        raise NoAnswer(f"more than {_REDIRECTS} redirects from {url}")


def _following(answer: Answer, url: str, manner: Manner) -> str | None:
    """Return where a redirect leads on the same host, never from TLS to none; else `None`."""
    target = answer.header("location")
    if target is None or answer.status not in {301, 302, 303, 307, 308}:
        return None
    try:
        old, new = urlsplit(url), urlsplit(urljoin(url, target))
    except ValueError:
        return None
    if new.scheme not in {"http", "https"} or (old.scheme, new.scheme) == ("https", "http"):
        return None
    if new.netloc != old.netloc and new.netloc not in manner.same:
        return None
    return new._replace(netloc=old.netloc).geturl()


def _with_cookies(headers: Mapping[str, str], url: str, manner: Manner) -> dict[str, str]:
    cookies = "" if manner.jar is None else manner.jar.header(url)
    return {**headers, "Cookie": cookies} if cookies else dict(headers)


def _exchange(
    method: str,
    url: str,
    end: float,
    headers: dict[str, str],
    body: bytes | None,
    verify: bool,
    manner: Manner,
) -> Answer:
    started = time.monotonic()
    left = max(0.001, end - started)
    headers.setdefault("User-Agent", "readiness-gate")
    try:
        with _cut_off(left, manner) as (adapter, opened):
            # Without a session, which merges settings that nobody made and reads the Location.
            prepared = requests.PreparedRequest()
            prepared.prepare_method(method)
            prepared.prepare_url(url, "")
            prepared.prepare_headers(_with_defaults(headers))
            prepared.prepare_body(body if manner == ORDINARY else _sent(body, manner, opened), None)
            prepared.prepare_auth(None)
            with adapter.send(
                prepared, stream=True, timeout=(left, left), verify=verify, cert=manner.client
            ) as response:
                length = response.headers.get("Content-Length", "0")
                if not (length.isascii() and length.isdigit()):
                    # Read to the end of the connection, a cut body would look whole (RFC 9112).
                    raise NoAnswer(f"{method} {url}: Content-Length is no number: {length[:40]}")
                data, truncated = _body(response, opened.over)
                return Answer(
                    method,
                    url,
                    response.status_code,
                    tuple((k.lower(), v) for k, v in response.raw.headers.items()),
                    data,
                    time.monotonic() - started,
                    truncated,
                    certificate=opened.certificate,
                )
    except (requests.RequestException, HTTPError) as error:
        if time.monotonic() >= end:
            raise NoAnswer(f"{method} {url}: no whole answer within {left:.1f} s") from error
        raise NoAnswer(f"{method} {url}: {_cause(error)}") from error


def _sent(body: bytes | None, manner: Manner, opened: _Opened) -> "bytes | _Parts | None":
    if manner.size or (manner.pace and body):
        return _Parts(body or b"", manner, opened)
    return body


def _with_defaults(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with those that requests sends, too, where they are not given."""
    given = {name.lower() for name in headers}
    return {**{k: v for k, v in _DEFAULTS.items() if k.lower() not in given}, **headers}


class _Parts:
    """A body that is sent in parts, until all of it is sent or an answer is there."""

    def __init__(self, body: bytes, manner: Manner, opened: _Opened) -> None:
        self._body = body
        self._manner = manner
        self._opened = opened

    def __len__(self) -> int:
        return self._manner.size or len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        pace, size = self._manner.pace, len(self)
        most = max(1, min(_PART, int(pace / _STEPS))) if pace else _PART
        filling = b"x" * most
        for begin in range(0, size, most):
            part = self._body[begin : begin + most] or filling[: size - begin]
            if pace and begin and self._opened.over.wait(most / pace):
                return
            # Whoever refuses a body answers while it is still being sent.
            if self._opened.over.is_set() or _answers(self._opened.sockets):
                return
            yield part


def _answers(sockets: list[socket.socket]) -> bool:
    """Return whether something came back; TLS sends of its own accord, so it tells nothing."""
    plain = [one for one in sockets if not hasattr(one, "getpeercert") and one.fileno() >= 0]
    return bool(plain) and bool(select.select(plain, [], [], 0)[0])


def _reads_on(error: ConnectionResetError) -> BrokenPipeError:
    # urllib3 reads the answer of whoever closed before all was sent, but knows one cause only.
    return BrokenPipeError(*error.args)


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _OPENED.get().sockets.append(self.sock)

    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except ConnectionResetError as error:
            raise _reads_on(error) from error


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        opened = _OPENED.get()
        opened.sockets.append(self.sock)
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


class _Adapter(HTTPAdapter):
    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        if self._manner.server_name:
            options["server_hostname"] = self._manner.server_name
            options["assert_hostname"] = self._manner.server_name
        if self._manner.authority:
            options["ssl_context"] = _trusting(self._manner.authority)
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        # Cookies are the jar's; to look for them as requests does is a sixth of an exchange.
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request = req
        return response

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        if self._manner.authority:
            conn.ca_certs = conn.ca_cert_dir = None


def _trusting(authority: str) -> Any:
    tls = create_urllib3_context()
    try:
        tls.load_verify_locations(cadata=authority)
    except OSError as error:
        raise ValueError("there is no certificate in it (PEM)") from error
    return tls


@contextlib.contextmanager
def _cut_off(seconds: float, manner: Manner) -> Iterator[tuple[HTTPAdapter, _Opened]]:
    """Yield what sends; shut its connections after `seconds`, whatever their peer sends.

    A time-out of requests is one between two bytes: a server that sends a byte now and then
    would hold a check for ever.
    """
    opened = _Opened([], threading.Event())
    adapter = _Adapter(manner)

    def shut() -> None:
        opened.over.set()
        for opened_socket in tuple(opened.sockets):
            with contextlib.suppress(OSError):
                # Not the method of an SSL socket, which takes its state away from the reader.
                socket.socket.shutdown(opened_socket, socket.SHUT_RDWR)

    reset = _OPENED.set(opened)
    alarm = _ALARMS.after(seconds, shut)
    try:
        yield adapter, opened
    finally:
        alarm.cancel()
        _OPENED.reset(reset)
        adapter.close()


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
