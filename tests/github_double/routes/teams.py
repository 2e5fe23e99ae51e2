"""Members of teams, which a workflow's own token never sees."""

from tests.github_double.exchange import Answer
from tests.github_double.refusals import forbidden, not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import common


def _members(call: Call) -> Answer:
    if call.token is None or not call.token.allows("members", "read"):
        raise forbidden("members=read")
    team = call.world.teams.get(f"{call.arguments['org']}/{call.arguments['team']}")
    if team is None:
        raise not_found()
    return call.listed(team, lambda login: common.user(call.urls, call.world.user(login)))


ROUTES = (Route("GET", "/orgs/{org}/teams/{team}/members", _members),)
