"""Repositories, permissions of people, the caller, the rate limit."""

from tests.github_double.exchange import Answer
from tests.github_double.refusals import forbidden
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import common

_PERMISSIONS = {"maintain": "write", "triage": "read"}


def _repository(call: Call) -> Answer:
    role = call.repository.role(call.login)
    return Answer(200, common.full_repository(call.urls, call.repository, role))


def _permission(call: Call) -> Answer:
    account = call.world.user(call.arguments["user"])
    role = call.repository.role(account.login)
    permission = _PERMISSIONS.get(role, role)
    shape = {
        "permission": permission,
        "role_name": role,
        "user": common.user(call.urls, account) | {"role_name": role},
    }
    return Answer(200, shape)


def _user(call: Call) -> Answer:
    if call.token is None or call.token.kind == "installation":
        raise forbidden()  # an Actions token is nobody in particular
    return Answer(200, common.user(call.urls, call.world.user(call.login)) | {"name": None})


def _rate_limit(call: Call) -> Answer:
    return Answer(200, call.limits.overview(call.token))


ROUTES = (
    Route("GET", "/user", _user),
    Route("GET", "/rate_limit", _rate_limit),
    Route("GET", "/repos/{owner}/{name}", _repository),
    Route("GET", "/repos/{owner}/{name}/collaborators/{user}/permission", _permission),
)
