"""Requests to GitHub, one after another: counted, repeated with patience, refusals named."""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import requests

from readiness_gate.doors.clock import Clock
from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.retry import Answer, Delay, Patience, delay_after, read_answer
from readiness_gate.model.report import ApiUsage

PER_PAGE = 100
PAGES = 100
"""Pages of one list that are read; a longer list is no usable answer."""

Result = TypeVar("Result")


class Requester(Protocol):
    """What is used of PyGithub: authentication, headers, pace, connections."""

    def requestJson(  # noqa: N802 - PyGithub's name
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,  # noqa: A002
    ) -> tuple[int, dict[str, Any], str]:
        """Return status, headers and body of one exchange, whatever the status is."""
        ...


@dataclass(frozen=True)
class Request:
    """One request; `permission` is what GitHub wants of the token, in the workflow's words."""

    verb: str
    path: str
    permission: str
    parameters: Mapping[str, str | int] | None = None
    body: Mapping[str, object] | None = None
    accept: frozenset[int] = frozenset()
    """Error codes that are an answer here, for example 404."""

    def __str__(self) -> str:
        """Return the request for a message."""
        return f"{self.verb} {self.path}"


class Client:
    """GitHub's REST and GraphQL interfaces.

    PyGithub carries the requests. Its own repetitions are off: they skip PATCH, repeat a POST
    that may have been carried out, and sleep up to an hour for a limit.
    """

    def __init__(
        self, rest: Requester, graphql: Requester, *, clock: Clock, patience: Patience
    ) -> None:
        """Send through the two requesters, whose base addresses are those of the interfaces."""
        self._rest = rest
        self._graphql = graphql
        self._clock = clock
        self._patience = patience
        self._requests = 0
        self._points = 0
        # GitHub asks for serial requests; checks ask from several threads.
        self._one_at_a_time = threading.RLock()

    @property
    def usage(self) -> ApiUsage:
        """Requests that were sent, repetitions included, and GraphQL points that they cost."""
        return ApiUsage(requests=self._requests, points=self._points)

    def send(self, request: Request) -> Answer:
        """Return a good answer, or one whose code the request accepts.

        Raises:
            PermissionMissing: the token may not.
            ForgeError: no usable answer came within the bounds.
        """
        return self.create(request, read=lambda answer: answer, look_up=None)

    def create(
        self,
        request: Request,
        *,
        read: Callable[[Answer], Result],
        look_up: Callable[[], Result | None] | None,
    ) -> Result:
        """Return what `read` makes of the answer.

        After an answer that leaves open whether the request was carried out, `look_up` is asked
        first; what it finds is the result, and nothing is sent again.

        Raises:
            PermissionMissing: the token may not.
            ForgeError: no usable answer came within the bounds.
        """
        with self._one_at_a_time:
            for attempt in itertools.count():
                outcome = self._attempt(request, attempt)
                if isinstance(outcome, Answer):
                    return read(_checked(request, outcome))
                self._patience.wait(outcome, attempt=attempt, request=str(request))
                found = look_up() if look_up is not None and outcome.maybe_done else None
                if found is not None:
                    return found
        raise AssertionError("unreachable: counting does not end")

    def pages(self, request: Request) -> Iterator[object]:
        """Yield the parsed body of every page of a list.

        Raises:
            ForgeError: as `send`; also for more than `PAGES` pages.
        """
        for page in range(1, PAGES + 1):
            parameters = {**(request.parameters or {}), "per_page": PER_PAGE, "page": page}
            answer = self.send(Request(request.verb, request.path, request.permission, parameters))
            yield answer.data
            if 'rel="next"' not in answer.headers.get("link", ""):
                return
        raise ForgeError(f"{request} goes on after {PAGES} pages of {PER_PAGE}")

    def query(self, text: str, variables: Mapping[str, object], *, permission: str) -> Answer:
        """Return the answer to a GraphQL query, errors and partial data included.

        The query asks for `rateLimit { cost }`, so that its points are counted.

        Raises:
            ForgeError: no usable answer came within the bounds.
        """
        body = {"query": text, "variables": dict(variables)}
        answer = self.send(Request("POST", "/graphql", permission, body=body))
        if not isinstance(answer.data, Mapping):
            raise ForgeError("GitHub's GraphQL answer is no JSON object")
        data = answer.data.get("data")
        limit = data.get("rateLimit") if isinstance(data, Mapping) else None
        cost = limit.get("cost") if isinstance(limit, Mapping) else None
        self._points += cost if isinstance(cost, int) else 1
        return answer

    def _attempt(self, request: Request, attempt: int) -> Answer | Delay:
        graphql = request.path == "/graphql"
        self._requests += 1
        try:
            status, headers, text = (self._graphql if graphql else self._rest).requestJson(
                request.verb,
                request.path,
                dict(request.parameters or {}),
                {},
                request.body,
            )
        except requests.RequestException as error:
            # The message may quote headers, and one of them holds the token.
            return Delay(2.0**attempt, type(error).__name__, maybe_done=True)
        except (RuntimeError, AssertionError) as error:
            raise ForgeError(f"{request} was redirected to another server") from error
        answer = read_answer(status, headers, text)
        return delay_after(answer, attempt=attempt, now=self._clock.now()) or answer


def _checked(request: Request, answer: Answer) -> Answer:
    if answer.status in request.accept or (200 <= answer.status < 300):
        if answer.status != HTTPStatus.NO_CONTENT and isinstance(answer.data, str):
            raise ForgeError(f"{request} was answered by something that is no JSON")
        return answer
    said = answer.message or f"HTTP {answer.status}"
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise ForgeError(
            f"GitHub does not know the token: {said}",
            advice="give a token that is valid; in a workflow, token: ${{ github.token }}",
        )
    if answer.status == HTTPStatus.FORBIDDEN and lacks_permission(said):
        raise permission_missing(request.permission, said)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise ForgeError(
            f"{request}: not found, or not visible to the token",
            advice=f"the token needs {request.permission}, and its repository this object",
        )
    raise ForgeError(f"{request}: HTTP {answer.status}: {said}")


def lacks_permission(said: str) -> bool:
    """Return whether a message of GitHub's is about the token's permissions."""
    lower = said.lower()
    return "resource not accessible" in lower or "must have" in lower or "permission" in lower


def permission_missing(permission: str, said: str) -> PermissionMissing:
    """Return the error that names a permission as a workflow writes it."""
    return PermissionMissing(
        f"the token lacks the permission `{permission}` ({said})",
        permission=permission,
        advice=f"add `{permission}` below `permissions:` of the job; a pull request from a fork "
        "never gets a token that writes",
    )
