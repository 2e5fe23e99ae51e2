"""The roots, repositories and their refs, objects and merge queues."""

from typing import Any

from graphql import GraphQLError

from tests.github_double.graphql.context import (
    Arguments,
    Context,
    Located,
    Path,
    Ref,
    missing,
    page,
)
from tests.github_double.graphql.resolvers.shared import Fields, attribute, inner
from tests.github_double.objects import Commit, blob_sha
from tests.github_double.people import User
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Issue, QueueEntry
from tests.github_double.refusals import RefusalError
from tests.github_double.repository import Repository
from tests.github_double.routing import visible
from tests.github_double.shapes.common import node_id

_NO_PULL = "Could not resolve to a PullRequest with the number of {}."
_NO_ISSUE = "Could not resolve to an Issue with the number of {}."
_NEITHER = "Could not resolve to an issue or pull request with the number of {}."


def _repository(_source: Any, context: Context, arguments: Arguments) -> Repository:
    name = f"{arguments['owner']}/{arguments['name']}"
    try:
        return visible(context.world, context.token, name)
    except RefusalError:
        text = f"Could not resolve to a Repository with the name '{name}'."
        raise missing(text) from None


def _viewer(_source: Any, context: Context, _arguments: Arguments) -> User:
    # The type is User, even for a workflow's token: its login keeps the suffix `[bot]`.
    account = context.world.user(context.token.login)
    return User(account.login, account.id, "User")


def _node(_source: Any, context: Context, arguments: Arguments) -> Any:
    for home in context.world.repositories.values():
        things: list[tuple[str, Any]] = [("R", home)]
        things += [("PR", pull) for pull in home.pulls.values()]
        things += [("I", Located(home, issue)) for issue in home.issues.values()]
        things += [("IC", Located(home, comment)) for comment in home.comments.values()]
        for kind, thing in things:
            number = thing.item.id if isinstance(thing, Located) else thing.id
            if node_id(kind, number) == arguments["id"]:
                visible(context.world, context.token, home.full_name)
                return thing
    raise missing(f"Could not resolve to a node with the global id of '{arguments['id']}'.")


def _pull(home: Repository, context: Context, arguments: Arguments) -> PullRequest:
    context.require(home, "pull_requests")
    if arguments["number"] not in home.pulls:
        raise missing(_NO_PULL.format(arguments["number"]))
    return home.pulls[arguments["number"]]


def _issue(home: Repository, context: Context, arguments: Arguments) -> Located[Issue]:
    context.require(home, "issues")
    if arguments["number"] not in home.issues:
        raise missing(_NO_ISSUE.format(arguments["number"]))
    return Located(home, home.issues[arguments["number"]])


def _either(home: Repository, context: Context, arguments: Arguments) -> Any:
    number = arguments["number"]
    if number in home.pulls:
        return _pull(home, context, arguments)
    if number in home.issues:
        return _issue(home, context, arguments)
    raise missing(_NEITHER.format(number))


def _pulls(home: Repository, context: Context, arguments: Arguments) -> Any:
    context.require(home, "pull_requests")
    states, labels = arguments.get("states"), arguments.get("labels")
    base, head = arguments.get("baseRefName"), arguments.get("headRefName")
    found = [
        pull
        for pull in home.pulls.values()
        if (states is None or pull_state(pull) in states)
        and (labels is None or set(labels) & set(pull.labels))
        and base in (None, pull.base_ref)
        and head in (None, pull.head_ref)
    ]
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    names = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}
    name = names.get(order["field"])
    if name is None:
        raise GraphQLError(f"the double does not order by {order['field']}")
    descending = order["direction"] == "DESC"
    found.sort(key=lambda pull: (getattr(pull, name), pull.number), reverse=descending)
    return page(found, arguments)


def pull_state(pull: PullRequest) -> str:
    """OPEN, CLOSED or MERGED: three states where REST has two."""
    return "MERGED" if pull.merged else pull.state.upper()


def ref(home: Repository, name: str) -> Ref | None:
    """The ref of a short or full name, None if there is none."""
    for full in (name, f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}"):
        if full in home.refs:
            return Ref(home, full)
    return None


