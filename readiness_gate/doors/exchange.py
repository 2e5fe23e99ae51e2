"""HTTP to the target through urllib3: no proxies, no `.netrc`, nothing from the environment.

Without requests, which prepares as long as an exchange takes and adds what nobody asked for. A
module of its own, because it loads slowly and cold commands do not need it.
"""

import contextlib
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError
from urllib3.util.request import ACCEPT_ENCODING

from readiness_gate.doors.connections import Opened, connections, cut_off
from readiness_gate.doors.web import BODY_CAP, ORDINARY, Answer, Manner, NoAnswer

_REDIRECTS = 5
_PART = 16_384
_DEFAULTS = {
    "User-Agent": "readiness-gate",
    "Accept": "*/*",
    "Accept-Encoding": ACCEPT_ENCODING,
    "Connection": "keep-alive",
}
_STEPS = 10
"""Parts a second of a body that is sent slowly."""
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_VALUE = re.compile(r"[^\r\n\u0100-\U0010ffff]*")
_BODILESS = frozenset({204, 304})
"""What has no body, whatever its headers say (RFC 9112, 6.3)."""


class TargetWeb:
    """HTTP through urllib3, one connection per call so that nothing carries over."""

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
    try:
        with cut_off(left) as opened, connections(url, verify, manner) as (pool, target):
            sent = body if manner == ORDINARY else _sent(body, manner, opened)
            response = pool.urlopen(
                method,
                target,
                sent,
                _with_defaults(headers, sent),
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=Timeout(connect=left, read=left),
            )
            with contextlib.closing(response):
                length = response.headers.get("Content-Length", "0")
                if not (length.isascii() and length.isdigit()):
                    # Read to the end of the connection, a cut body would look whole (RFC 9112).
                    raise NoAnswer(f"{method} {url}: Content-Length is no number: {length[:40]}")
                data, truncated = _body(response, opened.over)
                return Answer(
                    method,
                    url,
                    response.status,
                    tuple((k.lower(), v) for k, v in response.headers.items()),
                    data,
                    time.monotonic() - started,
                    truncated,
                    certificate=opened.certificate,
                )
    except (HTTPError, UnicodeError) as error:  # The latter of a name that TLS cannot ask for.
        if time.monotonic() >= end:
            raise NoAnswer(f"{method} {url}: no whole answer within {left:.1f} s") from error
        raise NoAnswer(f"{method} {url}: {_cause(error)}") from error


def _sent(body: bytes | None, manner: Manner, opened: Opened) -> "bytes | _Parts | None":
    if manner.size or (manner.pace and body):
        return _Parts(body or b"", manner, opened)
    return body


def _with_defaults(headers: Mapping[str, str], body: "bytes | _Parts | None") -> dict[str, str]:
    """Return headers with those that clients send, where they are not given; a length is true."""
    for name, value in headers.items():
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            # http.client refuses it too, and shows the value, which may be a secret.
            raise HTTPError(f"the header {name!r} has signs that cannot be sent")
    own = dict(_DEFAULTS)
    if body is not None:
        headers = {k: v for k, v in headers.items() if k.lower() != "content-length"}
        own["Content-Length"] = str(len(body))
    given = {name.lower() for name in headers}
    return {**{k: v for k, v in own.items() if k.lower() not in given}, **headers}


class _Parts:
    """A body that is sent in parts, until all of it is sent or an answer is there."""

    def __init__(self, body: bytes, manner: Manner, opened: Opened) -> None:
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
            if self._opened.over.is_set() or self._opened.answered:
                return
            yield part


def _body(response: BaseHTTPResponse, cut: threading.Event) -> tuple[bytes, bool]:
    if response.status in _BODILESS:
        return b"", False
    data = bytearray()
    for chunk in response.stream(_PART):
        data += chunk
        if len(data) > BODY_CAP:
            return bytes(data[:BODY_CAP]), True
    if cut.is_set():  # without a length, a connection that was shut looks like the end
        raise HTTPError("the body did not end in time")
    return bytes(data), False


def _cause(error: BaseException) -> str:
    while True:
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            return f"{type(error).__name__}: {error}"
        error = inner
