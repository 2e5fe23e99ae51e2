"""Pull requests, their reviews, commits and files."""

from typing import Any

from tests.github_double.exchange import Answer
from tests.github_double.pulls import PullRequest
from tests.github_double.refusals import not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import commits, pulls


def _pull(call: Call) -> PullRequest:
    found = call.repository.pulls.get(call.number("number"))
    if found is None:
        raise not_found()
    return found


def _dated(call: Call, shape: dict[str, Any]) -> dict[str, Any]:
    # The version of 2026-03-10 took these two away.
    if call.request.version != "2022-11-28":
        shape.pop("merge_commit_sha", None)
        shape.pop("assignee", None)
    return shape


def _one(call: Call) -> Answer:
    return Answer(200, _dated(call, pulls.pull_request(call.urls, _pull(call))))


def _list(call: Call) -> Answer:
    query = call.request.query
    state, base, head = query.get("state", "open"), query.get("base"), query.get("head")
    found = [
        pull
        for pull in call.repository.pulls.values()
        if state in ("all", pull.state)
        and base in (None, pull.base_ref)
        and head in (None, f"{pull.head_owner.login}:{pull.head_ref}")
    ]
    by_update = query.get("sort", "created") == "updated"
    newest_first = query.get("direction", "asc" if by_update else "desc") == "desc"
    found.sort(
        key=lambda pull: (pull.updated_at if by_update else pull.created_at, pull.number),
        reverse=newest_first,
    )
    return call.listed(found, lambda pull: _dated(call, pulls.pull_summary(call.urls, pull)))


def _reviews(call: Call) -> Answer:
    pull = _pull(call)
    return call.listed(pull.reviews, lambda item: pulls.review(call.urls, pull, item))


def _files(call: Call) -> Answer:
    pull = _pull(call)
    objects = pull.repository.objects
    start = objects.merge_base(pull.base_sha, pull.head_sha)
    before = start.files if start else {}
    head = objects[pull.head_sha]
    files = commits.changed_files(call.urls, pull.repository, before, head)
    return call.listed(files[:3000], lambda item: item)


def _commits(call: Call) -> Answer:
    pull = _pull(call)
    ahead = pull.repository.objects.ahead(pull.base_sha, pull.head_sha)
    return call.listed(ahead, lambda c: commits.commit_summary(call.urls, pull.repository, c))


_PULLS = "/repos/{owner}/{name}/pulls"
_READ = ("pull_requests",)

ROUTES = (
    Route("GET", _PULLS, _list, _READ),
    Route("GET", f"{_PULLS}/{{number}}", _one, _READ),
    Route("GET", f"{_PULLS}/{{number}}/reviews", _reviews, _READ),
    Route("GET", f"{_PULLS}/{{number}}/files", _files, _READ),
    Route("GET", f"{_PULLS}/{{number}}/commits", _commits, _READ),
)
