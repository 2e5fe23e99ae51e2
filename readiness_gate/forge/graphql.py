"""What the answers to GraphQL queries mean; pure.

Errors come with HTTP 200 and beside partial data, so an answer counts only where no error's
path touches it (GitHub GraphQL: rate limits and node limits; notes on pull requests 46).
"""

import re
from collections.abc import Collection, Iterator, Mapping

from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Comment
from readiness_gate.forge.client import lacks_permission, permission_missing
from readiness_gate.forge.queries import LARGEST_NUMBER, Grouped
from readiness_gate.forge.rest import Fields
from readiness_gate.forge.retry import Answer
from readiness_gate.model.pull_request import (
    Fact,
    Issue,
    Missing,
    PullRequest,
    Reference,
    Unreachable,
)


def facts(grouped: Grouped, answer: Answer) -> dict[Reference, Fact]:
    """Return the fact of every reference of a batch; what is not certain is unreachable."""
    read = _Read(answer)
    return {
        reference: _fact(read, place, reference)
        for place, (_, references) in enumerate(grouped)
        for reference in references
    }


def pull_request(fields: Fields, repository: str) -> PullRequest:
    """Return the pull request of the fragment `pull`."""
    author = fields.fields("author") if fields.has("author") else None
    head = fields.fields("headRepository") if fields.has("headRepository") else None
    commit = fields.fields("mergeCommit") if fields.has("mergeCommit") else None
    return PullRequest(
        reference=Reference(repository, fields.number("number")),
        title=fields.text("title"),
        body=fields.text("body", default=""),
        state="open" if fields.text("state") == "OPEN" else "closed",
        draft=fields.truth("isDraft"),
        merged=fields.truth("merged"),
        base_branch=fields.text("baseRefName"),
        base_sha=fields.text("baseRefOid"),
        head_branch=fields.text("headRefName"),
        head_sha=fields.text("headRefOid"),
        head_repository=head.text("nameWithOwner") if head else "",
        author=login(author) if author else "ghost",
        labels=tuple(label.text("name") for label in fields.fields("labels").items("nodes"))
        if fields.has("labels")
        else (),
        merged_at=fields.time("mergedAt"),
        merge_commit_sha=commit.text("oid") if commit else None,
    )


def own_comments(fields: Fields) -> list[Comment]:
    """Return the comments of one page that the token's own identity wrote."""
    return [
        Comment(
            id=one.number("fullDatabaseId"),
            body=one.text("body"),
            url=one.text("url"),
            updated_at=one.time("updatedAt"),
        )
        for one in fields.items("nodes")
        if one.truth("viewerDidAuthor")
    ]


def whole(answer: Answer, *path: str, permission: str, beside: Collection[str] = ()) -> Fields:
    """Return the object at `path` of an answer that has to be complete.

    Errors at or below a field of a name in `beside` are left to the caller.

    Raises:
        PermissionMissing: an error says so.
        ForgeError: there is any other error, or nothing at the path.
    """
    for error in answer.errors:
        if _tolerated(error) or any(step in beside for step in _path(error)):
            continue
        said = " ".join(str(error.get("message", "")).split())[:200]
        if error.get("type") in {"FORBIDDEN", "INSUFFICIENT_SCOPES"} or lacks_permission(said):
            raise permission_missing(permission, said)
        raise ForgeError(f"GitHub's GraphQL answer is not complete: {said}")
    fields = Fields(answer.data, "a query").fields("data")
    for name in path:
        fields = fields.fields(name)
    return fields


class _Read:
    """An answer with its errors by the first two names of their paths."""

    def __init__(self, answer: Answer) -> None:
        data = answer.data.get("data") if isinstance(answer.data, Mapping) else None
        self.data: Mapping[str, object] = data if isinstance(data, Mapping) else {}
        self.everywhere = ""
        self._at: dict[tuple[str, ...], Mapping[str, object]] = {}
        for error in answer.errors:
            path = error.get("path")
            if _tolerated(error):
                continue
            if isinstance(path, list) and path:
                self._at.setdefault(tuple(str(step) for step in path[:2]), error)
            else:
                self.everywhere = self.everywhere or _said(error)

    def error(self, *path: str) -> Mapping[str, object] | None:
        return self._at.get(path)

    def object(self, repository: str, name: str) -> object:
        inner = self.data.get(repository)
        return inner.get(name) if isinstance(inner, Mapping) else None


