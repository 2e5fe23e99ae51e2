"""Pull requests, issues, comments and reviews."""

from dataclasses import dataclass
from typing import Any

from tests.github_double.graphql.context import Arguments, Context, Located, page
from tests.github_double.graphql.resolvers.commits import rollup
from tests.github_double.graphql.resolvers.repositories import pull_state, ref
from tests.github_double.graphql.resolvers.shared import Fields, Resolver, attribute, inner
from tests.github_double.objects import changes
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Comment, Issue, Label, Review
from tests.github_double.shapes.common import node_id
from tests.github_double.shapes.pulls import association


def _commit(pull: PullRequest, sha: str | None) -> Any:
    commit = pull.repository.objects.get(sha) if sha else None
    return Located(pull.repository, commit) if commit else None


def _labels(pull: PullRequest, _context: Context, arguments: Arguments) -> Any:
    return page([pull.repository.label(name) for name in pull.labels], arguments)


def _comments(pull: PullRequest, _context: Context, arguments: Arguments) -> Any:
    home = pull.repository
    return page([Located(home, item) for item in home.comments_on(pull.number)], arguments)


def _reviews(pull: PullRequest, _context: Context, arguments: Arguments) -> Any:
    states, author = arguments.get("states"), arguments.get("author")
    found = [
        Located(pull.repository, review)
        for review in pull.reviews
        if (states is None or review.state in states) and author in (None, review.author.login)
    ]
    return page(found, arguments)


def _opinions(pull: PullRequest, _context: Context, arguments: Arguments) -> Any:
    home = pull.repository
    found = [review for review in pull.opinions() if review.state != "DISMISSED"]
    if arguments.get("writersOnly"):
        found = [r for r in found if home.role(r.author.login) in ("admin", "maintain", "write")]
    return page([Located(home, review) for review in found], arguments)


def _commits(pull: PullRequest, _context: Context, arguments: Arguments) -> Any:
    ahead = pull.repository.objects.ahead(pull.base_sha, pull.head_sha)
    return page([Located(pull.repository, commit) for commit in ahead], arguments)


def _mergeable(pull: PullRequest, _context: Context, _arguments: Arguments) -> str:
    if pull.state != "open" or not pull.mergeable_known:
        return "UNKNOWN"
    return "MERGEABLE" if pull.test_merge() else "CONFLICTING"


def _changed_files(pull: PullRequest, _context: Context, _arguments: Arguments) -> int:
    objects = pull.repository.objects
    start = objects.merge_base(pull.base_sha, pull.head_sha)
    return len(changes(start.files if start else {}, objects[pull.head_sha].files))


_CHANGE_TYPES = {"added": "ADDED", "removed": "DELETED", "modified": "MODIFIED"}


@dataclass(frozen=True)
class _File:
    """A file of a pull request's diff; its path is its place in the list."""

    id: str
    state: str


def _files(pull: PullRequest, _context: Context, arguments: Arguments) -> Any:
    objects = pull.repository.objects
    start = objects.merge_base(pull.base_sha, pull.head_sha)
    changed = changes(start.files if start else {}, objects[pull.head_sha].files)
    return page([_File(path, state) for path, state in changed.items()], arguments)


def _potential(pull: PullRequest, _context: Context, _arguments: Arguments) -> Any:
    commit = pull.test_merge()
    return Located(pull.repository, commit) if commit else None


def _queue_entry(pull: PullRequest, context: Context, _arguments: Arguments) -> Any:
    entry = pull.repository.queue.entry(pull.number)
    return Located(pull.repository, entry) if entry else None


def _head_ref(pull: PullRequest, _context: Context, _arguments: Arguments) -> Any:
    return ref(pull.head_repository, pull.head_ref) if pull.head_repository else None


def _page_url(pull: PullRequest, context: Context, _arguments: Arguments) -> str:
    return f"{context.urls.page(pull.repository)}/pull/{pull.number}"


_PULL: Fields = {
    "id": lambda pull, _c, _a: node_id("PR", pull.id),
    "databaseId": attribute("id"),
    "fullDatabaseId": lambda pull, _c, _a: str(pull.id),
    "number": attribute("number"),
    "title": attribute("title"),
    "body": lambda pull, _c, _a: pull.body or "",
    "state": lambda pull, _c, _a: pull_state(pull),
    "isDraft": attribute("draft"),
    "merged": attribute("merged"),
    "mergedAt": attribute("merged_at"),
    "mergedBy": attribute("merged_by"),
    "closed": lambda pull, _c, _a: pull.state == "closed",
    "closedAt": attribute("closed_at"),
    "createdAt": attribute("created_at"),
    "updatedAt": attribute("updated_at"),
    "url": _page_url,
    "mergeable": _mergeable,
    "mergeCommit": lambda pull, _c, _a: _commit(pull, pull.merge_commit_sha),
    "potentialMergeCommit": _potential,
    "reviewDecision": lambda pull, _c, _a: pull.decision(),
    "baseRef": lambda pull, _c, _a: ref(pull.repository, pull.base_ref),
    "baseRefName": attribute("base_ref"),
    "baseRefOid": attribute("base_sha"),
    "baseRepository": attribute("repository"),
    "headRef": _head_ref,
    "headRefName": attribute("head_ref"),
    "headRefOid": attribute("head_sha"),
    "headRepository": attribute("head_repository"),
    "headRepositoryOwner": attribute("head_owner"),
    "repository": attribute("repository"),
    "author": attribute("author"),
    "authorAssociation": lambda pull, _c, _a: association(pull.repository, pull.author.login),
    "labels": _labels,
    "comments": _comments,
    "commits": _commits,
    "reviews": _reviews,
    "latestOpinionatedReviews": _opinions,
    "statusCheckRollup": lambda pull, _c, _a: rollup(_commit(pull, pull.head_sha)),
    "isCrossRepository": attribute("cross_repository"),
    "isInMergeQueue": lambda pull, _c, _a: pull.repository.queue.entry(pull.number) is not None,
    "mergeQueueEntry": _queue_entry,
    "changedFiles": _changed_files,
    "files": _files,
    "viewerDidAuthor": lambda pull, context, _a: pull.author.login == context.token.login,
}


