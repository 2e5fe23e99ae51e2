"""The double: state, server and faults together; what a test holds in its hand."""

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from tests.github_double.dump import dump
from tests.github_double.exchange import Answer, Request
from tests.github_double.faults import Fault, Faults
from tests.github_double.graphql.execute import GraphQL
from tests.github_double.journal import Entry, Journal
from tests.github_double.limits import Limits
from tests.github_double.people import Access, Token, actions_token
from tests.github_double.refusals import RefusalError
from tests.github_double.repository import Repository
from tests.github_double.routes import ROUTES
from tests.github_double.routes.actions import stored
from tests.github_double.routing import Call, dispatch
from tests.github_double.server import Server
from tests.github_double.shapes.common import Urls
from tests.github_double.world import World

_EXEMPT = ("/rate_limit", "/codeload/")


class GitHubDouble:
    """A GitHub of one's own. As a context manager it listens on `host` and a free port.

    `lock` is held while a request is handled: hold it to change several things at once.
    `downloads` are the requests for artifacts, which another port serves. A fault of the
    double's own is answered with a 500 and raised when the context ends.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, web: str = "https://github.com"):
        self.world = World()
        self.faults = Faults()
        self.limits = Limits()
        self.journal = Journal()
        self.lock = threading.RLock()
        self.failures: list[Exception] = []
        self._web = web
        self._graphql = GraphQL(self.world, self.limits, web)
        self._server = Server(self.exchange, host=host, port=port)
        self._storage = Server(self._stored, host=host, port=0)
        self.downloads: list[Request] = []

    def __enter__(self) -> Self:
        self._storage.start()
        self.world.storage_port = self._storage.port
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.stop()
        self._storage.stop()
        if self.failures and error is None:
            raise self.failures[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    @property
    def web(self) -> str:
        """What goes into GITHUB_SERVER_URL; nothing listens there."""
        return self._web

    @property
    def urls(self) -> Urls:
        """The addresses that stand in payloads and in the state."""
        return Urls(self.api_url, self._web)

    @property
    def api_url(self) -> str:
        """What goes into GITHUB_API_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def graphql_url(self) -> str:
        """What goes into GITHUB_GRAPHQL_URL."""
        return f"{self.api_url}/graphql"

    @property
    def requests(self) -> list[Entry]:
        """Every request so far, oldest first."""
        return self.journal.entries()

    @property
    def points(self) -> int:
        """GraphQL points spent so far."""
        return sum(entry.points for entry in self.requests)

    @property
    def queries(self) -> list[str]:
        """Every GraphQL text so far, once: `graphql.schema.objections` judges each."""
        texts = [entry.body["query"] for entry in self.requests if entry.path == "/graphql"]
        return list(dict.fromkeys(texts))

    def repository(
        self,
        name: str,
        *,
        private: bool = False,
        default_branch: str = "main",
        files: Mapping[str, str | bytes] | None = None,
    ) -> Repository:
        """A new repository with one commit on its default branch."""
        home = self.world.create(name, private=private, default_branch=default_branch)
        first = files or {"README.md": f"# {home.name}\n"}
        home.commit(default_branch, dict(first), message="First commit")
        return home

    def fork(self, source: Repository, owner: str) -> Repository:
        """A fork of a repository below another account."""
        return self.world.fork(source, owner)

    def token(
        self,
        value: str,
        *,
        login: str | None = None,
        repositories: frozenset[str] | None = None,
        **permissions: Access,
    ) -> Token:
        """One more token: of a person if `login` is given, else a workflow's with less or more."""
        if login is None:
            token = actions_token(value, repositories=repositories, **permissions)
        else:
            token = Token(value, login, "user")
        self.world.tokens[value] = token
        return token

    def exchange(self, request: Request) -> Answer | None:
        """Answers one request, faults included; None means that the connection is dropped."""
        if request.path.startswith("/__double__/"):
            return self._about(request)
        fault = self.faults.take(request)
        try:
            answer, points = self._answer(request, fault)
        except Exception as failure:
            self.failures.append(failure)
            answer, points = Answer(500, {"message": f"the double failed: {failure!r}"}), 0
        self.journal.record(
            request,
            identity=self._identity(request),
            code=answer.code if answer else None,
            points=points,
            fault=fault.kind if fault else None,
        )
        return answer

    def _answer(self, request: Request, fault: Fault | None) -> tuple[Answer | None, int]:
        if fault is None:
            return self.handle(request)
        if fault.kind == "drop-before":
            return None, 0
        if fault.kind == "slow":
            threading.Event().wait(fault.seconds)
        if fault.kind == "hook" and fault.hook:
            with self.lock:
                fault.hook()
        early = fault.before(request)
        if early is not None:
            return early.with_headers(self._rate_headers(request)), 0
        answer, points = self.handle(request)
        return None if fault.kind == "drop-after" else fault.after(answer), points

    def handle(self, request: Request) -> tuple[Answer, int]:
        """Answers one request as GitHub on a good day; and the GraphQL points it cost."""
        points = 0
        with self.lock:
            try:
                token = self.world.identify(request.credential)
                if request.method == "POST" and request.path == "/graphql":
                    answer, points = self._graphql.answer(request, token)
                else:
                    answer = self._rest(request, token)
            except RefusalError as refusal:
                accepted = {"x-accepted-github-permissions": refusal.accepted}
                headers = accepted if refusal.accepted else {}
                answer = Answer(refusal.code, refusal.body(), headers)
            return answer.with_headers(self._rate_headers(request)), points

    def _rest(self, request: Request, token: Token | None) -> Answer:
        if not request.path.startswith(_EXEMPT) and not self.limits.spend(token, "core"):
            raise RefusalError(403, "API rate limit exceeded for installation ID 1.")
        version = request.version
        urls = Urls(f"http://{request.headers.get('host', f'127.0.0.1:{self.port}')}", self._web)
        call = Call(self.world, self.limits, request, token, urls, {})
        answer = dispatch(ROUTES, call)
        return answer.with_headers({"x-github-api-version-selected": version})

    def _rate_headers(self, request: Request) -> dict[str, str]:
        token = self.world.tokens.get(request.credential or "")
        graphql = request.path == "/graphql"
        return self.limits.headers(token, "graphql" if graphql else "core")

    def _identity(self, request: Request) -> str | None:
        token = self.world.tokens.get(request.credential or "")
        return token.login if token else None

    def _stored(self, request: Request) -> Answer:
        with self.lock:
            self.downloads.append(request)
            return stored(self.world, request)

    def _about(self, request: Request) -> Answer:
        with self.lock:
            if request.path == "/__double__/state":
                return Answer(200, self.state())
        return Answer(404, {"message": "only /__double__/state"})

    def state(self) -> dict[str, Any]:
        """All that a test outside the process asks for, as JSON."""
        return dump(self.world, self.urls) | {
            "requests": [entry.as_json() for entry in self.requests],
            "points": self.points,
            "faults-left": self.faults.left(),
        }
