"""A web of the target that answers what a test told it, and remembers what it was asked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from readiness_gate.doors.web import ORDINARY, Answer, Manner, NoAnswer


def answer(
    status: int = 200,
    *,
    body: bytes | str = b"",
    data: object = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    seconds: float = 0.012,
    truncated: bool = False,
    url: str = "http://backend:8000/",
    method: str = "GET",
) -> Answer:
    """Return an answer; `data` is sent as JSON."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    raw = json.dumps(data).encode() if data is not None else body
    raw = raw.encode() if isinstance(raw, str) else raw
    lower = tuple((name.lower(), value) for name, value in pairs)
    return Answer(method, url, status, lower, raw, seconds, truncated)


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float
    follow_redirects: bool
    verify: bool
    manner: Manner = ORDINARY


Responder = Callable[[Request], Answer]


@dataclass
class FakeWeb:
    """Implements `Web`; `responder` decides, else the `answers` are given one after another.

    The last of the answers is repeated; a `NoAnswer` among them is raised.
    """

    answers: Sequence[Answer | NoAnswer] = ()
    responder: Responder | None = None
    requests: list[Request] = field(default_factory=list)

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
        asked = Request(
            method, url, dict(headers or {}), body, timeout, follow_redirects, verify, manner
        )
        self.requests.append(asked)
        if self.responder is not None:
            return self.responder(asked)
        if not self.answers:
            raise NoAnswer(f"{method} {url}: nobody answers")
        given = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(given, NoAnswer):
            raise given
        return given
