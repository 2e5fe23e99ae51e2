"""From a request to the handler of its route: who may, on which repository, a page of what."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.github_double.exchange import Answer, Request
from tests.github_double.limits import Limits
from tests.github_double.people import Access, Token
from tests.github_double.refusals import RefusalError, forbidden, not_found
from tests.github_double.repository import Repository
from tests.github_double.shapes.common import Urls
from tests.github_double.world import World

Item = TypeVar("Item")

_WRITERS = ("admin", "maintain", "write")


@dataclass(frozen=True)
class Call:
    """What a handler works with."""

    world: World
    limits: Limits
    request: Request
    token: Token | None
    urls: Urls
    arguments: dict[str, str]

    @property
    def login(self) -> str:
        """Who writes."""
        return self.token.login if self.token else ""

    @property
    def repository(self) -> Repository:
        """The repository of the path; raises a 404 if the token cannot see it."""
        name = f"{self.arguments['owner']}/{self.arguments['name']}"
        return visible(self.world, self.token, name)

    def number(self, name: str) -> int:
        """A number of the path; raises a 404 for anything else."""
        text = self.arguments[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def page(self, items: Sequence[Item]) -> tuple[list[Item], dict[str, str]]:
        """The asked page (30 unless told, 100 at most) and its Link header."""
        size = max(1, min(100, int(self.request.query.get("per_page", "30"))))
        here = max(1, int(self.request.query.get("page", "1")))
        last = max(1, -(-len(items) // size))
        places = {"prev": here - 1, "next": here + 1, "last": last, "first": 1}
        keep = {name for name in ("prev", "first") if here > 1}
        keep |= {name for name in ("next", "last") if here < last}
        kept = "&".join(f"{k}={v}" for k, v in self.request.query.items() if k != "page")
        address = f"{self.urls.api}{self.request.path}?{kept}{'&' if kept else ''}page="
        links = [f'<{address}{n}>; rel="{name}"' for name, n in places.items() if name in keep]
        headers = {"link": ", ".join(links)} if links else {}
        return list(items[(here - 1) * size : here * size]), headers

    def listed(self, items: Sequence[Item], shape: Callable[[Item], Any]) -> Answer:
        """A page of items as an array."""
        shown, headers = self.page(items)
        return Answer(200, [shape(item) for item in shown], headers)


@dataclass(frozen=True)
class Route:
    """One route: any of `scopes` will do; none means metadata, which every token reads."""

    method: str
    pattern: str
    handler: Callable[[Call], Answer]
    scopes: tuple[str, ...] = ()

    @property
    def access(self) -> Access:
        """What it needs of its scopes."""
        return "read" if self.method == "GET" else "write"

    @property
    def accepted(self) -> str:
        """What GitHub says would do: `statuses=write`."""
        return "; ".join(f"{scope}={self.access}" for scope in self.scopes) or "metadata=read"

    def match(self, request: Request) -> dict[str, str] | None:
        """The path's arguments; `{name...}` takes slashes too."""
        if request.method != self.method:
            return None
        text = re.sub(r"\{(\w+)\.\.\.\}", r"(?P<\1>.*)", self.pattern)
        text = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", text)
        found = re.fullmatch(text, request.path)
        return found.groupdict() if found else None

    def authorise(self, call: Call) -> None:
        """Raises 401, 403 or 404 if the token may not."""
        if "name" not in call.arguments:
            return
        home, token = call.repository, call.token
        if token is None:
            if self.access == "write":
                raise RefusalError(401, "Requires authentication")
            return
        reaches = token.reaches(home.full_name)
        if self.access == "read" and not reaches:
            return  # public, or it would be a 404 already
        granted = any(token.allows(scope, self.access) for scope in self.scopes)
        if self.scopes and not (granted and reaches):
            raise forbidden(self.accepted)
        person = token.kind == "user" and self.access == "write"
        if person and "issues" not in self.scopes and home.role(token.login) not in _WRITERS:
            raise not_found()


def visible(world: World, token: Token | None, name: str) -> Repository:
    """The repository if it exists for this token; raises a 404."""
    home = world.repository(name)
    if token is not None and token.kind == "user":
        seen = home.role(token.login) != "none"
    else:
        seen = not home.private or bool(token and token.sees(home.full_name, private=True))
    if not seen:
        raise not_found()
    return home


def dispatch(routes: Sequence[Route], call: Call) -> Answer:
    """The answer of the first route that fits; raises a 404 when none does."""
    for route in routes:
        arguments = route.match(call.request)
        if arguments is not None:
            call.arguments.update(arguments)
            route.authorise(call)
            answer = route.handler(call)
            return answer.with_headers({"x-accepted-github-permissions": route.accepted})
    raise not_found(f"Not Found (the double has no {call.request.method} {call.request.path})")
