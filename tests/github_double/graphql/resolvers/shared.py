"""Accounts, labels, pages, the rate limit."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.github_double.graphql.context import Arguments, Context, Page, cursor
from tests.github_double.people import User
from tests.github_double.shapes.common import node_id

Resolver = Callable[[Any, Context, Arguments], Any]
Fields = dict[str, Resolver]


def attribute(name: str) -> Resolver:
    """The attribute of the thing itself."""
    return lambda source, _context, _arguments: getattr(source, name)


def inner(name: str) -> Resolver:
    """The attribute of a located thing."""
    return lambda source, _context, _arguments: getattr(source.item, name)


def constant(value: Any) -> Resolver:
    """The same for everything."""
    return lambda _source, _context, _arguments: value


def _login(account: User, _context: Context, _arguments: Arguments) -> str:
    # GraphQL knows bots without the suffix that REST gives them.
    return account.login.removesuffix("[bot]") if account.kind == "Bot" else account.login


ACCOUNT: Fields = {
    "id": lambda account, _context, _arguments: node_id(account.kind, account.id),
    "databaseId": attribute("id"),
    "login": _login,
    "avatarUrl": lambda account, context, _arguments: f"{context.urls.web}/avatars/{account.id}",
    "url": lambda account, context, _arguments: (
        f"{context.urls.web}/{account.login.removesuffix('[bot]')}"
    ),
}

_PAGE: Fields = {
    "nodes": attribute("nodes"),
    "edges": attribute("nodes"),
    "pageInfo": lambda page, _context, _arguments: page,
    "totalCount": attribute("total"),
}

_EDGE: Fields = {
    "cursor": lambda node, _context, _arguments: cursor(node),
    "node": lambda node, _context, _arguments: node,
}

_CONNECTIONS = [
    "CheckRun",
    "CheckSuite",
    "CommitHistory",
    "Commit",
    "Deployment",
    "IssueComment",
    "Label",
    "MergeQueueEntry",
    "PullRequest",
    "PullRequestChangedFile",
    "PullRequestCommit",
    "PullRequestReview",
    "PullRequestTimelineItems",
    "StatusCheckRollupContext",
]


def _end(index: int) -> Resolver:
    def resolve(page: Page, _context: Context, _arguments: Arguments) -> str | None:
        return page.cursors[index] if page.nodes else None

    return resolve


def _rate(name: str) -> Resolver:
    return lambda _source, context, _arguments: context.limits.rate(context.token, "graphql")[name]


def _reset(_source: Any, context: Context, _arguments: Arguments) -> str:
    reset = context.limits.rate(context.token, "graphql")["reset"]
    return datetime.fromtimestamp(reset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FIELDS: dict[str, Fields] = {
    "User": ACCOUNT,
    "Bot": ACCOUNT,
    "Organization": ACCOUNT,
    "Label": {
        "id": lambda label, _context, _arguments: node_id("LA", label.id),
        "name": attribute("name"),
        "color": attribute("color"),
    },
    "PageInfo": {
        "startCursor": _end(0),
        "endCursor": _end(-1),
        "hasNextPage": attribute("after"),
        "hasPreviousPage": attribute("before"),
    },
    "RateLimit": {
        "cost": lambda _source, context, _arguments: context.bill.points,
        "nodeCount": lambda _source, context, _arguments: context.bill.nodes,
        "limit": _rate("limit"),
        "remaining": _rate("remaining"),
        "used": _rate("used"),
        "resetAt": _reset,
    },
    **{f"{name}Connection": _PAGE for name in _CONNECTIONS},
    **{f"{name}Edge": _EDGE for name in _CONNECTIONS if name != "CommitHistory"},
}