def _ref(home: Repository, context: Context, arguments: Arguments) -> Ref | None:
    context.require(home, "contents")
    return ref(home, arguments["qualifiedName"])


def _object(home: Repository, context: Context, arguments: Arguments) -> Any:
    context.require(home, "contents")
    text = arguments.get("expression") or arguments.get("oid") or "HEAD"
    name, colon, path = text.partition(":")
    commit = home.resolve(home.default_branch if name == "HEAD" else name)
    if commit is None:
        return None
    if not colon:
        return Located[Commit](home, commit)
    path = path.strip("/")
    there = not path or any(p == path or p.startswith(f"{path}/") for p in commit.files)
    return Path(home, commit.files, path) if there else None


def _queue(home: Repository, context: Context, arguments: Arguments) -> Any:
    context.require(home, "merge_queues")
    return Ref(home, f"refs/heads/{arguments.get('branch') or home.default_branch}")


def _entries(queue: Ref, _context: Context, arguments: Arguments) -> Any:
    entries = queue.home.queue.of(queue.name.removeprefix("refs/heads/"))
    return page([Located(queue.home, entry) for entry in entries], arguments)


def _group(field: str) -> Any:
    def resolve(source: Located[QueueEntry], _context: Context, _arguments: Arguments) -> Any:
        return Located(source.home, source.home.objects[getattr(source.item, field)])

    return resolve


def _ref_id(source: Ref, _context: Context, _arguments: Arguments) -> str:
    return node_id("REF", int(blob_sha(f"{source.home.id}{source.name}".encode())[:8], 16))


_REPOSITORY: Fields = {
    "id": lambda home, _context, _arguments: node_id("R", home.id),
    "databaseId": attribute("id"),
    "name": attribute("name"),
    "nameWithOwner": attribute("full_name"),
    "owner": attribute("owner"),
    "isPrivate": attribute("private"),
    "isFork": lambda home, _context, _arguments: home.parent is not None,
    "url": lambda home, context, _arguments: context.urls.page(home),
    "defaultBranchRef": lambda home, _context, _arguments: ref(home, home.default_branch),
    "mergeCommitAllowed": lambda _home, _context, _arguments: True,
    "rebaseMergeAllowed": lambda _home, _context, _arguments: True,
    "squashMergeAllowed": lambda _home, _context, _arguments: True,
    "issue": _issue,
    "issueOrPullRequest": _either,
    "mergeQueue": _queue,
    "object": _object,
    "pullRequest": _pull,
    "pullRequests": _pulls,
    "ref": _ref,
}

FIELDS: dict[str, Fields] = {
    "Query": {
        "node": _node,
        "rateLimit": lambda _source, context, _arguments: context,
        "repository": _repository,
        "viewer": _viewer,
    },
    "Repository": _REPOSITORY,
    "Ref": {
        "id": _ref_id,
        "name": lambda source, _context, _arguments: source.name.split("/", 2)[2],
        "prefix": lambda source, _context, _arguments: "/".join(source.name.split("/")[:2]) + "/",
        "repository": attribute("home"),
        "target": lambda source, _context, _arguments: Located(
            source.home, source.home.objects[source.home.refs[source.name]]
        ),
    },
    "MergeQueue": {
        "id": _ref_id,
        "url": lambda queue, context, _arguments: (
            f"{context.urls.page(queue.home)}/queue/{queue.name.removeprefix('refs/heads/')}"
        ),
        "entries": _entries,
        "repository": attribute("home"),
    },
    "MergeQueueEntry": {
        "id": lambda entry, _context, _arguments: node_id("MQE", entry.item.id),
        "position": lambda entry, _c, _a: entry.home.queue.position(entry.item),
        "state": lambda _entry, _context, _arguments: "AWAITING_CHECKS",
        "enqueuedAt": inner("enqueued_at"),
        "headCommit": _group("head_sha"),
        "baseCommit": _group("base_sha"),
        "pullRequest": lambda entry, _c, _a: entry.home.pulls[entry.item.number],
        "jump": lambda _entry, _context, _arguments: False,
        "solo": lambda _entry, _context, _arguments: False,
    },
}