def _fact(read: _Read, place: int, reference: Reference) -> Fact:
    repository, name = f"r{place}", f"n{reference.number}"
    lost = _lost_repository(read, repository, reference)
    if lost:
        return Unreachable(reference, lost)
    if reference.number > LARGEST_NUMBER:
        return Missing(reference)
    error, found = read.error(repository, name), read.object(repository, name)
    if error is not None:
        gone = error.get("type") == "NOT_FOUND" and len(_path(error)) == 2
        return (
            Missing(reference) if gone and found is None else Unreachable(reference, _said(error))
        )
    try:
        return _thing(Fields(found, str(reference)), reference)
    except ForgeError as unusable:
        return Unreachable(reference, unusable.message)


def _lost_repository(read: _Read, repository: str, reference: Reference) -> str:
    error = read.error(repository)
    if error is not None and error.get("type") == "NOT_FOUND":
        return f"{reference.repository} is not visible to the token"
    if error is not None or read.everywhere:
        return _said(error) if error is not None else read.everywhere
    if read.object(repository, "nameWithOwner") is None:
        return "GitHub gave no answer for the repository"
    return ""


def _thing(fields: Fields, reference: Reference) -> Fact:
    if fields.text("__typename") == "Issue":
        reason = fields.text("stateReason", default="").lower() or None
        state = fields.text("issueState").lower()
        return Issue(reference, fields.text("title"), state, reason)
    return pull_request(fields, reference.repository)


def reverting(grouped: Grouped, answer: Answer) -> dict[Reference, list[Reference]]:
    """Return, per merged pull request, the merged ones on its base that say they revert it.

    GitHub's Revert button writes `Reverts owner/repo#14`, `git revert` the commit; both show up
    as cross references of the reverted one.
    """
    read, found = _Read(answer), dict[Reference, list[Reference]]()
    for place, (_, references) in enumerate(grouped):
        for reference in references:
            data = read.object(f"r{place}", f"n{reference.number}")
            fact = _fact(read, place, reference)
            if isinstance(fact, PullRequest) and fact.merged:
                numbers = list(_reverters(Fields(data, str(reference)), fact))
                if numbers:
                    found[reference] = [Reference(reference.repository, n) for n in numbers]
    return found


def _reverters(fields: Fields, fact: PullRequest) -> Iterator[int]:
    home = fact.reference.repository
    words = [rf"^Reverts (?:{re.escape(home)})?#{fact.reference.number}\b"]
    if fact.merge_commit_sha:
        words.append(rf"This reverts commit {fact.merge_commit_sha[:7]}")
    pattern = re.compile("|".join(words), re.IGNORECASE | re.MULTILINE)
    # What the token cannot see is null here; other failures have an error of their own.
    for event in fields.fields("timelineItems").items("nodes", null_too=True):
        if not event.has("source"):
            continue
        source = event.fields("source")
        if source.text("__typename") != "PullRequest" or not source.truth("merged"):
            continue
        near = source.fields("repository").text("nameWithOwner").lower() == home.lower()
        same_base = near and source.text("baseRefName") == fact.base_branch
        if same_base and pattern.search(source.text("body", default="")):
            yield source.number("number")


def _tolerated(error: Mapping[str, object]) -> bool:
    # A fork that is private or gone, and references out of repositories that the token cannot
    # see, say nothing about the pull request itself.
    path = _path(error)
    hidden = error.get("type") in {"NOT_FOUND", "FORBIDDEN"}
    return hidden and ("headRepository" in path[-1:] or "source" in path)


def _path(error: Mapping[str, object]) -> list[object]:
    path = error.get("path")
    return path if isinstance(path, list) else []


def _said(error: Mapping[str, object]) -> str:
    said = " ".join(str(error.get("message") or "GitHub gave an error without words").split())
    if error.get("type") == "FORBIDDEN" or lacks_permission(said):
        return f"the token lacks pull-requests: read or issues: read ({said[:120]})"
    return said[:200]


def login(author: Fields) -> str:
    """Return the login of an actor as REST writes it."""
    # REST writes a bot's login with the suffix, and the rest of the gate reads REST's form.
    suffix = "[bot]" if author.text("__typename") == "Bot" else ""
    return author.text("login") + suffix
