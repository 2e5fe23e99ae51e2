"""Cookies of answers: what they are, and a jar that sends them again (RFC 6265).

The jar belongs to the stack under test: it takes no notice of `Domain`, since services are asked
by their names, and sends `Secure` cookies without TLS too, as browsers do on localhost.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from readiness_gate.checks.options.cookie_query import query_of
from readiness_gate.doors.clock import Clock
from readiness_gate.doors.web import Answer
from readiness_gate.matchers import ABSENT

_FLAGS = frozenset({"secure", "httponly"})
_MOST = 200
_PRIVATE = 8
"""Signs of a cookie that may be a secret; shorter ones are words."""


@dataclass(frozen=True)
class Cookie:
    """One cookie as a server set it; attributes by their lower-case names."""

    name: str
    value: str
    attributes: Mapping[str, str]


def private_values(answer: Answer) -> Iterator[str]:
    """Yield the values of cookies that their server keeps from scripts or from plain HTTP."""
    for one in cookies_of(answer):
        if len(one.value) >= _PRIVATE and _FLAGS & one.attributes.keys():
            yield one.value


def cookies_of(answer: Answer) -> Iterator[Cookie]:
    """Yield the cookies that an answer sets, in their order."""
    for name, value in answer.headers:
        if name == "set-cookie" and (one := parsed(value)) is not None:
            yield one


def parsed(text: str) -> Cookie | None:
    """Return the cookie of one header `Set-Cookie`, `None` where it is none that can be sent."""
    if any(ord(sign) < 32 or ord(sign) > 255 or sign == "\x7f" for sign in text):
        return None
    pair, *rest = text.split(";")
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        return None
    attributes: dict[str, str] = {}
    for one in rest:
        key, _, given = one.partition("=")
        attributes[key.strip().lower()] = given.strip()
    return Cookie(name.strip(), value.strip().strip('"'), attributes)


def cookie_value(answer: Answer, query: str) -> object:
    """Return what a query asks of an answer: a text, a number, `True` of a flag, or `ABSENT`."""
    name, attribute = query_of(query)
    found = [one for one in cookies_of(answer) if one.name == name]
    if not found:
        return ABSENT
    if attribute == "Value":
        return found[-1].value
    value = found[-1].attributes.get(attribute.lower())
    if value is None:
        return ABSENT
    if attribute.lower() in _FLAGS:
        return True
    is_number = attribute == "Max-Age" and re.fullmatch(r"-?[0-9]{1,15}", value)
    return int(value) if is_number else value


class CookieJar:
    """Cookies of one scenario, by the name under which people know a host."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty; the clock tells what has expired."""
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str], str] = {}

    def of(self, host: str) -> "HostJar":
        """Return the cookies of one host, whichever of its replicas is asked."""
        return HostJar(self, host)

    def header(self, host: str, path: str) -> str:
        """Return what the header `Cookie` says, those of longer paths first."""
        with self._lock:
            mine = [
                (kept, name, value)
                for (owner, kept, name), value in self._kept.items()
                if owner == host and _covers(kept, path)
            ]
        mine.sort(key=lambda one: -len(one[0]))
        return "; ".join(f"{name}={value}" for _, name, value in mine)

    def keep(self, host: str, path: str, cookie: Cookie) -> None:
        """Keep a cookie, or remove it where it has expired."""
        kept = cookie.attributes.get("path", "")
        kept = kept if kept.startswith("/") else path.rpartition("/")[0] or "/"
        with self._lock:
            if _expired(cookie, self._clock.now()):
                self._kept.pop((host, kept, cookie.name), None)
            elif len(self._kept) < _MOST or (host, kept, cookie.name) in self._kept:
                self._kept[host, kept, cookie.name] = cookie.value

    def values(self) -> tuple[str, ...]:
        """Return all values."""
        with self._lock:
            return tuple(self._kept.values())


@dataclass(frozen=True)
class HostJar:
    """Implements `Jar` for one host."""

    jar: CookieJar
    host: str

    def header(self, url: str) -> str:
        """Return what is sent to a URL of this host."""
        return self.jar.header(self.host, urlsplit(url).path or "/")

    def take(self, url: str, values: Sequence[str]) -> None:
        """Keep what an answer of this host set."""
        for one in values:
            cookie = parsed(one)
            if cookie is not None:
                self.jar.keep(self.host, urlsplit(url).path or "/", cookie)


def _covers(kept: str, path: str) -> bool:
    return path == kept or path.startswith(kept if kept.endswith("/") else f"{kept}/")


def _expired(cookie: Cookie, now: datetime) -> bool:
    age = cookie.attributes.get("max-age", "")
    if re.fullmatch(r"-?[0-9]{1,15}", age):
        return int(age) <= 0
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - few cookies have a date

    try:
        end = parsedate_to_datetime(cookie.attributes["expires"])
    except (KeyError, ValueError):
        return False
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) <= now
