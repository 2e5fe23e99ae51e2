"""What goes wrong on purpose: faults that a test scripts for requests to come."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.github_double.exchange import Answer, Request

Kind = Literal[
    "5xx-before",  # nothing was written
    "5xx-after",  # it was written, and the client is told otherwise
    "429",
    "secondary",
    "primary",
    "graphql-error",  # HTTP 200, no data
    "partial",  # HTTP 200, one path of the data is null and in the errors
    "drop-before",
    "drop-after",
    "slow",
    "hook",  # something happens right before the request is handled
]

SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
_HTML = b"<html><body><h1>Whoa there! The unicorns are busy.</h1></body></html>"


@dataclass
class Fault:
    """One scripted fault and how often it still strikes."""

    method: str
    path: re.Pattern[str]
    kind: Kind
    times: int
    skip: int
    containing: str
    code: int
    retry_after: int | None
    reset_after: int
    seconds: float
    hook: Callable[[], object] | None
    data_path: tuple[str | int, ...]

    def matches(self, request: Request) -> bool:
        """True if the fault is meant for this request."""
        same = self.method in ("*", request.method) and self.path.fullmatch(request.path)
        return bool(same) and self.containing.encode() in request.content

    def before(self, request: Request) -> Answer | None:
        """The answer given instead of handling the request; None if it is handled."""
        retry = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        match self.kind:
            case "5xx-before":
                return self.broken()
            case "429":
                return Answer(429, {"message": SECONDARY}, retry)
            case "secondary":
                return Answer(403, {"message": SECONDARY}, retry)
            case "primary":
                return self._exhausted(request)
            case "graphql-error":
                error = {"message": "Something went wrong while executing your query."}
                return Answer(200, {"data": None, "errors": [error]})
            case _:
                return None

    def broken(self) -> Answer:
        """A 5xx of GitHub's front: HTML, not JSON."""
        retry = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return Answer(self.code, _HTML, {"content-type": "text/html"} | retry)

    def _exhausted(self, request: Request) -> Answer:
        reset = str(int(time.time()) + self.reset_after)
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
        message = "API rate limit exceeded for installation ID 1."
        if request.path.endswith("/graphql"):
            error = {"type": "RATE_LIMITED", "code": "graphql_rate_limit", "message": message}
            return Answer(200, {"errors": [error]}, headers)
        return Answer(403, {"message": message}, headers)

    def after(self, answer: Answer) -> Answer:
        """The answer that the client gets for a request that was handled."""
        if self.kind == "5xx-after":
            return self.broken()
        if self.kind == "partial":
            return _partial(answer, self.data_path)
        return answer


def _partial(answer: Answer, path: tuple[str | int, ...]) -> Answer:
    place: Any = answer.body["data"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = None
    error = {"message": "Something went wrong while executing your query.", "path": list(path)}
    return Answer(200, answer.body | {"errors": [*answer.body.get("errors", []), error]})


class Faults:
    """The faults still to come, first added first used."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        method: str,
        path: str,
        kind: Kind,
        *,
        times: int = 1,
        skip: int = 0,
        containing: str = "",
        code: int = 502,
        retry_after: int | None = None,
        reset_after: int = 3000,
        seconds: float = 1.0,
        hook: Callable[[], object] | None = None,
        data_path: tuple[str | int, ...] = ("repository",),
    ) -> None:
        """Scripts a fault for requests of a method (`*` any) whose whole path fits a pattern.

        It strikes `times` times after `skip` fitting requests; `containing` must stand in the
        body (one GraphQL query among others).
        """
        fault = Fault(
            method=method,
            path=re.compile(path),
            kind=kind,
            times=times,
            skip=skip,
            containing=containing,
            code=code,
            retry_after=retry_after,
            reset_after=reset_after,
            seconds=seconds,
            hook=hook,
            data_path=data_path,
        )
        with self._lock:
            self._waiting.append(fault)

    def take(self, request: Request) -> Fault | None:
        """The fault that strikes this request."""
        with self._lock:
            for fault in self._waiting:
                if not fault.matches(request):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._waiting.remove(fault)
                return fault
        return None

    def left(self) -> int:
        """Strikes still to come: more than none at a test's end proves less than it says."""
        with self._lock:
            return sum(fault.times for fault in self._waiting)
