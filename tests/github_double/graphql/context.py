"""What resolvers share: the caller, things with their repository, pages of connections."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from graphql import GraphQLError

from tests.github_double.graphql.points import Bill
from tests.github_double.limits import Limits
from tests.github_double.people import Token, User
from tests.github_double.pulls import PullRequest
from tests.github_double.repository import Repository
from tests.github_double.shapes.common import Urls
from tests.github_double.world import World

Item = TypeVar("Item")
Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Context:
    """Who asks, and over what."""

    world: World
    limits: Limits
    token: Token
    urls: Urls
    bill: Bill

    def require(self, home: Repository, *scopes: str) -> None:
        """Raises FORBIDDEN unless the token may read one of these here."""
        reaches = self.token.reaches(home.full_name)
        granted = any(self.token.allows(scope, "read") for scope in scopes)
        if reaches and not granted:
            raise GraphQLError(
                "Resource not accessible by integration", extensions={"type": "FORBIDDEN"}
            )


@dataclass(frozen=True)
class Located(Generic[Item]):
    """A thing together with the repository that it is in."""

    home: Repository
    item: Item


@dataclass(frozen=True)
class Ref:
    """A ref in full and where it is."""

    home: Repository
    name: str


@dataclass(frozen=True)
class Path:
    """A file or a directory of a commit's tree; the root is the empty path."""

    home: Repository
    files: Mapping[str, bytes]
    path: str


@dataclass(frozen=True)
class Page:
    """A page of a connection."""

    nodes: Sequence[Any]
    total: int
    before: bool
    after: bool

    @property
    def cursors(self) -> list[str]:
        """The cursor of each node."""
        return [cursor(node) for node in self.nodes]


def missing(message: str) -> GraphQLError:
    """The error of something that is not there, or not for this token."""
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


def cursor(node: Any) -> str:
    """The opaque place of a node: it stays right when others come or go."""
    item = node.item if isinstance(node, Located) else node
    key = getattr(item, "id", None) or item.sha
    return base64.b64encode(f"cursor:{key}".encode()).decode()


def page(nodes: Sequence[Any], arguments: Arguments) -> Page:
    """The asked part of all nodes; raises GraphQLError for a cursor that is none of theirs."""
    start, end = 0, len(nodes)
    places = {cursor(node): index for index, node in enumerate(nodes)}
    for name in ("after", "before"):
        place = arguments.get(name)
        if place is None:
            continue
        if place not in places:
            text = f"`{place}` does not appear to be a valid cursor."
            raise GraphQLError(text, extensions={"type": "INVALID_CURSOR_ARGUMENTS"})
        start = places[place] + 1 if name == "after" else start
        end = places[place] if name == "before" else end
    if arguments.get("first") is not None:
        end = min(end, start + arguments["first"])
    if arguments.get("last") is not None:
        start = max(start, end - arguments["last"])
    return Page(nodes[start:end], len(nodes), start > 0, end < len(nodes))


def type_name(value: Any) -> str:
    """The GraphQL type of a value where the schema has several."""
    match value:
        case User():
            return value.kind
        case PullRequest() | Repository() | Ref():
            return type(value).__name__
        case Path():
            return "Blob" if value.path in value.files else "Tree"
        case Located():
            names = {"Review": "PullRequestReview", "Status": "StatusContext"}
            names |= {"Comment": "IssueComment", "Mention": "CrossReferencedEvent"}
            name = type(value.item).__name__
            return names.get(name, name)
        case _:
            raise TypeError(f"no GraphQL type for {value!r}")
