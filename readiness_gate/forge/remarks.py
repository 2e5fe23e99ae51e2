"""What people said on pull requests, in batches: comments that hold a command, and reviews."""

from collections.abc import Collection, Iterator

from readiness_gate.errors import ForgeError
from readiness_gate.forge import graphql
from readiness_gate.forge.batch import read_batch
from readiness_gate.forge.client import PAGES, Client
from readiness_gate.forge.rest import Fields
from readiness_gate.merge.commands import commands
from readiness_gate.model.remark import Remark

PERMISSION = "pull-requests: read"
_COMMENTS = """
fragment said on IssueCommentConnection {
  nodes {
    fullDatabaseId body url createdAt lastEditedAt includesCreatedEdit isMinimized
    author { __typename login }
  }
  pageInfo { hasNextPage endCursor }
}
"""
_REVIEWS = """
fragment given on PullRequestReviewConnection {
  nodes {
    fullDatabaseId body url submittedAt lastEditedAt includesCreatedEdit isMinimized
    state author { __typename login } commit { oid }
  }
  pageInfo { hasNextPage endCursor }
}
"""
_FIRST = """
fragment conversation on PullRequest {
  comments(first: 100) { ...said }
  reviews(first: 100) { ...given }
}
"""
_MORE = {
    "comments": ("...said", _COMMENTS),
    "reviews": ("...given", _REVIEWS),
}
_PAGE = """
query ($owner: String!, $name: String!, $number: Int!, $after: String) {{
  rateLimit {{ cost }}
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{ {field}(first: 100, after: $after) {{ {selection} }} }}
  }}
}}
"""


def read_remarks(
    client: Client, repository: str, numbers: Collection[int]
) -> dict[int, tuple[Remark, ...] | ForgeError]:
    """Return, per pull request, its comments with a command and its reviews, oldest first.

    Of reviews those that approve are kept as well; a text without a command is not.
    """

    def read(number: int, fields: Fields) -> tuple[Remark, ...]:
        found = [
            remark
            for name in _MORE
            for page in _pages(client, repository, number, name, fields.fields(name))
            for node in page.items("nodes")
            if (remark := _remark(node, name)) is not None
        ]
        return tuple(sorted(found, key=lambda one: (one.created_at, one.id)))

    return read_batch(
        client,
        repository,
        numbers,
        field=lambda number: f"pullRequest(number: {number}) {{ ...conversation }}",
        fragment=_FIRST + _COMMENTS + _REVIEWS,
        permission=lambda _path: PERMISSION,
        read=read,
    )


def _pages(
    client: Client, repository: str, number: int, name: str, page: Fields
) -> Iterator[Fields]:
    owner, _, short = repository.partition("/")
    selection, fragment = _MORE[name]
    text = _PAGE.format(field=name, selection=selection) + fragment
    for _ in range(PAGES):
        yield page
        position = page.fields("pageInfo")
        if not position.truth("hasNextPage"):
            return
        given = {
            "owner": owner, "name": short, "number": number, "after": position.text("endCursor"),
        }  # fmt: skip
        answer = client.query(text, given, permission=PERMISSION)
        page = graphql.whole(answer, "repository", "pullRequest", name, permission=PERMISSION)
    raise ForgeError(f"{name} of #{number} go on after {PAGES} pages")


def _remark(node: Fields, name: str) -> Remark | None:
    body = node.text("body", default="")
    review = name == "reviews"
    state = node.text("state").lower() if review else ""
    at = node.time("submittedAt" if review else "createdAt")
    # The gate's own comment tells how to sign, and is no command.
    commanding = bool(commands(body))
    # A review that is not submitted yet is seen by its author alone.
    if at is None or state == "pending" or not (commanding or state == "approved"):
        return None
    return Remark(
        kind="review" if review else "comment",
        id=node.number("fullDatabaseId"),
        author=graphql.login(node.fields("author")) if node.has("author") else "ghost",
        body=body if commanding else "",
        url=node.text("url"),
        created_at=at,
        edited=node.has("lastEditedAt") or node.truth("includesCreatedEdit"),
        hidden=node.truth("isMinimized"),
        state=state,
        commit=node.fields("commit").text("oid") if review and node.has("commit") else None,
    )
