"""Issues, and the comments on issues and pull requests."""

from tests.github_double.exchange import Answer
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Comment, Issue
from tests.github_double.refusals import forbidden, not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import pulls


def _found(call: Call) -> Issue | PullRequest:
    number, home = call.number("number"), call.repository
    found = home.issues.get(number) or home.pulls.get(number)
    if found is None:
        raise not_found()
    return found


def _issue(call: Call) -> Answer:
    return Answer(200, pulls.issue(call.urls, call.repository, _found(call)))


def _comments(call: Call) -> Answer:
    home = call.repository
    since = call.request.query.get("since", "")
    found = [c for c in home.comments_on(_found(call).number) if c.updated_at >= since]
    return call.listed(found, lambda item: pulls.comment(call.urls, home, item))


def _create(call: Call) -> Answer:
    body = call.request.text("body")
    comment = call.repository.comment(_found(call).number, body, author=call.login)
    return Answer(201, pulls.comment(call.urls, call.repository, comment))


def _comment(call: Call) -> Comment:
    comment = call.repository.comments.get(call.number("id"))
    if comment is None:
        raise not_found()
    return comment


def _read_comment(call: Call) -> Answer:
    return Answer(200, pulls.comment(call.urls, call.repository, _comment(call)))


def _own(call: Call) -> Comment:
    comment, token = _comment(call), call.token
    able = token is not None and token.kind == "user"
    able = able and call.repository.role(call.login) in ("admin", "maintain", "write")
    if comment.author.login != call.login and not able:
        raise forbidden("issues=write; pull_requests=write")
    return comment


def _edit(call: Call) -> Answer:
    comment = _own(call)
    call.repository.edit_comment(comment, call.request.text("body"), editor=call.login)
    return Answer(200, pulls.comment(call.urls, call.repository, comment))


def _delete(call: Call) -> Answer:
    del call.repository.comments[_own(call).id]
    return Answer(204)


_ISSUES = "/repos/{owner}/{name}/issues"
_EITHER = ("issues", "pull_requests")

ROUTES = (
    Route("GET", f"{_ISSUES}/comments/{{id}}", _read_comment, _EITHER),
    Route("PATCH", f"{_ISSUES}/comments/{{id}}", _edit, _EITHER),
    Route("DELETE", f"{_ISSUES}/comments/{{id}}", _delete, _EITHER),
    Route("GET", f"{_ISSUES}/{{number}}", _issue, _EITHER),
    Route("GET", f"{_ISSUES}/{{number}}/comments", _comments, _EITHER),
    Route("POST", f"{_ISSUES}/{{number}}/comments", _create, _EITHER),
)
