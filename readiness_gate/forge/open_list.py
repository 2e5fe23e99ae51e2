"""Every open pull request with the statuses on its head: one point for a hundred of them.

A connection costs one fetch for each pull request of a page and a point a hundred fetches
(GitHub GraphQL: rate limits). The statuses are that one connection, so labels are left out;
`read_labels` reads them where a `when` names any.
"""

from collections.abc import Collection, Mapping

from readiness_gate.errors import ForgeError
from readiness_gate.forge import graphql
from readiness_gate.forge.base import CommitStatus, OpenList, Standing
from readiness_gate.forge.client import PAGES, Client
from readiness_gate.forge.queries import PULL_FIELDS
from readiness_gate.forge.rest import Fields
from readiness_gate.forge.retry import Answer
from readiness_gate.model.outcome import Conclusion

_PERMISSION = "pull-requests: read"
_LABELS_AT_ONCE = 100
OPEN_LIST = (
    """
query ($owner: String!, $name: String!, $after: String) {
  rateLimit { cost }
  viewer { login }
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name }
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
    pullRequests(
      states: OPEN, first: 100, after: $after, orderBy: {field: CREATED_AT, direction: ASC}
    ) {
      nodes { ...listed }
      pageInfo { hasNextPage endCursor }
    }
  }
}
fragment listed on PullRequest {
"""
    + PULL_FIELDS
    + """
  commits(last: 1) {
    nodes {
      commit {
        oid
        status {
          contexts { context state description targetUrl createdAt creator { __typename login } }
        }
      }
    }
  }
}
"""
)
_BESIDE = frozenset({"commits", "defaultBranchRef", "viewer"})
"""Fields that ask for more than `pull-requests: read`, and that a sweep can do without."""
_METHODS = {
    "mergeCommitAllowed": "merge",
    "squashMergeAllowed": "squash",
    "rebaseMergeAllowed": "rebase",
}


def read_open_list(client: Client, repository: str) -> OpenList:
    """Return every open pull request of a repository, by number.

    Raises:
        ForgeError: an answer is not complete; only statuses may be missing.
    """
    found: dict[int, Standing] = {}
    owner, _, name = repository.partition("/")
    after: str | None = None
    for _ in range(PAGES):
        given = {"owner": owner, "name": name, "after": after}
        answer = client.query(OPEN_LIST, given, permission=_PERMISSION)
        home = graphql.whole(answer, "repository", permission=_PERMISSION, beside=_BESIDE)
        page = home.fields("pullRequests")
        lost = _lost(answer)
        for place, node in enumerate(page.items("nodes")):
            one = Standing(
                graphql.pull_request(node, repository),
                None if place in lost else _statuses(node),
            )
            # A page moves where somebody closes or opens one in between.
            found[one.pull_request.reference.number] = one
        position = page.fields("pageInfo")
        if not position.truth("hasNextPage"):
            return OpenList(
                standing=tuple(found[number] for number in sorted(found)),
                default_branch=home.fields("defaultBranchRef").text("name")
                if home.has("defaultBranchRef")
                else None,
                merge_methods=_methods(home),
                identity=_identity(answer),
            )
        after = position.text("endCursor")
    raise ForgeError(f"the open pull requests of {repository} go on after {PAGES} pages")


def read_labels(
    client: Client, repository: str, numbers: Collection[int]
) -> Mapping[int, tuple[str, ...]]:
    """Return the labels of pull requests, a hundred in one query.

    Raises:
        ForgeError: an answer is not complete.
    """
    labels: dict[int, tuple[str, ...]] = {}
    owner, _, name = repository.partition("/")
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _LABELS_AT_ONCE):
        some = ordered[start : start + _LABELS_AT_ONCE]
        asked = " ".join(
            f"n{number}: pullRequest(number: {number}) "
            "{ labels(first: 100) { nodes { name } } }"
            for number in some
        )
        text = (
            "query ($owner: String!, $name: String!) { rateLimit { cost } "
            f"repository(owner: $owner, name: $name) {{ {asked} }} }}"
        )
        answer = client.query(text, {"owner": owner, "name": name}, permission=_PERMISSION)
        home = graphql.whole(answer, "repository", permission=_PERMISSION)
        for number in some:
            nodes = home.fields(f"n{number}").fields("labels").items("nodes")
            labels[number] = tuple(label.text("name") for label in nodes)
    return labels


def _methods(home: Fields) -> frozenset[str] | None:
    if not all(home.has(field) for field in _METHODS):
        return None
    return frozenset(method for field, method in _METHODS.items() if home.truth(field))


def _identity(answer: Answer) -> str | None:
    said = Fields(answer.data, "the viewer").fields("data")
    return said.fields("viewer").text("login") if said.has("viewer") else None


def _lost(answer: Answer) -> set[int]:
    """Return the places on the page whose commit could not be read as a whole."""
    places: set[int] = set()
    for error in answer.errors:
        path = error.get("path")
        if isinstance(path, list) and "commits" in path:
            places.update(step for step in path[:4] if isinstance(step, int))
    return places


def _statuses(node: Fields) -> Mapping[str, CommitStatus] | None:
    commits = node.fields("commits").items("nodes")
    commit = commits[0].fields("commit") if commits else None
    if commit is None or commit.text("oid") != node.text("headRefOid"):
        return None
    if not commit.has("status"):
        return {}
    return {one.text("context"): _status(one) for one in commit.fields("status").items("contexts")}


def _status(fields: Fields) -> CommitStatus:
    creator = fields.fields("creator") if fields.has("creator") else None
    state = fields.text("state").lower()
    return CommitStatus(
        context=fields.text("context"),
        # `EXPECTED` is GitHub's word for one that was not reported yet.
        state=Conclusion.PENDING if state == "expected" else Conclusion(state),
        description=fields.text("description", default=""),
        target_url=fields.text("targetUrl", default=""),
        creator=graphql.login(creator) if creator else "",
        created_at=fields.time("createdAt"),
    )
