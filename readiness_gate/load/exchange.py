"""One request of the generator through aiohttp: bounded, and nothing that it asks for is followed.

A door of its own to the target, since it is a process of its own: no proxies, no `.netrc`, no
cookies, no redirects, and bodies are neither decompressed nor kept.
"""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from readiness_gate.load.plan import BODY_CAP, Plan, Request
from readiness_gate.load.tally import IN_VAIN

_IDLE = 4.0
"""Seconds that an idle connection is kept: less than the five after which uvicorn closes it."""


_NO_HOST = (aiohttp.ClientConnectorDNSError, socket.gaierror)
_CAUSES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (_NO_HOST, "there is no host of this name"),
    ((aiohttp.ClientPayloadError,), "the body ended too early"),
    (
        (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError),
        "the connection was closed without an answer",
    ),
    ((aiohttp.ClientResponseError,), "the answer is no HTTP"),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one request ended."""

    status: int | None = None
    received: int = 0
    problem: str = ""
    """Why there is no whole answer."""
    in_vain: bool = False
    """Whether it waited for as long as it might."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as aiohttp takes it, with the headers of every identity."""

    method: str
    url: URL
    headers: tuple[CIMultiDict[str], ...]
    body: bytes | None
    server_name: str | None


def prepared(request: Request, identities: tuple[Mapping[str, str], ...]) -> Prepared:
    """Return a request with all that can be worked out once."""
    every = identities or ({},)
    headers = tuple(
        CIMultiDict({"User-Agent": "readiness-gate", **one, **request.headers}) for one in every
    )
    url = URL(request.url, encoded=True)
    return Prepared(request.method, url, headers, request.body, request.server_name or None)


def session(plan: Plan) -> aiohttp.ClientSession:
    """Return what sends; inside a running loop."""
    connector = aiohttp.TCPConnector(
        limit=0, ssl=plan.verify, keepalive_timeout=_IDLE, ttl_dns_cache=60
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=plan.timeout, ceil_threshold=1e9),
        auto_decompress=False,
        trust_env=False,
        max_line_size=65_536,
        max_field_size=65_536,
    )


async def exchange(sends: aiohttp.ClientSession, one: Prepared, identity: int) -> Ended:
    """Send one request and read its answer to the end; never raises for what a server does."""
    status, received = None, 0
    try:
        async with sends.request(
            one.method,
            one.url,
            headers=one.headers[identity % len(one.headers)],
            data=one.body,
            allow_redirects=False,
            server_hostname=one.server_name,
        ) as answer:
            status = answer.status
            while chunk := await answer.content.readany():
                received += len(chunk)
                if received > BODY_CAP:
                    answer.close()
                    return Ended(None, received, f"the body is longer than {BODY_CAP} bytes")
        return Ended(status, received)
    except TimeoutError:
        return Ended(None, received, IN_VAIN, in_vain=True)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Ended(None, received, _cause(error))


def _cause(error: Exception) -> str:
    """Return in a few words why no answer came."""
    if isinstance(error, aiohttp.ClientSSLError):
        return f"TLS: {error.os_error}"[:120]
    if isinstance(error, aiohttp.ClientConnectorError) and not isinstance(error, _NO_HOST):
        inner = error.os_error
        refused = isinstance(inner, ConnectionRefusedError)
        return "connection refused" if refused else f"no connection: {inner.strerror}"[:120]
    told = (text for kinds, text in _CAUSES if isinstance(error, kinds))
    return next(told, type(error).__name__)


async def quiet(tasks: set["asyncio.Task[None]"], seconds: float) -> int:
    """Wait for tasks, end what is left; return how many that were."""
    if not tasks:
        return 0
    _, left = await asyncio.wait(tasks, timeout=seconds)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=1.0)
    return len(left)
