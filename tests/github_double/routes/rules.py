"""Rules of branches: rulesets for everybody, classic protection for administrators."""

from tests.github_double.exchange import Answer
from tests.github_double.refusals import not_found
from tests.github_double.routing import Call, Route
from tests.github_double.shapes import rules


def _holding(call: Call) -> Answer:
    home = call.repository
    found = [
        rules.rule(home, ruleset, rule)
        for ruleset in home.rules.holding(call.arguments["branch"])
        for rule in ruleset.rules
    ]
    return call.listed(found, lambda item: item)


def _ruleset(call: Call) -> Answer:
    home = call.repository
    ruleset = home.rules.rulesets.get(call.number("id"))
    if ruleset is None:
        raise not_found()
    shape = rules.ruleset(call.urls, home, ruleset)
    if call.token is None or not call.token.allows("administration", "read"):
        del shape["bypass_actors"]  # told to those who may change it
    return Answer(200, shape)


def _protection(call: Call) -> Answer:
    home, branch = call.repository, call.arguments["branch"]
    if branch not in home.rules.protections:
        raise not_found("Branch not protected")
    return Answer(200, rules.protection(call.urls, home, branch))


_HOME = "/repos/{owner}/{name}"

ROUTES = (
    Route("GET", f"{_HOME}/rules/branches/{{branch...}}", _holding),
    Route("GET", f"{_HOME}/rulesets/{{id}}", _ruleset),
    Route("GET", f"{_HOME}/branches/{{branch...}}/protection", _protection, ("administration",)),
)