def _did_author(source: Any, context: Context, _arguments: Arguments) -> bool:
    return bool(source.item.author.login == context.token.login)


def _association(source: Any, _context: Context, _arguments: Arguments) -> str:
    return association(source.home, source.item.author.login)


def _reason(source: Located[Issue], _context: Context, arguments: Arguments) -> str | None:
    reason = source.item.state_reason
    if reason == "duplicate" and not arguments.get("enableDuplicate"):
        reason = "not_planned"
    return reason.upper() if reason else None


def _issue_labels(source: Located[Issue], _context: Context, arguments: Arguments) -> Any:
    labels: list[Label] = source.item.labels
    return page(labels, arguments)


def _issue_comments(source: Located[Issue], _context: Context, arguments: Arguments) -> Any:
    found = source.home.comments_on(source.item.number)
    return page([Located(source.home, item) for item in found], arguments)


def _comment_url(source: Located[Comment], context: Context, _arguments: Arguments) -> str:
    kind = "pull" if source.item.number in source.home.pulls else "issues"
    page_url = f"{context.urls.page(source.home)}/{kind}/{source.item.number}"
    return f"{page_url}#issuecomment-{source.item.id}"


def _review_url(source: Located[Review], context: Context, _arguments: Arguments) -> str:
    number = next(pull.number for pull in source.home.pulls.values() if source.item in pull.reviews)
    return f"{context.urls.page(source.home)}/pull/{number}#pullrequestreview-{source.item.id}"


def _identity(kind: str) -> Resolver:
    return lambda source, _c, _a: node_id(kind, source.item.id)


def _pushes(source: Located[Review], _context: Context, _arguments: Arguments) -> bool:
    return source.home.role(source.item.author.login) in ("admin", "maintain", "write")


_WRITTEN: Fields = {
    "databaseId": lambda source, _c, _a: source.item.id,
    "author": inner("author"),
    "authorAssociation": _association,
    "body": lambda source, _c, _a: source.item.body or "",
    "viewerDidAuthor": _did_author,
}

_ISSUE: Fields = _WRITTEN | {
    "id": _identity("I"),
    "number": inner("number"),
    "title": inner("title"),
    "state": lambda source, _c, _a: source.item.state.upper(),
    "stateReason": _reason,
    "closed": lambda source, _c, _a: source.item.state == "closed",
    "closedAt": inner("closed_at"),
    "createdAt": inner("created_at"),
    "updatedAt": inner("updated_at"),
    "url": lambda source, context, _a: (
        f"{context.urls.page(source.home)}/issues/{source.item.number}"
    ),
    "labels": _issue_labels,
    "comments": _issue_comments,
    "repository": attribute("home"),
}

_COMMENT: Fields = _WRITTEN | {
    "id": _identity("IC"),
    "fullDatabaseId": lambda source, _c, _a: str(source.item.id),
    "isMinimized": lambda source, _c, _a: source.item.minimized_reason is not None,
    "minimizedReason": inner("minimized_reason"),
    "createdAt": inner("created_at"),
    "updatedAt": inner("updated_at"),
    "lastEditedAt": lambda source, _c, _a: (
        source.item.updated_at if source.item.edited_by else None
    ),
    "editor": inner("edited_by"),
    "includesCreatedEdit": lambda source, _c, _a: source.item.edited_by is not None,
    "url": _comment_url,
}

_REVIEW: Fields = _WRITTEN | {
    "id": _identity("PRR"),
    "state": inner("state"),
    "authorCanPushToRepository": _pushes,
    "commit": lambda source, _c, _a: Located(source.home, source.home.objects[source.item.commit]),
    "submittedAt": inner("submitted_at"),
    "fullDatabaseId": lambda source, _c, _a: str(source.item.id),
    "isMinimized": inner("hidden"),
    "lastEditedAt": inner("edited_at"),
    "includesCreatedEdit": lambda source, _c, _a: source.item.edited_at is not None,
    "url": _review_url,
}

FIELDS: dict[str, Fields] = {
    "PullRequest": _PULL,
    "PullRequestChangedFile": {
        "path": attribute("id"),
        "changeType": lambda source, _c, _a: _CHANGE_TYPES[source.state],
    },
    "Issue": _ISSUE,
    "IssueComment": _COMMENT,
    "PullRequestReview": _REVIEW,
    "PullRequestCommit": {
        "id": lambda source, _c, _a: node_id("PRC", int(source.item.sha[:8], 16)),
        "commit": lambda source, _c, _a: source,
        "url": lambda source, context, _a: (
            f"{context.urls.page(source.home)}/commit/{source.item.sha}"
        ),
    },
}
