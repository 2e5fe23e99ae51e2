"""Opinions of reviewers and GitHub's own decision, in batches; members of teams."""

from collections.abc import Collection
from typing import Literal, cast

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.batch import read_batch
from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.rest import Fields, listed
from readiness_gate.model.review import Review, Reviews

_REFUSED = frozenset({403, 404})
_REVIEWED = """
fragment reviewed on PullRequest {
  reviewDecision
  latestOpinionatedReviews(first: 100) {
    nodes {
      state submittedAt authorCanPushToRepository
      author { __typename login }
      commit { oid }
    }
    pageInfo { hasNextPage }
  }
}
"""


def read_reviews(
    client: Client, repository: str, numbers: Collection[int]
) -> dict[int, Reviews | ForgeError]:
    """Return the opinions on each pull request, or why they are not known."""
    return read_batch(
        client,
        repository,
        numbers,
        field=lambda number: f"pullRequest(number: {number}) {{ ...reviewed }}",
        fragment=_REVIEWED,
        permission="pull-requests: read",
        read=_reviews,
    )


def team_members(client: Client, team: str) -> frozenset[str]:
    """Return the logins of a team, `organisation/team`, in lower case.

    Raises:
        PermissionMissing: a workflow's own token never sees teams.
    """
    organisation, _, slug = team.partition("/")
    path = f"/orgs/{organisation}/teams/{slug}/members"
    first = client.send(Request("GET", path, "members: read", accept=_REFUSED))
    if first.status in _REFUSED:
        raise PermissionMissing(
            f"who is in @{team} is not visible to the token",
            permission="members: read",
            advice="Give the token of an App with members: read (a workflow's own token never "
            "has it), or list the people in `roles`.",
        )
    pages = client.pages(Request("GET", path, "members: read"))
    return frozenset(one.text("login").lower() for page in pages for one in listed(page, path))


def _reviews(number: int, fields: Fields) -> Reviews:
    opinions = fields.fields("latestOpinionatedReviews")
    if opinions.fields("pageInfo").truth("hasNextPage"):
        raise ForgeError(f"#{number} has more than 100 reviewers")
    decision = fields.text("reviewDecision", default="").lower() or None
    return Reviews.model_validate(
        {"decision": decision, "opinions": tuple(_review(one) for one in opinions.items("nodes"))}
    )


def _review(fields: Fields) -> Review:
    author = fields.fields("author") if fields.has("author") else None
    bot = author is not None and author.text("__typename") == "Bot"
    login = author.text("login") if author else "ghost"
    commit = fields.fields("commit") if fields.has("commit") else None
    state = fields.text("state").lower()
    if state not in {"approved", "changes_requested", "dismissed"}:
        raise ForgeError(f"GitHub calls a review {state}, which is no opinion")
    return Review(
        author=f"{login}[bot]" if bot and not login.endswith("[bot]") else login,
        state=cast("Literal['approved', 'changes_requested', 'dismissed']", state),
        commit=commit.text("oid") if commit else "",
        writer=fields.truth("authorCanPushToRepository"),
        bot=bot,
        submitted_at=fields.time("submittedAt"),
    )
